// JPEG files: grey, colour, inks, and the side that was up.

import Foundation
import Imaging
import Testing

@Suite(.enabled(if: has("libjpeg"))) struct JPEGTests {
  @Test func samplesAreThoseOfPillow() throws {
    let grey = try decode(Fixture.jpegGrey)
    #expect(grey.channels == 1 && grey.fullScale == 255 && grey.width == 8 && grey.height == 8)
    #expect(Fixture.areNear(grey, Fixture.jpegGreySamples))
    let colour = try decode(Fixture.jpegRGB)
    #expect(colour.channels == 3 && !colour.hasAlpha)
    #expect(Fixture.areNear(colour, Fixture.jpegRGBSamples))
    let inks = try decode(Fixture.jpegCMYK)
    #expect(inks.channels == 3 && Fixture.areNear(inks, Fixture.jpegCMYKSamples))
  }

  /// Orientation 6: row 0 is the scene's right side, column 0 its top.
  @Test func orientationIsAChoice() throws {
    let lying = try decode(Fixture.jpegTurned)
    #expect(lying.width == 3 && lying.height == 2)
    #expect(Fixture.areNear(lying, Fixture.jpegTurnedSamples))
    let header = try ImageFile.header(Fixture.jpegTurned, name: "a")
    #expect(header.orientation == 6)
    let standing = try decode(Fixture.jpegTurned, options { $0.orientation = .apply })
    #expect(standing.width == 2 && standing.height == 3)
    let turned = [3, 0, 4, 1, 5, 2].map { Fixture.jpegTurnedSamples[$0] }
    #expect(Fixture.areNear(standing, turned))
  }

  /// Each orientation by its definition in TIFF 6.0: where row 0 and column 0 lie in the scene.
  @Test(arguments: 1...8) func everyOrientation(orientation: Int) throws {
    // The scene is 2 wide and 3 high: ab, cd, ef. What a file of each orientation holds of it:
    let stored = [
      1: ["ab", "cd", "ef"], 2: ["ba", "dc", "fe"], 3: ["fe", "dc", "ba"], 4: ["ef", "cd", "ab"],
      5: ["ace", "bdf"], 6: ["bdf", "ace"], 7: ["fdb", "eca"], 8: ["eca", "fdb"],
    ]
    let rows = try #require(stored[orientation])
    let pixels = rows.joined().utf8.map { UInt8($0) }
    var exif = Data("MM\0*\0\0\0\u{8}".utf8) + [0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0]
    exif += [UInt8(orientation), 0, 0, 0, 0, 0, 0]
    var png = try PNG.encode(
      Raster(
        width: rows[0].count, height: rows.count, channels: 1, bitDepth: 8,
        samples: pixels.map { UInt16($0) }))
    png.insert(contentsOf: PNGChunk.bytes("eXIf", Array(exif)), at: 33)
    #expect(try decode(png).samples == .bytes(pixels))
    let scan = try decode(png, options { $0.orientation = .apply })
    #expect(scan.width == 2 && scan.height == 3)
    #expect(scan.samples == .bytes(Array("abcdef".utf8)))
  }

  @Test func aFileCutShortIsAnError() {
    for length in stride(from: 3, to: Fixture.jpegRGB.count, by: 7) {
      #expect(!reason(Fixture.jpegRGB.prefix(length)).isEmpty)
    }
    #expect(
      reason(Fixture.jpegGrey.dropLast(2)) == "the file ends too early (read as JPEG)")
  }
}
