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
