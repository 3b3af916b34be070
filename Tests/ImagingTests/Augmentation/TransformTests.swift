// Transforms one by one: what is drawn, and how often.

import Foundation
import Imaging
import Testing

@Suite struct TransformTests {
  private func changes(_ list: Augmentation, _ count: Int, width: Int = 40, height: Int = 32)
    -> [Change]
  {
    (0..<count).map { draw in
      var generator = SeededGenerator(seed: 7, "\(draw)")
      return list.draw(width: width, height: height, using: &generator)
    }
  }

  /// Values of the columns' numbers and of the rows', in shares of the sides: a moved one tells the map.
  private func ramps(_ width: Int, _ height: Int) -> Plane {
    var values: [Float] = []
    for y in 0..<height {
      for x in 0..<width {
        values.append((Float(x) + 0.5) / Float(width))
        values.append((Float(y) + 0.5) / Float(height))
      }
    }
    return Plane(width: width, height: height, channels: 2, values: values)
  }

  /// What params.yaml has: half of all mirrored, half cropped to 0.7 to 1 of the area, light changed in all.
  @Test func theUsualListDrawsWhatItSays() throws {
    let text = """
      [{"hflip": {"p": 0.5}}, {"random_sized_crop": {"p": 0.5, "scale": [0.7, 1.0]}},
       {"brightness_contrast": {"p": 1.0, "brightness": 0.05, "contrast": 0.1}}]
      """
    let list = try JSONDecoder().decode(Augmentation.self, from: Data(text.utf8))
    let (width, height) = (41, 33)
    var (flipped, cropped): (Int, Int) = (0, 0)
    var areas: [Double] = []
    var places: [Double] = []
    var (gains, offsets): ([Double], [Double]) = ([], [])
    let half = Plane(
      width: width, height: height, values: (0..<1353).map { $0 % 2 == 0 ? 0.4 : 0.6 })
    for change in changes(list, 2000, width: width, height: height) {
      let after = change.apply(to: ramps(width, height))
      func at(_ x: Int, _ y: Int) -> (x: Double, y: Double) {
        let first = 2 * (y * width + x)
        return (Double(after.values[first]), Double(after.values[first + 1]))
      }
      // Away from the border, where the picture is mirrored.
      let (upper, lower) = (at(10, 8), at(30, 24))
      let across = (lower.x - upper.x) * Double(width) / 20
      let down = (lower.y - upper.y) * Double(height) / 16
      if across < 0 { flipped += 1 }
      #expect(abs(abs(across) - down) < 1e-3)
      if !change.isExact {
        cropped += 1
        areas.append(abs(across) * down)
        // Where the part begins, as a share of the room that there is.
        let top = upper.y - 8.5 / Double(height) * down
        if down < 0.95 { places.append(top / (1 - down)) }
      }
      // Light, of a picture that stays what it is: every second pixel 0.4 and 0.6.
      guard change.isExact else { continue }
      let lit = change.apply(toImage: half).values
      let (low, high) = (Double(lit.min() ?? 0), Double(lit.max() ?? 0))
      gains.append((high - low) / 0.2)
      offsets.append((high + low) / 2 - 0.5)
    }
    #expect((900...1100).contains(flipped))
    #expect((900...1100).contains(cropped))
    func isEven(_ values: [Double], _ range: ClosedRange<Double>) -> Bool {
      // Ten classes of a uniform distribution, each within five deviations, and none beyond.
      var counts = [Int](repeating: 0, count: 10)
      let reach = range.upperBound - range.lowerBound
      for value in values {
        let share = (value - range.lowerBound) / reach
        guard (-0.01...1.01).contains(share) else { return false }
        counts[min(9, max(0, Int(share * 10)))] += 1
      }
      let expected = Double(values.count) / 10
      return counts.allSatisfy { abs(Double($0) - expected) < 5 * expected.squareRoot() }
    }
    #expect(isEven(areas, 0.7...1))
    #expect(isEven(places, 0...1))
    #expect(isEven(gains, 0.9...1.1))
    #expect(isEven(offsets, -0.05...0.05))
  }

  @Test func cropsEnlarge() {
    var crop = RandomSizedCrop()
    crop.scale = 0.8...0.8
    let (_, mask) = disc()
    // The disc lies far enough inside for every crop to hold it whole.
    for change in changes(Augmentation([.init(crop)]), 20) {
      #expect(abs(Double(change.apply(to: mask).area) / Double(mask.area) - 1 / 0.8) < 0.08)
    }
    crop.ratio = 2...2
    crop.scale = 0.3...0.3
    let after = changes(Augmentation([.init(crop)]), 1)[0].apply(to: ramps(40, 32))
    let across = (after.values[2 * (16 * 40 + 30)] - after.values[2 * (16 * 40 + 10)]) * 2
    let down = (after.values[2 * (24 * 40 + 20) + 1] - after.values[2 * (8 * 40 + 20) + 1]) * 2
    #expect(abs(across - Float(0.6).squareRoot()) < 1e-3)
    #expect(abs(down - Float(0.15).squareRoot()) < 1e-3)
  }

  /// Two marked pixels in corners, and small parts: by chance, hardly any part would hold one.
  @Test func nonEmptyCropsHoldMarks() {
    var pixels = [UInt8](repeating: 0, count: 1280)
    (pixels[0], pixels[1279]) = (1, 1)
    let mask = Mask(width: 40, height: 32, pixels: pixels)
    let image = Plane(mask)
    var (crop, free) = (NonEmptyCrop(), RandomSizedCrop())
    (crop.scale, free.scale) = (0.1...0.3, 0.1...0.3)
    func hits(_ entries: [Augmentation.Entry]) -> Int {
      (0..<60).count { draw in
        var generator = SeededGenerator(seed: 8, "\(draw)")
        let (after, afterMask) = Augmentation(entries).apply(image, mask, using: &generator)
        #expect(after.values.map { $0 >= 0.5 ? 1 : 0 } == afterMask.pixels)
        return !afterMask.isEmpty
      }
    }
    #expect(hits([.init(crop)]) == 60)
    #expect(hits([.init(free)]) < 10)
    // What came before has moved the marks.
    #expect(
      hits([.init(HorizontalFlip(), p: 0.5), .init(VerticalFlip(), p: 0.5), .init(crop)]) == 60)
    // Without marks it is any part.
    #expect(
      changes(Augmentation([.init(crop)]), 5).allSatisfy {
        $0.apply(to: ramps(40, 32)) != ramps(40, 32)
      })
  }

  @Test func lightLeavesTheMaskAlone() {
    let (_, mask) = disc()
    let image = Plane(
      width: 40, height: 32, values: (0..<1280).map { 0.3 + 0.4 * Float($0 % 40) / 39 })
    var light = BrightnessContrast()
    (light.brightness, light.contrast) = (-0.2...0.2, -0.5...0.5)
    for change in changes(Augmentation([.init(light)]), 20) {
      let after = change.apply(toImage: image)
      #expect(change.apply(to: mask) == mask)
      #expect(after != image)
      #expect(after.values.allSatisfy { (0...1).contains($0) })
      #expect(abs(after.values.reduce(0, +) / 1280 - 0.5) < 0.21)
    }
  }

  @Test func noiseHasTheStatedDeviation() {
    var noise = GaussianNoise()
    noise.deviation = 0.05...0.05
    let grey = Plane(
      width: 40, height: 32, channels: 3, values: [Float](repeating: 0.5, count: 3840))
    var seen: Set<[Float]> = []
    for change in changes(Augmentation([.init(noise)]), 10) {
      let errors = change.apply(toImage: grey).values.map { Double($0) - 0.5 }
      let mean = errors.reduce(0, +) / 3840
      let deviation = (errors.reduce(0) { $0 + $1 * $1 } / 3840).squareRoot()
      #expect(abs(mean) < 0.004 && abs(deviation - 0.05) < 0.003)
      // Of the normal distribution, 4.6 % lie beyond two deviations.
      let share = Double(errors.count { abs($0) > 0.1 }) / 3840
      #expect((0.03...0.06).contains(share))
      seen.insert(errors.prefix(4).map(Float.init))
    }
    #expect(seen.count == 10)
  }

  @Test func holesHaveTheStatedSize() {
    var dropout = CoarseDropout()
    (dropout.holes, dropout.size, dropout.fill) = (1...1, 0.25...0.25, 0.75)
    let black = Plane(
      width: 40, height: 32, channels: 2, values: [Float](repeating: 0, count: 2560))
    var firsts: Set<Int> = []
    for change in changes(Augmentation([.init(dropout)]), 30) {
      let values = change.apply(toImage: black).values
      #expect(values.count { $0 == 0.75 } == 2 * 10 * 8)
      firsts.insert(values.firstIndex(of: 0.75) ?? -1)
    }
    #expect(firsts.count > 20)
    dropout.holes = 2...3
    let more = changes(Augmentation([.init(dropout)]), 30).map { change in
      change.apply(toImage: black).values.count { $0 == 0.75 }
    }
    #expect(more.allSatisfy { (161...480).contains($0) || $0 == 160 } && Set(more).count > 2)
  }

  @Test func mixesAreDrawnAndApplied() throws {
    func mixes(_ list: Augmentation) -> [Mix] { changes(list, 400).flatMap(\.mixes) }
    let blends = mixes(Augmentation([.init(Mixup(), p: 0.5)])).map { mix -> Double in
      guard case .blend(let own) = mix else { return -1 }
      return Double(own)
    }
    #expect((150...250).contains(blends.count))
    #expect(blends.allSatisfy { (0.5...1).contains($0) })
    let pastes = mixes(Augmentation([.init(CutMix())])).map { mix -> Double in
      guard case .paste(let part) = mix else { return -1 }
      #expect(part.left >= 0 && part.left + part.width <= 40)
      #expect(part.top >= 0 && part.top + part.height <= 32)
      return Double(part.width * part.height) / 1280
    }
    #expect(pastes.count == 400)
    // A side r has the density 2r, and r - r²/4 of it lies within: the integral of 2r (r - r²/4)².
    let expected: Double = 0.5 - 0.2 + 1.0 / 48
    #expect(abs(pastes.reduce(0, +) / 400 - expected) < 0.04)

    var own: [Float] = [0, 0, 0, 0, 0, 0, 0, 0]
    let other: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    func apply(_ mix: Mix, channels: Int) {
      own.withUnsafeMutableBufferPointer { own in
        other.withUnsafeBufferPointer { mix.apply(to: own, $0, width: 2, channels: channels) }
      }
    }
    apply(.paste(Rectangle(left: 1, top: 0, width: 1, height: 2)), channels: 2)
    #expect(own == [0, 0, 3, 4, 0, 0, 7, 8])
    apply(.blend(own: 0.75), channels: 2)
    #expect(own == [0.25, 0.5, 3, 4, 1.25, 1.5, 7, 8])
  }
}
