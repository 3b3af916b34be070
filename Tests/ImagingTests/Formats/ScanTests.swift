// A scan as fewer channels, a plane, a raster or a mask.

import Imaging
import Testing

@Suite struct ScanTests {
  private func scan(
    _ channels: Int, _ samples: Scan.Samples, _ full: Float = 255, alpha: Bool = false
  ) -> Scan {
    Scan(
      width: samples.count / channels, height: 1, channels: channels, samples: samples,
      fullScale: full, hasAlpha: alpha)
  }

  /// A plane of a raster is what training has always seen.
  @Test(arguments: [(1, 8), (2, 8), (3, 8), (4, 8), (1, 4), (1, 16), (3, 16), (4, 16)])
  func planesAreThoseOfTheRaster(channels: Int, bitDepth: Int) throws {
    var generator = SeededGenerator(seed: 1, "\(channels) \(bitDepth)")
    let raster = Raster(
      width: 7, height: 5, channels: channels, bitDepth: bitDepth,
      samples: (0..<(35 * channels)).map { _ in UInt16(generator.int(below: 1 << bitDepth)) })
    let scan = try ImageFile.decode(PNG.encode(raster), name: "a")
    for wanted in [1, 3] {
      #expect(try Plane(scan, channels: wanted) == Plane(raster, channels: wanted))
    }
    #expect(try Mask(scan) == Mask(raster))
    #expect(try Mask(scan, marked: .above(0.5)) == Mask(raster, above: 0.5))
  }

  @Test func channelsThatAreThere() throws {
    let rgba = scan(4, .bytes([1, 2, 3, 4, 5, 6, 7, 8]), alpha: true)
    #expect(rgba.colours == 3)
    #expect(try rgba.with() == scan(3, .bytes([1, 2, 3, 5, 6, 7])))
    #expect(try rgba.with(keepsAlpha: true) == rgba)
    #expect(try rgba.with(channels: 4, keepsAlpha: true) == rgba)
    // Pillow's luma of (1, 2, 3) is 2, of (5, 6, 7) is 6.
    #expect(try rgba.with(channels: 1).samples == .bytes([2, 6]))
    #expect(
      try rgba.with(channels: 2, keepsAlpha: true) == scan(2, .bytes([2, 4, 6, 8]), alpha: true))
    let bands = scan(5, .words([1, 2, 3, 4, 5]), 65535)
    #expect(try bands.with() == bands)
    #expect(try Plane(bands).values == [1, 2, 3, 4, 5].map { $0 / 65535 })
    let error = #expect(throws: ScanError.self) { try bands.with(channels: 3) }
    #expect(error?.description == "the picture has 5 channels: it can be read with 5, not with 3")
    #expect(throws: ScanError.self) { try bands.with(channels: 1) }
    #expect(try scan(1, .bytes([9])).with(channels: 3).samples == .bytes([9, 9, 9]))
    let floats = scan(3, .floats([1, 0.5, -2]), 1)
    #expect(abs(try Plane(floats, channels: 1).values[0] - (0.299 + 0.2935 - 0.228)) < 1e-4)
  }

  @Test func marks() throws {
    let bytes = scan(1, .bytes([0, 1, 127, 128, 255]))
    #expect(try Mask(bytes).pixels == [0, 1, 1, 1, 1])
    #expect(try Mask(bytes, marked: .above(0.5)).pixels == [0, 0, 0, 1, 1])
    #expect(try Mask(bytes, marked: .value(127)).pixels == [0, 0, 1, 0, 0])
    #expect(throws: ScanError.self) { try Mask(bytes, marked: .alpha) }
    let alpha = scan(2, .bytes([9, 0, 0, 127, 0, 128, 9, 255]), alpha: true)
    #expect(try Mask(alpha, marked: .alpha).pixels == [0, 0, 1, 1])
    #expect(try Mask(alpha).pixels == [1, 0, 0, 1])
    let rgb = scan(3, .bytes([0, 0, 1, 5, 5, 5, 5, 5, 6]))
    #expect(try Mask(rgb).pixels == [1, 1, 1])
    #expect(try Mask(rgb, marked: .value(5)).pixels == [0, 1, 0])
    #expect(try Mask(scan(1, .floats([0, -1, .nan, 0.5]), 1)).pixels == [0, 1, 0, 1])
  }

  @Test func rastersHaveWholeSamplesOfFewChannels() throws {
    #expect(throws: ScanError.self) { try Raster(scan(1, .floats([1]), 1)) }
    #expect(throws: ScanError.self) { try Raster(scan(5, .bytes([1, 2, 3, 4, 5]))) }
    #expect(throws: ScanError.self) { try Raster(scan(4, .bytes([1, 2, 3, 4]))) }
    #expect(try Raster(scan(1, .words([4095]), 4095)).bitDepth == 16)
    #expect(try Raster(scan(1, .bytes([1]), 1)).bitDepth == 1)
  }
}
