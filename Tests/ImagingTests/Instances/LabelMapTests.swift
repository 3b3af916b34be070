// Label maps, components and holes against slow references.

import Imaging
import Testing

@Suite struct LabelMapTests {
  @Test func laterMasksTakeNoPixels() {
    let one = Mask(width: 4, height: 2, pixels: [1, 1, 0, 0, 1, 0, 0, 0])
    let two = Mask(width: 4, height: 2, pixels: [0, 1, 1, 0, 0, 0, 1, 1])
    let (map, lost) = LabelMap.joining([one, two, one], width: 4, height: 2)
    #expect(map.labels == [1, 1, 2, 0, 1, 0, 2, 2])
    #expect(lost == [0, 1, 3])
    #expect(map.count == 3)
    #expect(map.areas == [3, 3, 0])
    #expect(
      map.boxes == [
        .init(x: 0, y: 0, width: 2, height: 2), .init(x: 2, y: 0, width: 2, height: 2), nil,
      ])
    #expect(map.mask(of: 2).pixels == [0, 0, 1, 0, 0, 0, 1, 1])
    #expect(map.masks.map(\.area) == [3, 3, 0])
    #expect(map.foreground.area == 6)
    let kept = map.removing(smallerThan: 0)
    #expect(kept.labels == map.labels && kept.count == 2)
    #expect(map.filtered { label, _ in label == 2 }.labels == [0, 0, 1, 0, 0, 0, 1, 1])
    #expect(LabelMap(masks: [], width: 2, height: 1) == LabelMap(width: 2, height: 1))
  }

  @Test(arguments: [Connectivity.four, .eight], [0.3, 0.5, 0.6, 0.9])
  func componentsAreThoseOfFlooding(connectivity: Connectivity, density: Double) {
    for (width, height) in [(31, 23), (1, 40), (40, 1), (1, 1)] {
      let mask = noise(density, width: width, height: height, seed: 1)
      let map = LabelMap(components: mask, connectivity: connectivity)
      #expect(
        map.labels
          == floodedComponents(
            mask.pixels.map(UInt32.init), width: width, height: height, connectivity))
    }
  }

  @Test func partsOfInstances() {
    let map = discs(40, width: 50, height: 40, radius: 2...9, seed: 4)
    for connectivity in [Connectivity.four, .eight] {
      #expect(
        map.components(connectivity).labels
          == floodedComponents(map.labels, width: 50, height: 40, connectivity))
    }
  }

  @Test func holesAreWhatTheOutsideDoesNotReach() {
    for seed in 0..<20 {
      let mask = noise(0.6, width: 21, height: 17, seed: UInt64(seed))
      // Flood the background from outside, 4-connected.
      var outside = Set<Int>()
      var stack = mask.pixels.indices.filter {
        mask.pixels[$0] == 0
          && ($0 % 21 == 0 || $0 % 21 == 20 || $0 / 21 == 0 || $0 / 21 == 16)
      }
      while let pixel = stack.popLast() {
        guard outside.insert(pixel).inserted else { continue }
        stack += neighbours(pixel, width: 21, height: 17, .four).filter { mask.pixels[$0] == 0 }
      }
      let filled = mask.fillingHoles()
      #expect(filled.pixels == mask.pixels.indices.map { outside.contains($0) ? 0 : 1 })
      // A single instance is filled as a mask is.
      #expect(LabelMap(mask).fillingHoles().foreground == filled)
    }
  }

  /// By the areas of components of the background and of the mask, each flooded by itself.
  @Test func smallHolesAreFilledAndSmallPartsRemoved() {
    for (seed, limit) in [(1, 1), (2, 2), (3, 4), (4, 9), (5, 40)] {
      let mask = noise(0.55, width: 21, height: 17, seed: UInt64(seed))
      func parts(_ value: UInt8, _ connectivity: Connectivity) -> [Set<Int>] {
        var rest = Set(mask.pixels.indices.filter { mask.pixels[$0] == value })
        var parts: [Set<Int>] = []
        while let first = rest.first {
          var (part, stack) = (Set<Int>(), [first])
          while let pixel = stack.popLast() {
            guard rest.remove(pixel) != nil else { continue }
            part.insert(pixel)
            stack += neighbours(pixel, width: 21, height: 17, connectivity).filter(rest.contains)
          }
          parts.append(part)
        }
        return parts
      }
      func isAtTheEdge(_ pixel: Int) -> Bool {
        pixel % 21 == 0 || pixel % 21 == 20 || pixel / 21 == 0 || pixel / 21 == 16
      }
      var filled = mask.pixels
      for hole in parts(0, .four) where hole.count <= limit && !hole.contains(where: isAtTheEdge) {
        for pixel in hole { filled[pixel] = 1 }
      }
      #expect(mask.fillingHoles(upTo: limit).pixels == filled)
      var left = mask.pixels
      for part in parts(1, .eight) where part.count < limit {
        for pixel in part { left[pixel] = 0 }
      }
      #expect(mask.removingParts(smallerThan: limit).pixels == left)
    }
  }

  @Test func aHoleBetweenTwoInstancesStays() {
    // Two halves of a ring around one pixel, and a ring of its own.
    let map = LabelMap(
      width: 7, height: 3,
      labels: [
        1, 1, 2, 0, 3, 3, 3,
        1, 0, 2, 0, 3, 0, 3,
        1, 1, 2, 0, 3, 3, 3,
      ])
    var labels = map.labels
    labels[12] = 3
    #expect(map.fillingHoles().labels == labels)
  }
}
