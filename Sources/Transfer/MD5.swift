// The MD5 digest (RFC 1321). Not for security: storage servers state it as a file's checksum.

import Foundation

/// Digests bytes given piece by piece.
package struct MD5 {
  private var state: (UInt32, UInt32, UInt32, UInt32) = (
    0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476
  )
  private var length: UInt64 = 0
  /// What doesn't fill a block of 64 bytes yet.
  private var rest: [UInt8] = []

  package init() {}

  /// Adds bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var bytes = bytes[...]
    if !rest.isEmpty {
      let taken = bytes.prefix(64 - rest.count)
      rest.append(contentsOf: taken)
      bytes = bytes.dropFirst(taken.count)
      guard rest.count == 64 else { return }
      rest.withUnsafeBytes { mix($0, at: 0) }
      rest.removeAll(keepingCapacity: true)
    }
    let whole = UnsafeRawBufferPointer(rebasing: bytes)
    var offset = 0
    while offset + 64 <= whole.count {
      mix(whole, at: offset)
      offset += 64
    }
    rest.append(contentsOf: whole[offset...])
  }

  /// The 16 bytes of the digest.
  package consuming func digest() -> [UInt8] {
    let bits = length &* 8
    var tail: [UInt8] = [0x80]
    tail += [UInt8](repeating: 0, count: (119 - rest.count) % 64)
    tail += withUnsafeBytes(of: bits.littleEndian) { Array($0) }
    tail.withUnsafeBytes { update($0) }
    return [state.0, state.1, state.2, state.3].flatMap { word in
      withUnsafeBytes(of: word.littleEndian) { Array($0) }
    }
  }

  private mutating func mix(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    var (a, b, c, d) = state
    for step in 0..<64 {
      let mixed: UInt32
      let word: Int
      switch step / 16 {
      case 0: (mixed, word) = ((b & c) | (~b & d), step)
      case 1: (mixed, word) = ((d & b) | (~d & c), (5 * step + 1) % 16)
      case 2: (mixed, word) = (b ^ c ^ d, (3 * step + 5) % 16)
      default: (mixed, word) = (c ^ (b | ~d), 7 * step % 16)
      }
      let input = UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4 * word, as: UInt32.self))
      let sum = a &+ mixed &+ Self.sines[step] &+ input
      let turn = Self.turns[step / 16][step % 4]
      (a, d, c, b) = (d, c, b, b &+ (sum << turn | sum >> (32 - turn)))
    }
    state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d)
  }

  private static let turns: [[UInt32]] = [
    [7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21],
  ]
  /// The RFC's table: the first 32 bits of |sin(i)|, i from 1 to 64.
  private static let sines = (1...64).map { UInt32(abs(sin(Double($0))) * 4_294_967_296) }
}
