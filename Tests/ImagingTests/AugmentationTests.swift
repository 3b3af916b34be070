// Augmentation: image and mask stay together, draws depend on the generator alone.

import Foundation
import Imaging
import Testing

@Suite struct AugmentationTests {
  /// A picture in which a disc is bright, and the disc's mask.
  private func disc(_ width: Int = 40, _ height: Int = 32) -> (Plane, Mask) {
    let pixels = (0..<(width * height)).map { pixel -> UInt8 in
      let (x, y) = (pixel % width - 15, pixel / width - 12)
      return x * x + y * y < 81 ? 1 : 0
    }
    let mask = Mask(width: width, height: height, pixels: pixels)
    return (Plane(mask), mask)
  }

  private func geometric() -> Augmentation {
    var augmentation = Augmentation()
    augmentation.hflip = 0.5
    augmentation.vflip = 0.5
    augmentation.crop = 0.5
    augmentation.affine = 0.5
    augmentation.elastic = 0.5
    return augmentation
  }

  @Test func nothingByDefault() {
    let (image, mask) = disc()
    var generator = SeededGenerator(seed: 1)
    let (after, afterMask) = Augmentation().apply(image, mask, using: &generator)
    #expect(after == image && afterMask == mask)
  }

  @Test func imageAndMaskMoveTogether() {
    let (image, mask) = disc()
    var moved = 0
    for draw in 0..<60 {
      var generator = SeededGenerator(seed: 2, "\(draw)")
      let (after, afterMask) = geometric().apply(image, mask, using: &generator)
      // The image is the mask here, so its half-way line must be the moved mask's border.
      #expect(after.values.map { $0 >= 0.5 ? 1 : 0 } == afterMask.pixels)
      if afterMask != mask { moved += 1 }
      #expect(afterMask.area > 100)
    }
    #expect(moved > 45)
  }

  @Test func theSameDrawForTheSameGenerator() {
    let (image, mask) = disc()
    var all = geometric()
    all.light = 1
    for draw in 0..<10 {
      var one = SeededGenerator(seed: 3, "\(draw)")
      var two = one
      let (first, firstMask) = all.apply(image, mask, using: &one)
      let (second, secondTarget) = all.apply(image, Plane(mask), using: &two)
      #expect(first == second)
      #expect(firstMask.pixels == secondTarget.values.map { $0 >= 0.5 ? 1 : 0 })
      #expect(one.next() == two.next())
    }
  }

  @Test func flipsAloneAreExact() {
    let (image, mask) = disc()
    var flips = Augmentation()
    flips.hflip = 1
    var generator = SeededGenerator(seed: 4)
    let (after, afterMask) = flips.apply(image, mask, using: &generator)
    #expect(after == Dihedral.horizontalFlip.apply(image))
    #expect(afterMask == Dihedral.horizontalFlip.apply(mask))
  }

  @Test func aFlipWithinAChainMirrorsThePicture() {
    let (image, mask) = disc()
    var augmentation = Augmentation()
    augmentation.crop = 1
    augmentation.cropScale = 1...1
    augmentation.hflip = 1
    var generator = SeededGenerator(seed: 5)
    // A crop of the whole picture changes nothing, so what is left is the flip, by sampling.
    let (after, _) = augmentation.apply(image, mask, using: &generator)
    let flipped = Dihedral.horizontalFlip.apply(image)
    #expect(zip(after.values, flipped.values).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func cropsEnlarge() {
    let (image, mask) = disc()
    var augmentation = Augmentation()
    augmentation.crop = 1
    augmentation.cropScale = 0.8...0.8
    var areas: [Double] = []
    for draw in 0..<20 {
      var generator = SeededGenerator(seed: 6, "\(draw)")
      areas.append(Double(augmentation.apply(image, mask, using: &generator).mask.area))
    }
    // The disc lies far enough inside for every crop to hold it whole.
    #expect(areas.allSatisfy { abs($0 / Double(mask.area) - 1 / 0.8) < 0.08 })
  }

  @Test func lightLeavesTheMaskAlone() {
    let (_, mask) = disc()
    let image = Plane(
      width: 40, height: 32, values: (0..<1280).map { 0.3 + 0.4 * Float($0 % 40) / 39 })
    var augmentation = Augmentation()
    augmentation.light = 1
    augmentation.brightness = 0.2
    augmentation.contrast = 0.5
    for draw in 0..<20 {
      var generator = SeededGenerator(seed: 7, "\(draw)")
      let change = augmentation.draw(width: 40, height: 32, using: &generator)
      let after = change.apply(toImage: image)
      #expect(change.apply(to: mask) == mask)
      #expect(after != image)
      #expect(after.values.allSatisfy { (0...1).contains($0) })
      let mean = after.values.reduce(0, +) / 1280
      #expect(abs(mean - 0.5) < 0.21)
    }
  }

  @Test func parametersAsJSON() throws {
    let text = #"{"hflip": 0.5, "crop": 1, "crop_scale": [0.6, 0.9], "border": "edge"}"#
    let read = try JSONDecoder().decode(Augmentation.self, from: Data(text.utf8))
    var expected = Augmentation()
    expected.hflip = 0.5
    expected.crop = 1
    expected.cropScale = 0.6...0.9
    expected.border = .edge
    #expect(read == expected)
    let again = try JSONDecoder().decode(
      Augmentation.self, from: JSONEncoder().encode(geometric()))
    #expect(again == geometric())
  }

  @Test(arguments: [
    (#"{"hflp": 0.5}"#, "hflp"), (#"{"hflip": 1.5}"#, "hflip"),
    (#"{"crop_scale": [0.9, 0.6]}"#, "crop_scale"),
    (#"{"crop_scale": [0, 1]}"#, "crop_scale"), (#"{"elastic_cells": 0}"#, "elastic_cells"),
    (#"{"scale": -1}"#, "scale"),
  ])
  func wrongParameters(text: String, key: String) throws {
    let error = try #require(throws: DecodingError.self) {
      try JSONDecoder().decode(Augmentation.self, from: Data(text.utf8))
    }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(context.debugDescription.contains(key))
  }
}
