// Numbers out of bytes, with every place checked against the end.

/// Reads numbers, lowest byte first, from bytes that may end anywhere.
package struct ByteCursor {
  private let bytes: UnsafeBufferPointer<UInt8>
  /// The place of the next byte.
  package var place: Int

  package init(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int = 0) {
    self.bytes = bytes
    self.place = place
  }

  /// Bytes from here to the end.
  package var left: Int { max(0, bytes.count - place) }

  /// The next number of 1 to 8 bytes.
  package mutating func number(_ size: Int) throws -> Int {
    let part = try take(size)
    let value = part.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let number = Int(exactly: value) else {
      throw ReadingProblem("it names a place or a size beyond all bounds")
    }
    return number
  }

  /// The next bytes.
  package mutating func take(_ count: Int) throws -> Slice<UnsafeBufferPointer<UInt8>> {
    guard count >= 0, place >= 0, place <= bytes.count, count <= left else {
      throw ReadingProblem("the file ends too early")
    }
    defer { place += count }
    return bytes[place..<(place + count)]
  }

  /// The next bytes as text.
  package mutating func text(_ count: Int) throws -> String {
    String(decoding: try take(count), as: UTF8.self)
  }

  package mutating func skip(_ count: Int) throws { _ = try take(count) }
}
