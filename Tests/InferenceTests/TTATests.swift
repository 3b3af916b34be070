// Test-time augmentation: transforms are undone, averaged over models and transforms, and by the
// name that parameters give.

import DatasetsSupport
import Imaging
import Inference
import Neural
import Segmentation
import Testing

@Suite struct TTATests {
  /// Images of random values, normalized to themselves by the scale below.
  private func images(width: Int, height: Int, channels: Int = 1, count: Int = 5) -> ImageSet {
    var generator = SeededGenerator(seed: 3, "images")
    return ImageSet(
      ids: (0..<count).map { "i\($0)" },
      images: (0..<count).map { _ in
        Plane(
          width: width, height: height, channels: channels,
          values: (0..<(width * height * channels)).map { _ in Float(generator.uniform()) })
      })
  }

  private func member(channels: Int = 1, _ forward: @escaping Ensemble.Forward) -> Ensemble.Member {
    var scale = Normalization(of: images(width: 2, height: 2, channels: channels), [0])
    for channel in 0..<channels { scale.channels[channel] = .init(mean: 0, deviation: 1) }
    return Ensemble.Member(normalization: scale, forward: forward)
  }

  /// Works on each pixel by itself: whatever is moved, the result moves along.
  private func pixelwise(_ images: [Float], _: [Float], _: Int) -> [Float] {
    images.map { 6 * $0 - 3 }
  }

  @Test(arguments: [TTA.none, .hflip, .d4], [(8, 8), (9, 6)])
  func aNetworkThatMovesAlongGivesTheSame(tta: TTA, size: (Int, Int)) throws {
    let set = images(width: size.0, height: size.1)
    let ensemble = Ensemble(members: [member(pixelwise)], batch: 2)
    let plain = try ensemble.predict(set, at: [0, 1, 2, 3, 4], tta: .none)
    let maps = try ensemble.predict(set, at: [0, 1, 2, 3, 4], tta: tta)
    // Eight equal floats may add up to a last bit more.
    #expect(zip(maps.values, plain.values).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
  }

  /// A network that marks one pixel near the top left corner and nothing else: each transform puts
  /// the mark where that pixel came from.
  @Test func everySymmetryIsAskedAndUndone() throws {
    let (width, height) = (4, 4)
    let set = images(width: width, height: height, count: 3)
    let corner: Ensemble.Forward = { images, _, count in
      (0..<images.count).map { $0 % (width * height) == 1 ? 30 : -30 }
    }
    // Pixel (row 0, column 1) of the moved image is this pixel of the image itself.
    let origins: [TTA: [(row: Int, column: Int)]] = [
      .none: [(0, 1)],
      .hflip: [(0, 1), (0, 2)],
      .d4: [(0, 1), (0, 2), (3, 1), (3, 2), (1, 0), (2, 0), (1, 3), (2, 3)],
    ]
    for (tta, places) in origins {
      let maps = try Ensemble(members: [member(corner)], batch: 2)
        .predict(set, at: [0, 1, 2], tta: tta)
      var expected = [UInt8](repeating: 0, count: width * height)
      for place in places {
        expected[place.row * width + place.column] = UInt8(
          (255 / Double(places.count)).rounded())
      }
      #expect(maps.values == expected + expected + expected)
    }
  }

  /// The moved image itself reaches the network.
  @Test func imagesAreMovedAsTheirMapsAreMovedBack() throws {
    // Answers with the image's left neighbour, so that hflip's mean is of both neighbours.
    let set = images(width: 5, height: 1, count: 1)
    let left: Ensemble.Forward = { images, _, _ in
      (0..<5).map { $0 == 0 ? images[0] : images[$0 - 1] }
    }
    let maps = try Ensemble(members: [member(left)], batch: 1)
      .predict(set, at: [0], tta: .hflip)
    let x = set.image(0).values
    for pixel in 0..<5 {
      let mean = (sigmoid(x[max(pixel - 1, 0)]) + sigmoid(x[min(pixel + 1, 4)])) / 2
      #expect(abs(Float(maps.values[pixel]) / 255 - mean) < 0.003)
    }
  }

  @Test func modelsAreAveragedAsProbabilitiesEachByItsOwnScale() throws {
    let set = images(width: 3, height: 2, channels: 3, count: 4)
    let high = member(channels: 3) { images, _, count in [Float](repeating: 30, count: count * 6) }
    let low = member(channels: 3) { _, _, count in [Float](repeating: -30, count: count * 6) }
    var scaled = member(channels: 3) { images, _, count in
      // The mean of the first channel, exactly 30 after scaling by this member's own scale.
      (0..<(count * 6)).map { images[3 * $0] > 9 ? 30 : -30 }
    }
    scaled.normalization.channels[0] = .init(mean: -1, deviation: 0.1)
    let maps = try Ensemble(members: [high, low, scaled, low], batch: 3)
      .predict(set, at: [3, 1], tta: .hflip)
    #expect(maps.ids == ["i3", "i1"])
    #expect(maps.values.allSatisfy { $0 == 128 })
  }

  @Test func batchesDoNotMatterAndProgressIsTold() throws {
    let set = images(width: 6, height: 6)
    var told: [Int] = []
    let one = try Ensemble(members: [member(pixelwise)], batch: 1)
      .predict(set, at: [4, 2, 0], tta: .d4)
    let three = try Ensemble(members: [member(pixelwise)], batch: 2)
      .predict(set, at: [4, 2, 0], tta: .d4) { told.append($0) }
    #expect(one == three)
    #expect(told == [2, 3])
  }

  /// Through a real network, by several threads.
  @Test func threadsDoNotMatter() throws {
    let set = images(width: 14, height: 14)
    let unet = try UNet(
      UNetSettings(filters: 2, levels: 2, padTo: 16),
      image: Shape(height: 14, width: 14, channels: 1))
    let network = unet.network()
    let models = try [1, 2].map { seed in
      Model(
        network: network,
        weights: try Trainer(
          network: network, batch: 1, height: 14, width: 14, loss: .bceDice,
          optimizer: Optimizer(.adamW()), seed: seed
        ).weights(),
        image: unet.image, features: 0, normalization: Normalization(of: set, [0, 1]))
    }
    let maps = try [1, 2].map { threads in
      try Ensemble(models, batch: 3, engine: EngineSettings(threads: threads))
        .predict(set, at: [0, 1, 2, 3, 4], tta: .d4)
    }
    #expect(maps[0] == maps[1])
    #expect(Set(maps[0].values).count > 3)
    #expect(throws: ModelError.self) {
      try Ensemble(models, batch: 3, engine: EngineSettings(threads: 1))
        .predict(images(width: 16, height: 16), at: [0], tta: .none)
    }
    #expect(throws: SettingError.self) {
      try Ensemble([], batch: 3, engine: EngineSettings(threads: 1))
    }
  }

  @Test func unknownNamesListTheChoices() {
    let error = #expect(throws: SettingError.self) {
      try TTA(named: "flip", setting: "inference.tta")
    }
    #expect(
      error?.description == "inference.tta: \"flip\" is not one of the choices: none, hflip, d4")
  }
}
