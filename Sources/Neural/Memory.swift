// Plain memory of floats or doubles with one owner.

/// Zeroed memory, aligned to cache lines, freed with its owner.
final class Memory<Element: BitwiseCopyable> {
  let count: Int
  let pointer: UnsafeMutablePointer<Element>
  var bytes: Int { count * MemoryLayout<Element>.stride }

  init(count: Int, zero: Element) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Element>.stride, alignment: 64)
    pointer = raw.initializeMemory(as: Element.self, repeating: zero, count: max(count, 1))
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}

typealias Floats = Memory<Float>
typealias Doubles = Memory<Double>

extension Memory where Element == Float {
  convenience init(_ count: Int) { self.init(count: count, zero: 0) }
}

extension Memory where Element == Double {
  convenience init(_ count: Int) { self.init(count: count, zero: 0) }
}
