// The hash of a file as a value of 32 bytes.

import Foundation
import Hashing

/// A SHA-256, without an array for each.
struct ContentHash: Sendable, Equatable {
  private var words: (UInt64, UInt64, UInt64, UInt64)

  /// - Parameter bytes: 32 of them.
  init(_ bytes: UnsafeRawBufferPointer) {
    func word(_ index: Int) -> UInt64 {
      bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
    }
    words = (word(0), word(1), word(2), word(3))
  }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: words, body)
  }

  /// The 32 bytes.
  var bytes: [UInt8] { withBytes { Array($0) } }

  /// As 64 hexadecimal digits.
  var hex: String { withBytes { Digest.hex($0) } }

  static func == (a: ContentHash, b: ContentHash) -> Bool { a.words == b.words }
}
