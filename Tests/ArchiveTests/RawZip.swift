// Zip archives built byte by byte, so that tests can make the ones that no writer would.
// Format: PKWARE's APPNOTE.TXT; every entry is stored, none compressed.

import Foundation

struct RawZip {
  struct Entry {
    var name: String
    var content: [UInt8] = Array("x".utf8)
    /// The Unix mode, type bits included.
    var mode: UInt32 = 0o100644
    /// Bit 0: encrypted. Bit 11: the name is UTF-8.
    var flags: UInt16 = 1 << 11
    /// The name as it stands in the archive, where that isn't `name` in UTF-8.
    var nameBytes: [UInt8]?
    /// How the content is packed; whatever it says, it lies there as it is.
    var method: UInt16 = 0
    /// Sizes as the headers state them, where that differs from the truth.
    var statedSize: Int?
  }

  static func data(_ entries: [Entry], comment: Int = 0) -> Data {
    var body: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = body.count
      let name = entry.nameBytes ?? Array(entry.name.utf8)
      let size = UInt32(entry.statedSize ?? entry.content.count)
      let common: [UInt8] =
        le(20 as UInt16) + le(entry.flags) + le(entry.method) + le(0 as UInt16) + le(33 as UInt16)
        + le(crc32(entry.content)) + le(size) + le(size) + le(UInt16(name.count)) + le(0 as UInt16)
      body += le(0x0403_4b50 as UInt32) + common + name + entry.content
      // "Made by" 3 is Unix: the mode is in the upper half of the external attributes.
      directory += le(0x0201_4b50 as UInt32) + le(UInt16(3 << 8 | 20)) + common
      directory += le(0 as UInt16) + le(0 as UInt16) + le(0 as UInt16)
      directory += le(entry.mode << 16) + le(UInt32(offset)) + name
    }
    let end =
      le(0x0605_4b50 as UInt32) + le(0 as UInt16) + le(0 as UInt16) + le(UInt16(entries.count))
      + le(UInt16(entries.count)) + le(UInt32(directory.count)) + le(UInt32(body.count))
      + le(UInt16(comment))
    return Data(body + directory + end + [UInt8](repeating: UInt8(ascii: "c"), count: comment))
  }

  private static func le<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
