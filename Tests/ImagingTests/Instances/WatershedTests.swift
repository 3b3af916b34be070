// The watershed against golden values and a slow one, and from masks to targets and back.

import Foundation
import Imaging
import Testing

@Suite struct WatershedTests {
  /// scikit-image 0.26's `segmentation.watershed(elevation, markers, mask=mask)`: three basins with
  /// noise, ranked so that no two pixels are of one elevation.
  @Test func knownWatershed() {
    let elevation: [UInt8] = [
      78, 59, 57, 41, 32, 69, 99, 111, 124, 119, 120, 121, 123, 125, 91, 63, 14, 11, 24, 40, 62,
      118, 113, 107, 115, 112, 117, 122, 55, 45, 5, 0, 12, 50, 67, 110, 92, 93, 80, 72, 106, 116,
      88, 58, 17, 15, 31, 33, 98, 96, 70, 34, 44, 39, 79, 90, 102, 68, 49, 27, 37, 76, 104, 82, 60,
      9, 18, 8, 66, 85, 103, 86, 54, 46, 30, 65, 77, 64, 28, 19, 1, 4, 38, 89, 100, 51, 10, 7, 25,
      29, 87, 75, 48, 23, 13, 21, 47, 71, 73, 26, 6, 2, 16, 36, 53, 101, 56, 52, 35, 43, 83, 95,
      74, 42, 20, 3, 22, 61, 81, 114, 109, 97, 84, 94, 105, 108,
    ]
    let expected = [
      "11111111122220", "11111111222222", "11111111222222", "11111112222222", "00011112222222",
      "33333322222222", "33333332222222", "33333333222222", "33333333222222",
    ].joined().compactMap { UInt32(String($0)) }
    var seeds = [UInt32](repeating: 0, count: 126)
    (seeds[2 * 14 + 3], seeds[5 * 14 + 10], seeds[7 * 14 + 3]) = (1, 2, 3)
    var mask = [UInt8](repeating: 1, count: 126)
    for pixel in [13, 56, 57, 58] { mask[pixel] = 0 }
    let grown = LabelMap(width: 14, height: 9, labels: seeds).flooding(
      elevation, within: Mask(width: 14, height: 9, pixels: mask))
    #expect(grown.labels == expected)
  }

  @Test(arguments: [Connectivity.four, .eight], [3.0, 40, 256])
  func floodingTakesTheLowestAndThenTheOldest(connectivity: Connectivity, levels: Double) {
    let (width, height) = (37, 25)
    let mask = noise(0.8, width: width, height: height, seed: 6)
    let seeds = LabelMap(components: noise(0.02, width: width, height: height, seed: 7))
    var generator = SeededGenerator(seed: 8, "elevation")
    let elevation = mask.pixels.map { _ in UInt8(generator.uniform() * levels) }
    // A list instead of queues: the least elevation, of those the first that came.
    var labels = seeds.labels
    var waiting = labels.indices.filter { labels[$0] != 0 }
    while let place = waiting.indices.min(by: {
      (elevation[waiting[$0]], $0) < (elevation[waiting[$1]], $1)
    }) {
      let pixel = waiting.remove(at: place)
      for next in neighbours(pixel, width: width, height: height, connectivity)
      where labels[next] == 0 && mask.pixels[next] == 1 {
        labels[next] = labels[pixel]
        waiting.append(next)
      }
    }
    let grown = seeds.flooding(elevation, within: mask, connectivity: connectivity)
    #expect(grown.labels == labels)
    #expect(grown.count == seeds.count)
  }

  /// Perfect maps lead back to nearly the same instances, also where they touch.
  @Test(arguments: InstanceSettings.Seeds.allCases)
  func targetsLeadBack(_ seeds: InstanceSettings.Seeds) {
    let map = discs(14, width: 120, height: 90, radius: 6...10, seed: 12).components()
      .removing(smallerThan: 60)
    let maps = InstanceMaps(targetsOf: map)
    let found = maps.instances(InstanceSettings(seeds: seeds))
    #expect(found.foreground == map.foreground)
    #expect(found.count == map.count)
    var same = 0
    for label in 1...map.count {
      let mask = map.mask(of: label)
      let best =
        found.masks.map { other in
          zip(mask.pixels, other.pixels).count { $0 & $1 == 1 }
        }.max() ?? 0
      if 10 * best > 9 * mask.area { same += 1 }
    }
    #expect(same == map.count)
  }

  @Test func whatIsLeftOut() {
    // A piece without a core, a small one and one with a hole.
    let mask = Mask(
      width: 12, height: 5,
      pixels: [
        1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0,
        1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 0,
        1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0,
        1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0,
        1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0,
      ])
    let maps = InstanceMaps(
      width: 12, height: 5, foreground: mask.pixels.map { $0 == 1 ? 200 : 100 },
      border: mask.pixels.map { _ in 0 },
      distance: mask.pixels.enumerated().map { $0 % 12 < 5 && $1 == 1 ? 255 : 0 })
    var settings = InstanceSettings(seeds: .both, seedThreshold: 0.4)
    #expect(maps.instances(settings).areas == [25, 4, 1])
    settings.fillHoles = false
    #expect(maps.instances(settings).areas == [24, 4, 1])
    settings.minimumArea = 4
    #expect(maps.instances(settings).areas == [24, 4])
    settings.foregroundThreshold = 0.9
    #expect(maps.instances(settings).count == 0)
    settings.foregroundThreshold = 0
    #expect(maps.instances(settings).areas == [60])
  }

  @Test func settingsReadWithTheKeysOfTheParameters() throws {
    let settings = InstanceSettings(seeds: .border, minimumArea: 7)
    let json = String(decoding: try JSONEncoder().encode(settings), as: UTF8.self)
    #expect(json.contains("\"minimum_area\":7") && json.contains("\"seeds\":\"border\""))
    #expect(try JSONDecoder().decode(InstanceSettings.self, from: Data(json.utf8)) == settings)
  }
}
