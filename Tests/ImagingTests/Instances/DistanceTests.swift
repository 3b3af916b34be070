// Distances and borders, pixel by pixel against their definitions.

import Imaging
import Testing

@Suite struct DistanceTests {
  /// Sizes that reach every way in which a run can end, and maps without anything else beside.
  static let maps = [
    discs(30, width: 41, height: 29, radius: 1...12, seed: 1),
    discs(3, width: 40, height: 30, radius: 20...40, seed: 2),
    discs(60, width: 29, height: 47, radius: 1...6, seed: 3),
    LabelMap(components: noise(0.7, width: 33, height: 20, seed: 4)),
    LabelMap(width: 9, height: 4, labels: [UInt32](repeating: 1, count: 36)),
    LabelMap(width: 1, height: 5, labels: [1, 1, 2, 2, 2]),
    LabelMap(width: 5, height: 1, labels: [0, 1, 1, 1, 0]), LabelMap(width: 3, height: 3),
  ]

  @Test(arguments: maps) func distancesAreThoseToTheNearestOtherPixel(_ map: LabelMap) {
    let expected = map.labels.indices.map { pixel -> UInt32 in
      guard map.labels[pixel] != 0 else { return 0 }
      return map.labels.indices.filter { map.labels[$0] != map.labels[pixel] }.map {
        let (dx, dy) = ($0 % map.width - pixel % map.width, $0 / map.width - pixel / map.width)
        return UInt32(dx * dx + dy * dy)
      }.min() ?? .max
    }
    #expect(map.squaredDistances() == expected)
    let normalized = map.normalizedDistances()
    for (label, area) in map.areas.enumerated() where area > 0 {
      #expect(zip(map.labels, normalized).contains { $0 == UInt32(label + 1) && $1 == 255 })
    }
    #expect(zip(map.labels, normalized).allSatisfy { ($0 == 0) == ($1 == 0) })
  }

  /// Squares of scipy 1.17's `ndimage.distance_transform_edt`.
  @Test func knownDistances() {
    let mask = Mask(
      width: 8, height: 5,
      pixels: [
        0, 1, 1, 1, 1, 0, 0, 0,
        0, 1, 1, 1, 1, 1, 0, 0,
        1, 1, 1, 1, 1, 1, 1, 0,
        1, 1, 1, 1, 1, 1, 1, 1,
        0, 0, 1, 1, 1, 1, 1, 1,
      ])
    #expect(
      mask.squaredDistances() == [
        0, 1, 4, 4, 1, 0, 0, 0,
        0, 1, 4, 5, 2, 1, 0, 0,
        1, 2, 5, 8, 5, 2, 1, 0,
        1, 1, 2, 5, 8, 5, 2, 1,
        0, 0, 1, 4, 9, 8, 5, 4,
      ])
  }

  @Test(arguments: maps, [0, 1, 1.5, 2, 3.2])
  func bordersAreNearTwoInstances(_ map: LabelMap, distance: Double) {
    let expected = map.labels.indices.map { pixel -> UInt8 in
      let near = map.labels.indices.filter {
        let (dx, dy) = ($0 % map.width - pixel % map.width, $0 / map.width - pixel / map.width)
        return Double(dx * dx + dy * dy) <= distance * distance
      }
      return Set(near.map { map.labels[$0] }.filter { $0 != 0 }).count > 1 ? 1 : 0
    }
    #expect(map.border(within: distance).pixels == expected)
  }

  @Test func dilationAndErosion() {
    let mask = noise(0.1, width: 30, height: 20, seed: 9)
    func near(_ value: UInt8, _ pixel: Int, _ distance: Double) -> Bool {
      mask.pixels.indices.contains {
        let (dx, dy) = ($0 % 30 - pixel % 30, $0 / 30 - pixel / 30)
        return mask.pixels[$0] == value && Double(dx * dx + dy * dy) <= distance * distance
      }
    }
    for distance in [0, 1, 2, 2.9] {
      let grown = mask.dilated(by: distance)
      #expect(grown.pixels == mask.pixels.indices.map { near(1, $0, distance) ? 1 : 0 })
      let shrunk = mask.eroded(by: distance)
      #expect(shrunk.pixels == mask.pixels.indices.map { near(0, $0, distance) ? 0 : 1 })
    }
    #expect(Mask(width: 3, height: 2).dilated(by: 9).isEmpty)
    #expect(Mask(width: 3, height: 2).eroded(by: 0).isEmpty)
  }
}
