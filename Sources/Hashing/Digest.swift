// SHA-256 of bytes, as lower-case hex. The one place that knows the hash function.

import CCrypto
import Foundation

/// A running SHA-256.
///
/// The context belongs to this object, and is freed with it.
package final class Digest {
  private let context: OpaquePointer

  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      fatalError("libcrypto has no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  package func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The 32 bytes of what came so far. More can follow.
  package func bytes() -> [UInt8] {
    let copy = Digest()
    EVP_MD_CTX_copy_ex(copy.context, context)
    var bytes = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(copy.context, &bytes, nil)
    return bytes
  }

  /// The digest as 64 hexadecimal digits.
  package func hex() -> String { Self.hex(bytes()) }

  package static func hex(of bytes: [UInt8]) -> String {
    let digest = Digest()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.hex()
  }

  package static func hex(of text: String) -> String {
    let digest = Digest()
    digest.update(text)
    return digest.hex()
  }

  package static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The bytes that hexadecimal digits stand for; none where they are no such digits.
  package static func bytes(ofHex text: String) -> [UInt8] {
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
