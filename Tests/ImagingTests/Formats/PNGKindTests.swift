// PNG files by the door for all formats: indices of a palette, depths, and windows that are too small.

import Foundation
import Imaging
import Testing

@Suite struct PNGKindTests {
  // pypng's Writer(5, 3, palette=[(10,20,30), (40,50,60), (70,80,90)], bitdepth=2), pixel (x + y) % 3
  private let palette = Data(
    base64Encoded:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAgMAAAAmWC1rAAAACVBMVEUKFB4oMjxGUFoWrIR0AAAAEUlEQVR4nGOQcGBIbGBoYwAAB3oBwM5h5UwAAAAASUVORK5CYII="
  )

  @Test func aMapOfLabelsKeepsItsIndices() throws {
    let data = try #require(palette)
    let indices = (0..<15).map { UInt8(($0 % 5 + $0 / 5) % 3) }
    let labels = try decode(data, options { $0.palette = .indices })
    #expect(
      labels
        == Scan(
          width: 5, height: 3, channels: 1, samples: .bytes(indices), fullScale: 3, isPalette: true)
    )
    let colours: [[UInt8]] = [[10, 20, 30], [40, 50, 60], [70, 80, 90]]
    let picture = try decode(data)
    #expect(picture.isPalette && picture.channels == 3 && picture.fullScale == 255)
    #expect(picture.samples == .bytes(indices.flatMap { colours[Int($0)] }))
  }

  @Test(arguments: [
    (1, 1), (1, 2), (1, 4), (1, 8), (1, 16), (2, 8), (2, 16), (3, 8), (3, 16), (4, 8), (4, 16),
  ])
  func everyKindIsTheRastersOwn(channels: Int, bitDepth: Int) throws {
    let samples = ramp(6 * channels, largest: 1 << bitDepth - 1).map { UInt16($0) }
    let raster = Raster(
      width: 3, height: 2, channels: channels, bitDepth: bitDepth, samples: samples)
    let scan = try decode(PNG.encode(raster))
    #expect(scan.fullScale == Float(1 << bitDepth - 1) && scan.hasAlpha == (channels % 2 == 0))
    #expect(
      scan.samples == (bitDepth == 16 ? .words(samples) : .bytes(samples.map { UInt8($0) })))
    #expect(try Raster(scan) == raster)
  }

  /// The data refers farther back than its header promises; Pillow reads such files, too.
  @Test func aWindowThatIsNamedTooSmall() throws {
    let samples = (0..<1200).map { place in
      let (y, x) = (place / 300, place % 300)
      return UInt8((37 * (y % 2) + x * x) % 256)
    }
    #expect(try decode(Fixture.pngSmallWindow).samples == .bytes(samples))
  }
}

/// A chunk of a PNG file, with its checksum.
enum PNGChunk {
  static func bytes(_ kind: String, _ content: [UInt8]) -> Data {
    let body = Data(kind.utf8) + content
    var crc: UInt32 = 0xffff_ffff
    for byte in body {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    func big(_ value: UInt32) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }
    return Data(big(UInt32(content.count))) + body + Data(big(~crc))
  }
}
