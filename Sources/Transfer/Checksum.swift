// A checksum that a server states for a content.

import Foundation

/// What a content's bytes come to, by one of the sums that storage servers know.
enum Checksum: Equatable {
  /// 16 bytes.
  case md5([UInt8])
  /// Four bytes, the highest first.
  case crc32c([UInt8])

  /// Whether a file has it.
  /// - Throws: `TransferError` where it can't be read.
  func fits(_ file: URL) throws -> Bool {
    switch self {
    case .md5(let stated):
      var digest = MD5()
      try readPieces(of: file) {
        digest.update($0)
        return true
      }
      return digest.digest() == stated
    case .crc32c(let stated):
      var sum = CRC32C()
      try readPieces(of: file) {
        sum.update($0)
        return true
      }
      return sum.digest == stated
    }
  }
}
