// What stands out, on the smallest images that do.

import Exploration
import Imaging
import Notebook
import Testing

@Suite struct OdditiesTests {
  func image(_ width: Int, _ height: Int, channels: Int = 1, depth: Int = 8, _ samples: [UInt16])
    -> Raster
  {
    Raster(width: width, height: height, channels: channels, bitDepth: depth, samples: samples)
  }

  func mask(_ rows: [UInt8]...) -> Mask {
    Mask(width: rows[0].count, height: rows.count, pixels: rows.flatMap { $0 })
  }

  @Test func blankIsOneColourAllOver() {
    #expect(Oddities.isBlank(image(2, 2, [7, 7, 7, 7])))
    #expect(!Oddities.isBlank(image(2, 2, [7, 7, 7, 8])))
    #expect(Oddities.isBlank(image(2, 1, channels: 3, [1, 2, 3, 1, 2, 3])))
    #expect(!Oddities.isBlank(image(2, 1, channels: 3, [1, 2, 3, 1, 2, 4])))
    #expect(Oddities.isBlank(image(1, 1, [0])))
  }

  @Test func tinyHasFewPixelsButSome() {
    let two = mask([0, 1], [0, 1])
    #expect(Oddities.isTiny(two, pixels: 3))
    #expect(!Oddities.isTiny(two, pixels: 2))
    #expect(!Oddities.isTiny(Mask(width: 2, height: 2), pixels: 3))
  }

  @Test func stripesAreWholeColumns() {
    #expect(Oddities.isVerticalStripe(mask([1, 0, 0], [1, 0, 0])))
    #expect(Oddities.isVerticalStripe(mask([1, 0, 1], [1, 0, 1])))
    #expect(!Oddities.isVerticalStripe(mask([1, 0, 0], [1, 0, 0], [1, 1, 0])))
    #expect(!Oddities.isVerticalStripe(mask([0, 0], [1, 1])))
    #expect(!Oddities.isVerticalStripe(mask([0, 0], [0, 0])))
    #expect(!Oddities.isVerticalStripe(mask([1, 1], [1, 1])))
  }

  @Test func duplicatesAreEqualInShapeAndSamples() {
    let a = image(2, 2, [1, 2, 3, 4])
    let b = image(2, 2, [4, 3, 2, 1])
    let blank = image(2, 2, [0, 0, 0, 0])
    #expect(Oddities.duplicates([b, a, blank, a, blank, b, a]) == [[0, 5], [1, 3, 6]])
    // The same samples in another shape, of other channels, or at another depth, are another image.
    let others = [
      image(4, 1, [1, 2, 3, 4]), image(1, 4, [1, 2, 3, 4]), image(2, 1, channels: 2, [1, 2, 3, 4]),
      image(2, 2, depth: 16, [1, 2, 3, 4]),
    ]
    #expect(Oddities.duplicates([a] + others) == [])
    #expect(Oddities.duplicates([]) == [])
  }
}

@Suite struct PicturesTests {
  @Test(arguments: [
    (5, [0, 2, 4, 6, 9]), (2, [0, 9]), (1, [5]), (10, Array(0..<10)), (11, Array(0..<10)), (0, []),
    (-3, []),
  ])
  func evenlyTakesBothEnds(_ count: Int, _ wanted: [Int]) {
    #expect(evenly(count, of: Array(0..<10)) == wanted)
  }

  @Test func evenlyNeverRepeatsAndKeepsTheOrder() {
    for size in 0...30 {
      for count in 0...32 {
        let taken = evenly(count, of: Array(0..<size))
        #expect(
          taken.count == min(size, count) && zip(taken, taken.dropFirst()).allSatisfy { $0 < $1 })
      }
    }
    #expect(evenly(3, of: [String]()) == [])
  }

  @Test func percentagesForPeople() {
    #expect(
      [0, 0.3852, 1, 0.0012, 0.01, -0.5].map(percent) == [
        "0.0 %", "38.5 %", "100.0 %", "0.12 %", "1.0 %", "-50.0 %",
      ])
  }

  @Test func picturesKeepTheSamples() throws {
    let image = Raster(width: 2, height: 1, channels: 3, bitDepth: 8, samples: [1, 2, 3, 4, 5, 6])
    let mask = Mask(width: 2, height: 1, pixels: [0, 1])
    let row = try imageMaskOverlay(image, mask, label: "a")
    #expect(row.map(\.label) == ["a", "", ""])
    #expect(row.allSatisfy { $0.width == 2 && $0.height == 1 })
    #expect(try PNG.decode(row[0].png, name: "a") == image)
    #expect(try Mask(PNG.decode(row[1].png, name: "b")) == mask)
  }
}
