// Plain memory of floats or doubles with one owner.

#if canImport(Glibc)
  import Glibc
#endif

/// From how many bytes on memory lies in pages of this size where the system has them: many passes
/// over tens of megabytes would otherwise wait for addresses to be looked up.
private let largePage = 2 << 20

/// Zeroed memory, aligned to cache lines, freed with its owner.
final class Memory<Element: BitwiseCopyable> {
  let count: Int
  let pointer: UnsafeMutablePointer<Element>
  var bytes: Int { count * MemoryLayout<Element>.stride }

  init(count: Int, zero: Element) {
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    let isLarge = bytes >= 2 * largePage
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: isLarge ? largePage : 64)
    #if canImport(Glibc)
      // A wish: where it isn't granted, all works as before.
      if isLarge { _ = madvise(raw, bytes / largePage * largePage, MADV_HUGEPAGE) }
    #endif
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
