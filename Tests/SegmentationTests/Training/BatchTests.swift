// Batches: order and augmentation are functions of seed, fold, epoch and id, and of nothing else.

import Imaging
import Datasets
import DatasetsSupport
import Segmentation
import Testing

@Suite struct BatchTests {
  private let set = blobs(12)
  private var maker: BatchMaker {
    BatchMaker(set: set, normalization: Normalization(of: set, Array(0..<12)))
  }

  private func augmentation() -> Augmentation {
    Augmentation([.init(HorizontalFlip(), p: 0.5), .init(RandomSizedCrop())])
  }

  private func batch(_ indices: [Int], seed: UInt64 = 1, fold: Int = 0, epoch: Int = 1) -> Batch {
    maker.augmented(indices[...], by: augmentation(), seed: seed, fold: fold, epoch: epoch)
  }

  @Test func everyEpochHasAllImagesInAnotherOrder() {
    let indices = [3, 1, 4, 5, 9, 2, 6]
    func order(_ indices: [Int], seed: UInt64 = 1, fold: Int = 0, epoch: Int = 1) -> [Int] {
      BatchMaker.order(indices, in: set, seed: seed, fold: fold, epoch: epoch)
    }
    let first = order(indices)
    #expect(first.sorted() == indices.sorted())
    #expect(order(indices.reversed()) == first)
    let others = [order(indices, seed: 2), order(indices, fold: 1), order(indices, epoch: 2)]
    #expect(Set(others + [first]).count == 4)
  }

  @Test func anImageIsChangedByItsIdNotItsPlace() {
    let (one, both) = (batch([7]), batch([2, 7]))
    #expect(both.images.suffix(256) == one.images[...])
    #expect(both.targets.suffix(256) == one.targets[...])
    let others = [batch([7], seed: 2), batch([7], fold: 1), batch([7], epoch: 2), batch([6])]
    #expect(Set((others + [one]).map(\.images)).count == 5)
  }

  /// Discs are brighter than 0.65 and the ground is darker than 0.45, so the image tells the mask;
  /// but for the edge, where a crop's scaling mixes the two.
  @Test func masksMoveWithTheirImages() {
    let moved = batch(Array(0..<12))
    let scale = maker.normalization.channels[0]
    let wrong = zip(moved.images, moved.targets).count { value, target in
      (value * scale.deviation + scale.mean > 0.55) != (target > 0.5)
    }
    let plain = maker.plain(Array(0..<12)[...])
    #expect(plain.targets != moved.targets)
    #expect(wrong * 50 < moved.targets.count)
  }

  /// Each image with the next of the batch as it is after its own changes, the last with the first.
  @Test func mixesAreWithTheNextOfTheBatch() {
    func batch(_ entries: [Augmentation.Entry]) -> Batch {
      maker.augmented(
        [4, 0, 9][...], by: Augmentation(entries), seed: 1, fold: 0, epoch: 1)
    }
    let flip = Augmentation.Entry(HorizontalFlip(), p: 0.5)
    let (own, mixed) = (batch([flip]), batch([flip, .init(Mixup())]))
    let cut = batch([flip, .init(CutMix())])
    func part(_ values: [Float], _ place: Int) -> [Float] {
      Array(values[(256 * place)..<(256 * (place + 1))])
    }
    for place in 0..<3 {
      let next = (place + 1) % 3
      let (first, second) = (part(own.images, place), part(own.images, next))
      let image = part(mixed.images, place)
      // One share for the whole image and its truth, half or more.
      let at = first.indices.first { abs(first[$0] - second[$0]) > 0.5 } ?? 0
      let share = (image[at] - second[at]) / (first[at] - second[at])
      #expect((0.5...1).contains(share))
      for pixel in 0..<256 {
        let expected = first[pixel] * share + second[pixel] * (1 - share)
        #expect(abs(image[pixel] - expected) < 1e-4)
        let target =
          part(own.targets, place)[pixel] * share + part(own.targets, next)[pixel] * (1 - share)
        #expect(abs(part(mixed.targets, place)[pixel] - target) < 1e-4)
      }
      // Of two images each pixel is one's, and its truth the same one's.
      let (pasted, truth) = (part(cut.images, place), part(cut.targets, place))
      for pixel in 0..<256 {
        let isOwn = pasted[pixel] == first[pixel]
        #expect(isOwn || pasted[pixel] == second[pixel])
        #expect(truth[pixel] == part(own.targets, isOwn ? place : next)[pixel])
      }
    }
    #expect(cut.images != own.images && cut.targets.allSatisfy { $0 == 0 || $0 == 1 })
    #expect(
      maker.augmented(
        [4][...], by: Augmentation([flip, .init(Mixup())]), seed: 1, fold: 0, epoch: 1
      )
      .images.count == 256)
  }

  /// Parts of a twentieth of the image hold a mark in every image that has any.
  @Test func nonEmptyCropsLookAtTheMovedTruth() {
    var crop = NonEmptyCrop()
    crop.scale = 0.05...0.05
    for epoch in 1...5 {
      let batch = maker.augmented(
        Array(0..<12)[...],
        by: Augmentation([.init(VerticalFlip(), p: 0.5), .init(Rotation()), .init(crop)]), seed: 1,
        fold: 0, epoch: epoch)
      for index in 0..<12 {
        let targets = batch.targets[(256 * index)..<(256 * (index + 1))]
        #expect(targets.contains(1) == (index % 4 != 3))
      }
    }
  }

  @Test func plainBatchesAreTheImagesNormalized() {
    let batch = maker.plain([4, 0][...])
    let mean = batch.images.reduce(0, +) / Float(batch.images.count)
    let scale = maker.normalization.channels[0]
    #expect(
      batch.images[300] == (set.image(0).values[300 - 256] - scale.mean) / scale.deviation)
    #expect(abs(mean) < 1)
    #expect(batch.targets[..<256] == set.mask(4).pixels.map(Float.init)[...])
  }

  @Test func normalizationIsThatOfTheChosenImages() {
    let deep = blobs(8, depths: true)
    let chosen = [1, 5, 6]
    let scale = Normalization(of: deep, chosen)
    let values = chosen.flatMap { deep.image($0).values.map(Double.init) }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(abs(Double(scale.channels[0].mean) - mean) < 1e-6)
    #expect(abs(Double(scale.channels[0].deviation) - variance.squareRoot()) < 1e-6)
    #expect(scale.features[0].mean == chosen.reduce(0) { $0 + deep.features[$1][0] } / 3)
    #expect(Normalization(of: deep, chosen.reversed()) == scale)
  }

  /// Against a sort of all values.
  @Test func percentilesClipBeforeTheMeanIsTaken() {
    let set = blobs(8)
    let values = [1, 5].flatMap { set.image($0).values }.sorted()
    func sample(_ percentile: Double) -> Float {
      values[max(0, Int((percentile / 100 * Double(values.count)).rounded(.up)) - 1)]
    }
    let (low, high) = (sample(10), sample(75))
    let clipped = values.map { Double(min(max($0, low), high)) }
    let mean = clipped.reduce(0, +) / Double(clipped.count)
    let variance =
      clipped.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(clipped.count)
    let scale = Normalization(of: set, [5, 1], percentiles: 10...75).channels[0]
    #expect(low < high && scale.lowest == low && scale.highest == high)
    #expect(abs(Double(scale.mean) - mean) < 1e-6)
    #expect(abs(Double(scale.deviation) - variance.squareRoot()) < 1e-6)
    var normalization = Normalization(of: set, [5, 1], percentiles: 10...75)
    normalization.features = []
    let maker = BatchMaker(set: set, normalization: normalization)
    let images = maker.plain([1][...]).images
    #expect(images.min() == (low - scale.mean) / scale.deviation)
    #expect(images.max() == (high - scale.mean) / scale.deviation)
  }
}
