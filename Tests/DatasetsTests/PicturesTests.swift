// Images, masks and samples of them for a page.

import Datasets
import Imaging
import Notebook
import Testing
import Workbench

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

  /// White is right, blue was missed, orange is too much, purple another class, grey counts for nothing.
  @Test func differencesHaveTheirColours() {
    func colors(_ predicted: Truth, _ truth: Truth, _ size: ImageSize) -> [String] {
      let raster = predicted.differences(from: truth, size: size)
      return (0..<size.pixels).map { pixel in
        switch Array(raster.samples[(3 * pixel)..<(3 * pixel + 3)]) {
        case [24, 24, 27]: "nothing"
        case [240, 240, 240]: "right"
        case [40, 150, 255]: "missed"
        case [255, 140, 0]: "too much"
        case [170, 80, 200]: "other"
        case [128, 128, 128]: "ignored"
        default: "?"
        }
      }
    }
    func mask(_ pixels: [UInt8]) -> Mask { Mask(width: 4, height: 1, pixels: pixels) }
    let line = ImageSize(width: 4, height: 1)
    #expect(
      colors(.masks([mask([0, 1, 0, 1])]), .masks([mask([0, 1, 1, 0])]), line)
        == ["nothing", "right", "missed", "too much"])
    #expect(
      colors(
        .masks([mask([1, 1, 0, 0]), mask([1, 0, 0, 0])]),
        .masks([mask([1, 0, 0, 0]), mask([1, 1, 1, 0])]), line)
        == ["right", "other", "missed", "nothing"])
    func labels(_ labels: [UInt8]) -> Truth {
      .labels(ClassMap(width: 4, height: 1, labels: labels))
    }
    #expect(
      colors(labels([0, 2, 1, 1]), labels([0, 2, 2, Truth.ignored]), line)
        == ["right", "right", "other", "ignored"])
    func instances(_ labels: [UInt32]) -> Truth {
      .instances(LabelMap(width: 4, height: 1, labels: labels))
    }
    #expect(
      colors(instances([1, 2, 0, 3]), instances([2, 1, 1, 0]), line)
        == ["right", "right", "missed", "too much"])
    // A picture of half the width has every second pixel.
    #expect(
      colors(
        .masks([mask([0, 1, 0, 1])]), .masks([mask([0, 1, 1, 0])]), ImageSize(width: 2, height: 1))
        == ["nothing", "missed"])
  }

  @Test func picturesKeepTheSamples() throws {
    let image = Raster(width: 2, height: 1, channels: 3, bitDepth: 8, samples: [1, 2, 3, 4, 5, 6])
    let mask = Mask(width: 2, height: 1, pixels: [0, 1])
    let set = ImageSet(ids: ["a"], images: [Plane(image, channels: 3)], masks: [mask])
    let row = try set.overlays([0], title: "t").rows[0]
    #expect(row.map(\.label) == ["a · 50.0 %", "", ""])
    #expect(row.allSatisfy { $0.width == 2 && $0.height == 1 })
    #expect(try PNG.decode(row[0].png, name: "a") == image)
    #expect(try Mask(PNG.decode(row[1].png, name: "b")) == mask)
  }
}
