// Memory, and whoever keeps it.

/// Memory with numbers, and whoever keeps it.
package struct RawMemory {
  package let bytes: UnsafeRawBufferPointer
  /// A file's bytes, or memory that was set aside.
  package let owner: AnyObject

  package init(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) {
    self.bytes = bytes
    self.owner = owner
  }

  /// A file's bytes from a place to its end.
  package init(_ file: FileBytes, from place: Int) {
    bytes = UnsafeRawBufferPointer(
      rebasing: UnsafeRawBufferPointer(file.all)[min(place, file.count)...])
    owner = file
  }

  /// Memory that a function fills.
  package init(count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
    let held = Held(count)
    try fill(held.bytes)
    bytes = UnsafeRawBufferPointer(held.bytes)
    owner = held
  }

  private final class Held {
    let bytes: UnsafeMutableRawBufferPointer
    init(_ count: Int) { bytes = .allocate(byteCount: count, alignment: 16) }
    deinit { bytes.deallocate() }
  }
}
