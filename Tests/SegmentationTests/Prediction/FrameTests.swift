// What a network sees of images of any size: windows that cover them, blended without a seam, and the same
// classes after any change of size.

import Datasets
import DatasetsSupport
import Foundation
import Imaging
import Neural
import Segmentation
import TestSupport
import Testing

@Suite struct FrameTests {
  private let sizes = [(40, 24), (16, 16), (33, 70), (9, 12)]

  /// Images of random values, two channels.
  private func images() -> ImageSet {
    var generator = SeededGenerator(seed: 4, "frames")
    return ImageSet(
      ids: sizes.indices.map { "i\($0)" },
      images: sizes.map { width, height in
        Plane(
          width: width, height: height, channels: 2,
          values: (0..<(width * height * 2)).map { _ in Float(generator.uniform()) })
      })
  }

  /// A function of pixels gives an image's values whatever windows it is seen through.
  @Test(arguments: [0.0, 0.25, 0.5, 0.8], [1, 3, 64])
  func windowsGiveEachPixelBack(overlap: Double, batch: Int) throws {
    let set = images()
    let run = MapRun(
      set: set, frame: .patch(16), input: ImageSize(width: 16, height: 16), outputs: 2,
      batch: batch, overlap: overlap)
    var maps: [Plane] = []
    try run.run(
      [0, 1, 2, 3], forward: { frames, _ in frames.map { $0.values.map { 1 - $0 } } },
      onImage: { place, map in
        #expect(place == maps.count)
        maps.append(map)
      })
    for (index, map) in maps.enumerated() {
      let expected = set.image(index).values.map { 1 - $0 }
      #expect(map.values.count == expected.count)
      #expect(zip(map.values, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  /// Where two windows disagree, the one whose middle is nearer counts more, and the change is gradual.
  @Test func windowsAreBlendedWithoutASeam() throws {
    let set = ImageSet(
      ids: ["a"], images: [Plane(width: 24, height: 16, values: [Float](repeating: 0, count: 384))])
    let run = MapRun(
      set: set, frame: .patch(16), input: ImageSize(width: 16, height: 16), outputs: 1, batch: 8,
      overlap: 0.5)
    var row: [Float] = []
    try run.run(
      [0],
      forward: { frames, _ in
        frames.indices.map { [Float](repeating: $0 == 0 ? 0 : 1, count: 256) }
      }, onImage: { row = Array($1.values[(8 * 24)..<(9 * 24)]) })
    #expect(row[0] == 0 && row[23] == 1)
    #expect(zip(row, row.dropFirst()).allSatisfy { $0 <= $1 && $1 - $0 < 0.5 })
    #expect(abs(row[11] + row[12] - 1) < 1e-5)
  }

  @Test func predictionsOfScaledImagesComeBackInTheirSize() throws {
    let set = images()
    let size = ImageSize(width: 20, height: 30)
    let run = MapRun(
      set: set, frame: .resize(size), input: size, outputs: 1, batch: 2, overlap: 0.5)
    var maps: [Plane] = []
    try run.run(
      [2, 0],
      forward: { frames, images in
        #expect(frames.allSatisfy { $0.width == 20 && $0.height == 30 })
        return images.map { [Float](repeating: Float($0), count: 600) }
      }, onImage: { maps.append($1) })
    #expect(maps.map(\.width) == [33, 40] && maps.map(\.height) == [70, 24])
    #expect(maps[0].values.allSatisfy { abs($0 - 2) < 1e-5 })
    #expect(maps[1].values.allSatisfy { $0 == 0 })
  }

  @Test func framesThatDoNotFitAreRefused() throws {
    let set = images()
    let error = #expect(throws: SettingError.self) { try Frame.whole.input(for: set) }
    #expect(error?.setting == "model.patch")
    #expect(try Frame.patch(16).input(for: set) == Shape(height: 16, width: 16, channels: 2))
    let both = ModelSettings(UNetSettings(patch: 16, resize: ImageSize(width: 8, height: 8)))
    #expect(throws: SettingError.self) { try both.frame() }
    #expect(throws: SettingError.self) { try ModelSettings(UNetSettings(patch: 4)).frame() }
    #expect(try ModelSettings(UNetSettings(patch: 64)).frame() == .patch(64))
    #expect(try ModelSettings().frame() == .whole)
  }

  // MARK: Training's windows

  /// Images with one marked corner.
  private func corners() -> ImageSet {
    let masks = (0..<4).map { _ in
      Mask(width: 64, height: 64, pixels: (0..<4096).map { $0 % 64 > 60 && $0 / 64 > 60 ? 1 : 0 })
    }
    return ImageSet(
      ids: ["a", "b", "c", "d"],
      images: masks.map { Plane(width: 64, height: 64, values: $0.pixels.map(Float.init)) },
      masks: masks)
  }

  private func maker(_ set: ImageSet, centred: Double) -> BatchMaker {
    var maker = BatchMaker(
      set: set, normalization: Normalization(of: set, Array(0..<set.count)), frame: .patch(16))
    maker.centred = centred
    maker.crops = 8
    return maker
  }

  @Test func centredWindowsHoldMarksAndOthersRarely() {
    let set = corners()
    func marked(_ centred: Double) -> Int {
      let items = BatchMaker.order([0, 1, 2, 3], in: set, seed: 1, fold: 0, epoch: 1, crops: 8)
      #expect(items.sorted() == Array(0..<32))
      let batch = maker(set, centred: centred).augmented(
        items[...], by: Augmentation(), seed: 1, fold: 0, epoch: 1)
      return stride(from: 0, to: batch.targets.count, by: 256).count { start in
        batch.targets[start..<(start + 256)].contains(1)
      }
    }
    #expect(marked(1) == 32)
    #expect(marked(0) < 10)
  }

  @Test func windowsAreAFunctionOfIdEpochAndNumber() {
    let set = corners()
    let maker = maker(set, centred: 0.5)
    func batch(_ items: [Int], epoch: Int = 1) -> Batch {
      maker.augmented(items[...], by: Augmentation(), seed: 1, fold: 0, epoch: epoch)
    }
    let both = batch([9, 3])
    #expect(batch([3]).images == Array(both.images.suffix(256)))
    #expect(batch([9]).images == Array(both.images.prefix(256)))
    let windows = Set((0..<8).map { batch([$0], epoch: 2).targets })
    #expect(windows.count > 1)
  }

  /// Classes stay classes whatever moves them, and move with their image.
  @Test func classesAreNeverMixed() {
    let map = ClassMap(
      width: 32, height: 32, labels: (0..<1024).map { $0 % 32 < 16 ? 3 : $0 / 32 < 8 ? 255 : 1 })
    let image = Plane(
      width: 32, height: 32, values: map.labels.map { $0 == 3 ? 1 : $0 == 255 ? 0.5 : 0 })
    let set = ImageSet(ids: ["a"], images: [image], truth: [.labels(map)], classes: 4)
    var move = ShiftScaleRotate()
    move.rotate = -30...30
    let augmentation = Augmentation([
      .init(HorizontalFlip(), p: 0.5), .init(move), .init(Elastic()),
    ])
    let maker = BatchMaker(
      set: set, normalization: Normalization(of: set, [0]), frame: .whole)
    for epoch in 1...6 {
      let batch = maker.augmented(
        [0][...], by: augmentation, seed: 1, fold: 0, epoch: epoch)
      #expect(Set(batch.targets).isSubset(of: [1, 3, 255]))
      let scale = maker.normalization.channels[0]
      let wrong = zip(batch.images, batch.targets).count { value, target in
        let value = value * scale.deviation + scale.mean
        return abs(value - (target == 3 ? 1 : target == 255 ? 0.5 : 0)) > 0.3
      }
      // But for the edges, where the image is a mixture.
      #expect(wrong < 60)
    }
  }

  // MARK: Heads

  @Test func headsFollowTheTruth() {
    let plane = Plane(width: 4, height: 1, values: [0, 0, 0, 0])
    func set(_ truth: Truth, classes: Int) -> ImageSet {
      ImageSet(ids: ["a"], images: [plane], truth: [truth], classes: classes)
    }
    let mask = Mask(width: 4, height: 1, pixels: [1, 0, 0, 0])
    #expect(TargetHead(for: set(.masks([mask]), classes: 1)) == .mask)
    #expect(
      TargetHead(for: set(.masks([mask, mask]), classes: 2), weights: .each([1, 2]))
        == .sigmoid(channels: 2, weights: [1, 2]))
    #expect(TargetHead(for: set(.instances(LabelMap(mask)), classes: 1)) == .instances())
    // Frequencies 3/4 and 1/4 of what counts; the median of two is the larger one.
    let labels = ClassMap(width: 4, height: 1, labels: [0, 0, 0, 2])
    #expect(
      TargetHead(for: set(.labels(labels), classes: 3), weights: .balanced, at: [0])
        == .softmax(classes: 3, weights: [1, 0, 3]))
  }

  @Test func exclusiveClassesAreKeptAsTheLikeliestAndItsProbability() {
    let head = TargetHead.softmax(classes: 3)
    var sums = [Float](repeating: 0, count: 6)
    head.add([0, 2, 0, 5, 5, 1], to: &sums)
    #expect(abs(sums[0] + sums[1] + sums[2] - 1) < 1e-6)
    #expect(abs(sums[1] - 7.389056 / 9.389056) < 1e-6)
    let kept = head.kept(Plane(width: 2, height: 1, channels: 3, values: sums))
    #expect(kept[0] == 1 && kept[2] == 0 && head.mapChannels == 2)
    #expect(kept[1] == ProbabilityMaps.quantized(sums[1]))
  }
}
