// The Castagnoli CRC (RFC 3720, appendix B.4). Not for security: Google's storage states it as a file's
// checksum, of composed objects as the only one.

/// Checks bytes given piece by piece.
package struct CRC32C {
  private var state: UInt32 = ~0

  package init() {}

  /// Adds bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var state = state
    Self.table.withUnsafeBufferPointer { table in
      for byte in bytes { state = table[Int((state ^ UInt32(byte)) & 0xff)] ^ (state >> 8) }
    }
    self.state = state
  }

  /// The four bytes of the sum, the highest first.
  package var digest: [UInt8] { withUnsafeBytes(of: (~state).bigEndian) { Array($0) } }

  /// What a byte does to the state, by the reversed polynomial.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { state, _ in
      state & 1 == 0 ? state >> 1 : state >> 1 ^ 0x82f6_3b78
    }
  }
}
