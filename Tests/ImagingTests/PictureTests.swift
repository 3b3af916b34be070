// Rasters, masks and planes into each other.

import Imaging
import Testing

@Suite struct PictureTests {
  @Test func masksOfEveryDepthReadTheSame() {
    let mask = Mask(width: 3, height: 2, pixels: [0, 1, 1, 0, 0, 1])
    for depth in [1, 2, 4, 8, 16] { #expect(Mask(Raster(mask, bitDepth: depth)) == mask) }
    let classes = Raster(
      width: 3, height: 2, channels: 1, bitDepth: 8, samples: [0, 1, 1, 0, 0, 1])
    #expect(Mask(classes) == mask)
    #expect(mask.area == 3 && mask.coverage == 0.5 && !mask.isEmpty)
    #expect(Mask(width: 3, height: 2).isEmpty)
  }

  @Test func aThresholdAndAlpha() {
    let grey = Raster(width: 4, height: 1, channels: 1, bitDepth: 8, samples: [0, 127, 128, 255])
    #expect(Mask(grey, above: 0.5).pixels == [0, 0, 1, 1])
    let opaque = Raster(width: 2, height: 1, channels: 2, bitDepth: 8, samples: [0, 255, 1, 0])
    #expect(Mask(opaque).pixels == [0, 1])
    #expect(Mask(Plane(width: 3, height: 1, values: [0.5, 0.51, .nan])).pixels == [0, 1, 0])
  }

  @Test func colourBecomesGreyAsPillowDoesIt() {
    // PIL.Image.fromarray(uint8 [[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30], [77, 77, 77]]]).convert("L")
    let samples: [UInt16] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 77, 77, 77]
    let raster = Raster(width: 5, height: 1, channels: 3, bitDepth: 8, samples: samples)
    #expect(Plane(raster, channels: 1).values == [76, 150, 29, 18, 77].map { Float($0) / 255 })
    #expect(Plane(raster, channels: 3).values == samples.map { Float($0) / 255 })
  }

  @Test func greyAsColourIsExactAtEveryDepth() {
    for depth in [8, 16] {
      let grey = (0..<256).map { UInt16(depth == 8 ? $0 : $0 * 257) }
      let colour = Raster(
        width: 256, height: 1, channels: 3, bitDepth: depth, samples: grey.flatMap { [$0, $0, $0] })
      let flat = Raster(width: 256, height: 1, channels: 1, bitDepth: depth, samples: grey)
      #expect(Plane(colour, channels: 1) == Plane(flat, channels: 1))
      #expect(Plane(flat, channels: 3) == Plane(colour, channels: 3))
      // 8 bit and back is the same 8 bit; values beyond 0…1 are brought back.
      if depth == 8 { #expect(Raster(Plane(flat, channels: 1)) == flat) }
    }
    #expect(
      Raster(Plane(width: 4, height: 1, values: [-1, 2, .nan, .infinity])).samples
        == [0, 255, 0, 255])
  }

  @Test func overlaysTouchOnlyTheMask() {
    let image = Raster(
      width: 4, height: 4, channels: 1, bitDepth: 16,
      samples: [UInt16](repeating: 257 * 100, count: 16))
    let mask = Mask(width: 4, height: 4, pixels: [0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1])
    let color = Color(red: 200, green: 0, blue: 50)
    let outline = Overlay.outline(of: mask, on: image, color: color)
    #expect(outline.channels == 3 && outline.bitDepth == 8)
    let red = stride(from: 0, to: 48, by: 3).map { outline.samples[$0] }
    // The inner pixels, and those at the picture's border, keep the image.
    #expect(
      red == [100, 100, 100, 100, 100, 200, 200, 200, 100, 200, 100, 100, 100, 200, 100, 100])
    let filled = Overlay.fill(of: mask, on: image, color: color, opacity: 0.5)
    #expect(Array(filled.samples[15..<18]) == [150, 50, 75])
    #expect(Array(filled.samples[0..<3]) == [100, 100, 100])
  }

  @Test func coloursOfAMap() {
    let map = ColorMap([Color(red: 0, green: 0, blue: 0), Color(red: 100, green: 200, blue: 0)])
    #expect(map.color(at: 0.5) == Color(red: 50, green: 100, blue: 0))
    #expect(map.color(at: 7) == map.color(at: 1) && map.color(at: .nan) == map.color(at: -1))
    let plane = Plane(width: 2, height: 1, values: [0, 1])
    #expect(map.raster(plane).samples == [0, 0, 0, 100, 200, 0])
    let image = Raster(width: 2, height: 1, channels: 1, bitDepth: 8, samples: [40, 40])
    #expect(
      Overlay.heat(of: plane, on: image, map: map, opacity: 0.5).samples == [
        20, 20, 20, 70, 120, 20,
      ])
    // The heat map grows lighter all the way, so it can be read in grey.
    let ramp = Plane(width: 101, height: 1, values: (0...100).map { Float($0) / 100 })
    let grey = Plane(ColorMap.heat.raster(ramp), channels: 1).values
    #expect(zip(grey, grey.dropFirst()).allSatisfy { $0 <= $1 })
  }
}
