// MetaImage files: one that holds its numbers, and a header with the numbers beside it.

import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct MetaImageTests {
  private func header(_ type: String, _ target: String, _ more: String = "") -> Data {
    Data(
      """
      ObjectType = Image
      NDims = 3
      BinaryData = True
      BinaryDataByteOrderMSB = False
      \(more)DimSize = 3 2 2
      ElementType = \(type)
      ElementDataFile = \(target)

      """.utf8)
  }

  private let slices = (0..<12).map { UInt8($0) }
  /// Both slices as channels.
  private let channels = (0..<6).flatMap { [UInt8($0), UInt8($0 + 6)] }

  @Test func slicesAreChannelsOrPages() throws {
    let data = header("MET_UCHAR", "LOCAL") + slices
    let scan = try decode(data)
    #expect(scan.width == 3 && scan.height == 2 && scan.channels == 2)
    #expect(scan.samples == .bytes(channels))
    let slice = try decode(data, options { $0.pages = .one(1) })
    #expect(slice.samples == .bytes(Array(slices[6...])))
  }

  @Test func numbersOfBothOrdersAndSigns() throws {
    let numbers = (0..<12).map { Int16(300 * ($0 - 6)) }
    let expected = (0..<6).flatMap { [Float(numbers[$0]), Float(numbers[$0 + 6])] }
    let little = numbers.withUnsafeBytes { Array($0) }
    #expect(try decode(header("MET_SHORT", "LOCAL") + little).samples == .floats(expected))
    let big = numbers.map(\.bigEndian).withUnsafeBytes { Array($0) }
    #expect(
      try decode(header("MET_SHORT", "LOCAL", "ElementByteOrderMSB = True\n") + big).samples
        == .floats(expected))
  }

  /// zlib.compress(bytes(range(12)))
  @Test func compressedNumbers() throws {
    let packed = try #require(Data(base64Encoded: "eJxjYGRiZmFlY+fg5OIGAAEqAEM="))
    let more = "CompressedData = True\nCompressedDataSize = \(packed.count)\n"
    let data = header("MET_UCHAR", "LOCAL", more) + packed
    #expect(try decode(data).samples == .bytes(channels))
    #expect(!reason(data.dropLast(12)).isEmpty)
  }

  @Test func numbersInAFileBeside() throws {
    let folder = try TemporaryFolder()
    let text = String(decoding: header("MET_UCHAR", "ct.raw"), as: UTF8.self)
    let file = try folder.write(text, to: "ct.mhd")
    func reason() -> String {
      let error = #expect(throws: ImageFileError.self) { try ImageFile.decode(contentsOf: file) }
      return error?.reason ?? ""
    }
    #expect(
      reason()
        == "its numbers should be in ct.raw beside it, of which there is to say: it can't be read: No such file or directory (read as MetaImage)"
    )
    try Data(slices).write(to: folder.url.appendingPathComponent("ct.raw"))
    #expect(try ImageFile.decode(contentsOf: file).samples == .bytes(channels))
    try Data(slices.dropLast()).write(to: folder.url.appendingPathComponent("ct.raw"))
    #expect(reason().contains("there are 11 bytes of pixels, where 12 belong"))
    for elsewhere in ["/etc/hostname", "../ct.raw", "slice%03d.raw"] {
      try header("MET_UCHAR", elsewhere).write(to: file)
      #expect(reason().contains(elsewhere))
    }
  }
}
