// SHA-256 of bytes, as lower-case hex. The one place that knows the hash function.

import Crypto
import Foundation

/// A running SHA-256.
struct Digest {
  private var hasher = SHA256()

  mutating func update(_ bytes: UnsafeRawBufferPointer) { hasher.update(bufferPointer: bytes) }

  mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) }
  }

  /// The 32 bytes.
  func bytes() -> [UInt8] { Array(hasher.finalize()) }

  /// The digest as 64 hexadecimal digits.
  func hex() -> String { Self.hex(bytes()) }

  static func hex(of bytes: [UInt8]) -> String {
    var digest = Digest()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.hex()
  }

  static func hex(of text: String) -> String {
    var digest = Digest()
    digest.update(text)
    return digest.hex()
  }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The bytes that hexadecimal digits stand for; none where they are no such digits.
  static func bytes(ofHex text: String) -> [UInt8] {
    let digits = text.utf8.map { digit -> UInt8? in
      switch digit {
      case 0x30...0x39: digit - 0x30
      case 0x61...0x66: digit - 0x61 + 10
      default: nil
      }
    }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count - 1, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return [] }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}
