// Files that are not what stands where a picture should be, and what is said of them.

import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct ForeignFileTests {
  @Test(arguments: [
    (
      "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
      "it is a Git LFS pointer, not the picture itself: run git lfs pull"
    ),
    (
      "\n<!DOCTYPE html>\n<html><head><title>404</title>",
      "it is an HTML page, not a picture: what a server answered was perhaps saved under its name"
    ),
    ("id,rle_mask\n1,", "it is a text, not a picture (it begins with \"id,rle_mask\")"),
    ("{\"message\": \"not found\"}", "it is JSON, not a picture"),
    ("%PDF-1.7 and more", "it is a PDF document, which is not among the formats that are read"),
    ("RIFF1234WEBPVP8 ", "it is a WebP picture, which is not among the formats that are read"),
    (
      "PK\u{3}\u{4} and no array in it, but something else",
      "it is a zip archive, which is not among the formats that are read"
    ),
  ])
  func whatItIsInstead(content: String, expected: String) {
    #expect(reason(Data(content.utf8)).hasPrefix(expected))
  }

  @Test func bytesOfNoMeaning() {
    #expect(reason(Data()).hasPrefix("it is empty (0 bytes)"))
    #expect(
      reason(Data(count: 1000)) == "it is not a picture: it begins with 512 bytes of value 0")
    #expect(
      reason(Data([1, 2, 250, 4, 5, 255, 7, 8, 9])).hasSuffix(
        "(it begins with the bytes 01 02 fa 04 05 ff 07 08)"))
    #expect(
      reason(Data([137, 80, 78, 71]))
        == "the file ends too early: it has only 4 bytes of a PNG file")
  }

  /// In a build without a format's library.
  @Test(.enabled(if: !has("libtiff"))) func aFormatWithoutItsLibrary() {
    #expect(
      reason(Fixture.pages)
        == "this build has no TIFF reader: apt-get install libtiff-dev, then make build")
  }

  /// The name says nothing; the first bytes do.
  @Test func anotherFormatThanTheNameSays() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("a.jpg")
    try PNG.write(Mask(width: 2, height: 1, pixels: [0, 1]), bitDepth: 8, to: file)
    #expect(try ImageFile.header(contentsOf: file).format == .png)
    #expect(try ImageFile.decode(contentsOf: file).samples == .bytes([0, 255]))
    try Fixture.gifInterlaced.write(to: file)
    let error = #expect(throws: PNGError.self) { try PNG.decode(contentsOf: file) }
    #expect(error?.description == "\(file.path): it is not a PNG file: it is a GIF file")
  }

  @Test func placesThatAreNoFiles() throws {
    let folder = try TemporaryFolder()
    func reason(_ url: URL) -> String? {
      #expect(throws: ImageFileError.self) { try ImageFile.header(contentsOf: url) }?.description
    }
    let missing = folder.url.appendingPathComponent("b.tif")
    #expect(reason(missing) == "\(missing.path): it can't be read: No such file or directory")
    #expect(reason(folder.url) == "\(folder.url.path): it is a folder, not a picture")
    let device = URL(fileURLWithPath: "/dev/zero")
    #expect(reason(device) == "/dev/zero: it is not a file, but a device or a pipe")
  }

  @Test func limitsComeBeforeMemory() throws {
    let small = options { $0.limits.samples = 11 }
    let png = try PNG.encode(Raster(Mask(width: 4, height: 3)))
    #expect(reason(png, small) == "4 × 3 pixels are more than are read (read as PNG)")
    let npy = NumPyTests.npy("|u1", "(4, 1, 3)", [UInt8](repeating: 0, count: 12))
    #expect(
      reason(npy, options { $0.limits.channels = 2 })
        == "3 channels are more than are read (read as NPY)")
    // Bands need one row's memory only.
    var rows = 0
    try ImageFile.decode(png, name: "a", options: small) { rows += $0.rowCount }
    #expect(rows == 3)
  }

  /// What the reader of the rows throws ends the reading.
  @Test func bandsEndWithTheirReadersError() throws {
    struct Enough: Error {}
    let png = try PNG.encode(Raster(Mask(width: 4, height: 3)))
    #expect(throws: Enough.self) {
      try ImageFile.decode(png, name: "a") { _ in throw Enough() }
    }
  }
}
