// Damaged files of every format: an error or a picture, never a crash.

import Foundation
import Imaging
import Testing

@Suite struct DamageTests {
  static let files: [(name: String, data: Data)] = {
    let png = try? PNG.encode(
      Raster(
        width: 9, height: 8, channels: 3, bitDepth: 16, samples: [UInt16](0..<216)))
    let volume =
      "NDims = 2\nDimSize = 3 2\nElementType = MET_UCHAR\nElementDataFile = LOCAL\nabcdef"
    var dicom = DICOMTests.File(isImplicit: true)
    dicom.add(8, 0x1110, "SQ", [0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0], length: 8)
    for (element, number) in [(2, 1), (0x10, 2), (0x11, 3), (0x100, 16), (0x101, 12), (0x102, 11)] {
      dicom.add(UInt16(element), UInt16(number))
    }
    dicom.add(0x7fe0, 0x10, "OW", [UInt8](0..<12))
    return [
      ("PNG", png ?? Data()), ("PNG of a small window", Fixture.pngSmallWindow),
      ("JPEG", Fixture.jpegGrey), ("progressive JPEG", Fixture.jpegRGB),
      ("JPEG with Exif", Fixture.jpegTurned), ("TIFF of strips", Fixture.stripsLZW),
      ("TIFF of planes", Fixture.planesBigEndian), ("TIFF of tiles", Fixture.tilesFloat),
      ("TIFF of pages", Fixture.pages), ("TIFF of bits", Fixture.bilevelG4),
      ("TIFF with JPEG", Fixture.jpegInTIFF), ("GIF", Fixture.gifInterlaced),
      ("film", Fixture.gifFilm), ("NPZ", Fixture.npzDeflated),
      ("NPY", NumPyTests.npy("<f4", "(2, 3)", [UInt8](0..<24))),
      ("MetaImage", Data(volume.utf8)), ("DICOM", dicom.data),
    ]
  }()

  /// A picture that fits its own header, or an error with a sentence.
  private func read(_ data: Data, _ options: DecodingOptions) throws {
    do {
      _ = try ImageFile.header(data, name: "a", options: options)
      let scan = try ImageFile.decode(data, name: "a", options: options)
      var count = 0
      let header = try ImageFile.decode(data, name: "a", options: options) {
        count += $0.samples.count
      }
      #expect(count == scan.samples.count * header.kind.size)
    } catch let error as ImageFileError {
      #expect(error.reason.count > 8)
    }
  }

  @Test(arguments: DamageTests.files.indices) func anyDamage(index: Int) throws {
    let (name, data) = Self.files[index]
    var options = DecodingOptions()
    options.limits.samples = 1 << 20
    for length in 0..<min(data.count, 400) { try read(data.prefix(length), options) }
    var generator = SeededGenerator(seed: 11, name)
    options.orientation = .apply
    for round in 0..<600 {
      var damaged = data
      for _ in 0...generator.int(below: 3) {
        let place = damaged.startIndex + generator.int(below: damaged.count)
        // Sizes and counts that are extreme, besides single bits.
        damaged[place] =
          switch generator.int(below: 4) {
          case 0: 255
          case 1: 0
          default: damaged[place] ^ UInt8(1 << generator.int(below: 8))
          }
      }
      if round % 5 == 0 { damaged = damaged.prefix(1 + generator.int(below: damaged.count)) }
      options.palette = round % 2 == 0 ? .expand : .indices
      options.pages = round % 3 == 0 ? .one(0) : .all
      try read(damaged, options)
    }
  }

  /// The files themselves are read, so that the damage above is what is tested.
  @Test func undamagedFilesAreRead() throws {
    let libraries: [(String, String)] = [
      ("JPEG", "libjpeg"), ("TIFF", "libtiff"), ("GIF", "giflib"), ("film", "giflib"),
    ]
    for (name, data) in Self.files
    where libraries.allSatisfy({ !name.contains($0.0) || has($0.1) }) {
      #expect(throws: Never.self, "\(name)") { try ImageFile.decode(data, name: name) }
    }
  }
}
