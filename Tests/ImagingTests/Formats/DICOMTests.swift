// DICOM files, built by hand after PS3.5 and PS3.10.

import Foundation
import Imaging
import Testing

@Suite struct DICOMTests {
  /// A file being built.
  struct File {
    var isImplicit = false
    private(set) var data = Data(count: 128) + Data("DICM".utf8)

    init(isImplicit: Bool = false, syntax: String? = nil) {
      self.isImplicit = isImplicit
      let known = isImplicit ? "1.2.840.10008.1.2\0" : "1.2.840.10008.1.2.1\0"
      add(2, 0x10, "UI", Array((syntax ?? known).utf8), isMeta: true)
    }

    mutating func add(
      _ group: UInt16, _ element: UInt16, _ kind: String, _ value: [UInt8], isMeta: Bool = false,
      length: UInt32? = nil
    ) {
      let count = length ?? UInt32(value.count)
      data += DICOMTests.bytes(group) + DICOMTests.bytes(element)
      if isImplicit && !isMeta {
        data += DICOMTests.bytes(count)
      } else if ["OB", "OW", "SQ", "UN"].contains(kind) {
        data += Array(kind.utf8) + [0, 0] + DICOMTests.bytes(count)
      } else {
        data += Array(kind.utf8) + DICOMTests.bytes(UInt16(count))
      }
      data += value
    }

    mutating func add(_ element: UInt16, _ number: UInt16) {
      add(0x28, element, "US", DICOMTests.bytes(number))
    }

    mutating func add(_ element: UInt16, _ kind: String, _ text: String) {
      add(0x28, element, kind, Array((text.utf8.count % 2 == 0 ? text : text + " ").utf8))
    }
  }

  static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  /// Two rows of three pixels.
  private func file(
    isImplicit: Bool = false, photometric: String = "MONOCHROME2", allocated: UInt16 = 16,
    stored: UInt16 = 12, isSigned: Bool = false, rule: (String, String)? = nil, frames: Int = 1,
    planar: UInt16 = 0, pixels: [UInt8]
  ) -> Data {
    var file = File(isImplicit: isImplicit)
    // A sequence of unknown length, with an item of each kind, whose rows are none of the picture's.
    let inner = File(isImplicit: isImplicit).element(0x28, 0x10, Self.bytes(UInt16(99)))
    let tag: [UInt8] = [0xfe, 0xff, 0, 0xe0]
    let items =
      tag + Self.bytes(UInt32(inner.count)) + inner + tag + [255, 255, 255, 255] + inner
      + [0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0] + [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]
    file.add(8, 0x1110, "SQ", items, length: 0xffff_ffff)
    file.add(2, photometric == "RGB" ? 3 : 1)
    file.add(4, "CS", photometric)
    if photometric == "RGB" { file.add(6, planar) }
    file.add(8, "IS", "\(frames)")
    file.add(0x10, 2)
    file.add(0x11, 3)
    file.add(0x100, allocated)
    file.add(0x101, stored)
    file.add(0x102, stored - 1)
    file.add(0x103, isSigned ? 1 : 0)
    if let rule {
      file.add(0x1052, "DS", rule.1)
      file.add(0x1053, "DS", rule.0)
    }
    file.add(0x7fe0, 0x10, "OW", pixels)
    return file.data
  }

  private let numbers: [UInt16] = [0, 1, 1000, 2048, 4000, 4095]
  private var words: [UInt8] { numbers.flatMap(Self.bytes) }

  @Test(arguments: [false, true]) func greyOfTwelveBits(isImplicit: Bool) throws {
    let scan = try decode(file(isImplicit: isImplicit, pixels: words))
    #expect(
      scan == Scan(width: 3, height: 2, channels: 1, samples: .words(numbers), fullScale: 4095))
    // Bits above those stored, such as an overlay's, are none of the value.
    let overlaid = numbers.flatMap { Self.bytes($0 | 0x8000) }
    #expect(try decode(file(isImplicit: isImplicit, pixels: overlaid)) == scan)
    let white = try decode(file(isImplicit: isImplicit, photometric: "MONOCHROME1", pixels: words))
    #expect(white.samples == .words(numbers.map { 4095 - $0 }))
  }

  @Test(arguments: [false, true]) func hounsfieldUnits(isImplicit: Bool) throws {
    let expected = numbers.map { 0.5 * Float($0) - 1024 }
    let scan = try decode(file(isImplicit: isImplicit, rule: ("0.5", "-1024"), pixels: words))
    #expect(scan.samples == .floats(expected) && scan.fullScale == 1)
    // Values with a unit are not turned.
    let turned = try decode(
      file(photometric: "MONOCHROME1", rule: ("0.5", "-1024"), pixels: words))
    #expect(turned.samples == .floats(expected))
    // 12 bits with a sign: 2048 is -2048, 4095 is -1.
    let signed = try decode(file(isSigned: true, pixels: words))
    #expect(signed.samples == .floats([0, 1, 1000, -2048, -96, -1]))
  }

  @Test func framesAndColours() throws {
    let two = try decode(file(frames: 2, pixels: words + words.reversed()))
    #expect(two.channels == 2)
    let colours = (0..<18).map { UInt8($0) }
    let mixed = try decode(file(photometric: "RGB", allocated: 8, stored: 8, pixels: colours))
    #expect(mixed.channels == 3 && mixed.samples == .bytes(colours))
    let planes = try decode(
      file(photometric: "RGB", allocated: 8, stored: 8, planar: 1, pixels: colours))
    let interleaved = (0..<6).flatMap { pixel in [0, 6, 12].map { UInt8(pixel + $0) } }
    #expect(planes.samples == .bytes(interleaved))
  }

  @Test func whatIsNotRead() {
    var compressed = File(syntax: "1.2.840.10008.1.2.4.90")
    compressed.add(0x10, 2)
    #expect(
      reason(compressed.data)
        == "its pixels are stored as JPEG 2000 Lossless (1.2.840.10008.1.2.4.90), which is not read: store it uncompressed, with gdcmconv --raw or dcmdjpeg (read as DICOM)"
    )
    #expect(
      reason(file(photometric: "YBR_FULL", pixels: words))
        == "its colours are YBR_FULL, which is not read (read as DICOM)")
    #expect(
      reason(file(pixels: words.dropLast()))
        == "the file ends too early: there are 11 bytes of pixels, where 12 belong (read as DICOM)")
    #expect(
      reason(File().data) == "it has no pixels (element 7FE0,0010) (read as DICOM)")
    var deep = File(isImplicit: true)
    for _ in 0..<100 {
      deep.add(8, 0x1110, "SQ", [0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255], length: 0xffff_ffff)
    }
    #expect(reason(deep.data) == "its sequences are nested too deeply (read as DICOM)")
  }
}

extension DICOMTests.File {
  /// One element by itself.
  func element(_ group: UInt16, _ element: UInt16, _ value: [UInt8]) -> [UInt8] {
    var file = self
    let before = file.data.count
    file.add(group, element, "US", value)
    return Array(file.data.dropFirst(before))
  }
}
