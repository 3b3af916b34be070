// PNG in and out: every kind of file, against files of another encoder, and against damage.

import Foundation
import Basics
import Imaging
import TestSupport
import Testing

@Suite struct PNGTests {
  /// A raster whose samples cover the range of its depth.
  private func raster(width: Int, height: Int, channels: Int, bitDepth: Int) -> Raster {
    var generator = SeededGenerator(seed: 1, "\(width) \(channels) \(bitDepth)")
    let limit = 1 << bitDepth
    return Raster(
      width: width, height: height, channels: channels, bitDepth: bitDepth,
      samples: (0..<(width * height * channels)).map { index in
        index < 2 ? UInt16(index * (limit - 1)) : UInt16(generator.int(below: limit))
      })
  }

  @Test(arguments: [
    (1, 1), (1, 2), (1, 4), (1, 8), (1, 16), (2, 8), (2, 16), (3, 8), (3, 16), (4, 8), (4, 16),
  ])
  func everyKindComesBack(channels: Int, bitDepth: Int) throws {
    for (width, height) in [(1, 1), (5, 3), (101, 7)] {
      let before = raster(width: width, height: height, channels: channels, bitDepth: bitDepth)
      let data = try PNG.encode(before)
      #expect(try PNG.decode(data, name: "a.png") == before)
      #expect(try PNG.encode(before) == data)
    }
  }

  // The files below are pypng 0.20's:
  //   ramp(w, h, c, top) = [[(7 * (y * w * c + i)) % (top + 1) for i in range(w * c)] for y in range(h)]
  private func decode(_ base64: String) throws -> Raster {
    try PNG.decode(#require(Data(base64Encoded: base64)), name: "fixture.png")
  }

  private func ramp(_ count: Int, _ top: Int) -> [UInt16] {
    (0..<count).map { UInt16((7 * $0) % (top + 1)) }
  }

  // Writer(5, 3, palette=[(10,20,30), (40,50,60), (70,80,90)], bitdepth=2), pixel (x + y) % 3
  @Test func aPaletteBecomesRGB() throws {
    let found = try decode(
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAgMAAAAmWC1rAAAACVBMVEUKFB4oMjxGUFoWrIR0AAAAEUlEQVR4nGOQcGBIbGBoYwAAB3oBwM5h5UwAAAAASUVORK5CYII="
    )
    let colors: [[UInt16]] = [[10, 20, 30], [40, 50, 60], [70, 80, 90]]
    let samples = (0..<15).flatMap { colors[($0 % 5 + $0 / 5) % 3] }
    #expect(found == Raster(width: 5, height: 3, channels: 3, bitDepth: 8, samples: samples))
  }

  // The same with alpha 255, 128, 0, bitdepth=4; a file names no alpha for colours that are opaque.
  @Test func aPaletteWithAlphaBecomesRGBA() throws {
    let found = try decode(
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADBAMAAACpGNjLAAAACVBMVEUKFB4oMjxGUFoWrIR0AAAAA3RSTlP/gAB/bWh4AAAAFElEQVR4nGNgVBBgEGJUYFAQYgAAA48Al99cQ74AAAAASUVORK5CYII="
    )
    let colors: [[UInt16]] = [[10, 20, 30, 255], [40, 50, 60, 128], [70, 80, 90, 0]]
    let samples = (0..<15).flatMap { colors[($0 % 5 + $0 / 5) % 3] }
    #expect(found == Raster(width: 5, height: 3, channels: 4, bitDepth: 8, samples: samples))
  }

  // Every pixel is colour 3 of the first palette, which ends at 2.
  @Test func aColourBeyondThePaletteIsAnError() throws {
    let error = #expect(throws: PNGError.self) {
      try decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAgMAAAAmWC1rAAAACVBMVEUKFB4oMjxGUFoWrIR0AAAADUlEQVR4nGP4f4ABjAAX+gU+e9c03QAAAABJRU5ErkJggg=="
      )
    }
    #expect(
      error?.description == "fixture.png: a pixel names a colour that the palette lacks")
  }

  // Writer(5, 3, greyscale=False, bitdepth=16, interlace=True), ramp(5, 3, 3, 65535)
  // Writer(9, 4, greyscale=True, bitdepth=4, interlace=True), ramp(9, 4, 1, 15)
  @Test func interlacedFiles() throws {
    let deep = try decode(
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADEAIAAAHzw756AAAAaElEQVR4nAXBEQwCARQA0PcXtAW3BbcFbUFb0HZw28HZWZZlWZadZVmWZVmWZdlZlp1lWZZlB70HfQkraxvmciWtl7cuejGIWWRRkBqbqiws+fj6xTBGMWGrtrN3cHRydnF1c9d4eP4B1+kTG13vEckAAAAASUVORK5CYII="
    )
    #expect(
      deep == Raster(width: 5, height: 3, channels: 3, bitDepth: 16, samples: ramp(45, 65535)))
    let flat = try decode(
      "iVBORw0KGgoAAAANSUhEUgAAAAkAAAAEBAAAAAHLk5eFAAAAI0lEQVR4nGPgYDjA8IrhzYoEhlJDhmB5hm9XNk0oYAASdQEAi9wLHwfXvccAAAAASUVORK5CYII="
    )
    #expect(flat == Raster(width: 9, height: 4, channels: 1, bitDepth: 4, samples: ramp(36, 15)))
  }

  // Writer(4, 2, greyscale=True, bitdepth=8, gamma=0.45) and the same with transparent=7
  @Test func gammaAndTransparentColourLeaveTheSamplesAlone() throws {
    let plain = Raster(width: 4, height: 2, channels: 1, bitDepth: 8, samples: ramp(8, 255))
    #expect(
      try decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAAAAABawyK/AAAABGdBTUEAAK/INwWK6QAAABJJREFUeJxjYGDnE2WQUdYyBAACgADFHH9mewAAAABJRU5ErkJggg=="
      ) == plain)
    #expect(
      try decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAAAAABawyK/AAAAAnRSTlMAB+j3WJsAAAASSURBVHicY2Bg5xNlkFHWMgQAAoAAxRx/ZnsAAAAASUVORK5CYII="
      ) == plain)
  }

  @Test func everyTruncationIsAnErrorThatNamesTheFile() throws {
    let data = try PNG.encode(raster(width: 9, height: 8, channels: 3, bitDepth: 8))
    for length in 0..<data.count {
      let error = try #require(throws: PNGError.self, "\(length) of \(data.count) bytes") {
        try PNG.decode(data.prefix(length), name: "cut.png")
      }
      #expect(error.description.hasPrefix("cut.png: "))
      #expect(error.reason.count > 10)
    }
  }

  @Test func damageNeverCrashesAndNeverPassesForAnotherPicture() throws {
    let before = raster(width: 9, height: 8, channels: 1, bitDepth: 16)
    let data = try PNG.encode(before)
    for place in data.indices {
      for bit in [0, 3, 7] {
        var damaged = data
        damaged[place] ^= UInt8(1 << bit)
        // Every chunk carries a checksum; what still decodes must be the picture itself.
        if let found = try? PNG.decode(damaged, name: "damaged.png") { #expect(found == before) }
      }
    }
  }

  @Test func somethingElseThanAPNG() throws {
    let found = [Data(), Data("GIF89a and so on".utf8), Data([137, 80, 78, 71])].map { bytes in
      #expect(throws: PNGError.self) { try PNG.decode(bytes, name: "x.png") }?.reason ?? ""
    }
    #expect(found[0].hasPrefix("it is not a PNG file: it is empty (0 bytes)"))
    #expect(found[1] == "it is not a PNG file: it is a GIF file")
    #expect(
      found[2] == "it is not a PNG file: the file ends too early: it has only 4 bytes of a PNG file"
    )
  }

  @Test func aHeaderThatClaimsTooMuchIsRefusedBeforeMemoryIsTaken() throws {
    func file(_ width: [UInt8], _ height: [UInt8]) -> Data {
      let header = width + height + [16, 6, 0, 0, 0]
      return Data([137, 80, 78, 71, 13, 10, 26, 10]) + PNGChunk.bytes("IHDR", header)
        + PNGChunk.bytes("IDAT", [])
    }
    let side: [UInt8] = [0, 1, 0, 0]
    let claims: [([UInt8], [UInt8], String)] = [
      (side, [0, 0, 64, 0], "the file is too short for its 65536 × 16384 pixels"),
      (side, [0, 0, 2, 0], "the file is too short for its 65536 × 512 pixels"),
      (
        [127, 255, 255, 255], [127, 255, 255, 255],
        "2147483647 × 2147483647 pixels are more than are read"
      ),
    ]
    for (width, height, reason) in claims {
      let error = #expect(throws: PNGError.self) {
        try PNG.decode(file(width, height), name: "large.png")
      }
      #expect(error?.reason == reason)
    }
    #expect(throws: PNGError.self) { try PNG.decode(file([0, 0, 0, 0], side), name: "flat.png") }
    #expect(throws: PNGError.self) { try PNG.decode(file([255, 0, 0, 0], side), name: "wide.png") }
  }

  @Test func filesAreWrittenWhole() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("a.png")
    let mask = Mask(width: 3, height: 2, pixels: [0, 1, 1, 0, 0, 1])
    for bitDepth in [1, 8, 16] {
      try PNG.write(mask, bitDepth: bitDepth, to: file)
      let found = try PNG.decode(contentsOf: file)
      #expect(found.bitDepth == bitDepth && found.channels == 1)
      #expect(Mask(found) == mask)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a.png"])
  }

  @Test func placesThatCannotBeReadOrWritten() throws {
    let folder = try TemporaryFolder()
    let missing = folder.url.appendingPathComponent("no/such.png")
    let unread = #expect(throws: PNGError.self) { try PNG.decode(contentsOf: missing) }
    #expect(unread?.file == missing.path)
    #expect(unread?.reason == "it can't be read: No such file or directory")
    let below = try folder.write("x", to: "file").appendingPathComponent("b.png")
    let unwritten = #expect(throws: FileError.self) {
      try PNG.write(Mask(width: 1, height: 1), bitDepth: 8, to: below)
    }
    #expect(unwritten?.path == folder.url.appendingPathComponent("file").path)
    // A folder stands where the file should be: what was begun is taken away again.
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("b.png/c"), withIntermediateDirectories: true)
    #expect(throws: FileError.self) {
      try PNG.write(
        Mask(width: 1, height: 1), bitDepth: 8, to: folder.url.appendingPathComponent("b.png"))
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == [
        "b.png", "file",
      ])
  }
}
