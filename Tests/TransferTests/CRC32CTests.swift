// The Castagnoli CRC against the values of RFC 3720, appendix B.4, and its well-known check value.

import Testing
import Transfer

@Suite struct CRC32CTests {
  @Test(
    arguments: [
      ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
      ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
      (Array(0...31), 0x46dd_794e), (Array("123456789".utf8), 0xe306_9283), ([], 0),
    ] as [([UInt8], UInt32)])
  func knownSums(_ bytes: [UInt8], _ sum: UInt32) {
    var crc = CRC32C()
    bytes.withUnsafeBytes { whole in
      crc.update(UnsafeRawBufferPointer(rebasing: whole[..<(bytes.count / 3)]))
      crc.update(UnsafeRawBufferPointer(rebasing: whole[(bytes.count / 3)...]))
    }
    #expect(crc.digest == [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) })
  }
}
