// The digest against the values of its specification, and against itself when given in pieces.

import Foundation
import Testing
import Transfer

@Suite struct MD5Tests {
  // RFC 1321, appendix A.5; the last two are the digests of 1,000 letters "a" and of a million, by
  // coreutils' md5sum.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
    (String(repeating: "a", count: 1000), "cabe45dcc9ae5b66ba86600cca6b8ba8"),
    (String(repeating: "a", count: 1_000_000), "7707d6ae4e027c70eea2a935c2296f21"),
  ])
  func knownDigests(_ text: String, _ digest: String) {
    #expect(MD5.of(Data(text.utf8)).map { String(format: "%02x", $0) }.joined() == digest)
  }

  @Test func piecesMakeNoDifference() {
    let data = Data((0..<300).map { UInt8(truncatingIfNeeded: $0) })
    for length in 0..<data.count {
      var pieces = MD5()
      data.prefix(length / 3).withUnsafeBytes { pieces.update($0) }
      data[(length / 3)..<length].withUnsafeBytes { pieces.update($0) }
      #expect(pieces.digest() == MD5.of(data.prefix(length)))
    }
  }
}
