// Batches of images as a network takes them: which images, how changed, in what order are
// functions of seed, fold, epoch and id alone.

package import Datasets
package import Imaging

/// The input of one step, in NHWC order.
package struct Batch: Sendable, Equatable {
  package var count: Int
  /// [count, height, width, channels], normalized.
  package var images: [Float]
  /// [count, features], normalized; empty for none.
  package var features: [Float]
  /// [count, height, width, targets]: masks as 0 and 1, classes by number, of instances shares; empty for
  /// images without truth.
  package var targets: [Float]
}

/// Makes batches from a set.
package struct BatchMaker: Sendable {
  package var set: ImageSet
  package var normalization: Normalization
  package var frame: Frame
  /// The share of training's windows that lie around a mark.
  package var centred = 0.5
  /// Windows an image and epoch.
  package var crops = 1

  package init(set: ImageSet, normalization: Normalization, frame: Frame = .whole) {
    self.set = set
    self.normalization = normalization
    self.frame = frame
  }

  /// Images as they are, with their truth if the set has any; of windows, the one in the middle.
  package func plain(_ indices: ArraySlice<Int>) -> Batch {
    batch(indices) { index in
      let window = frame.middle(of: set.size(index))
      return (
        index, set.frame(index, window, frame),
        set.hasMasks ? floats(targets(index, window)) : []
      )
    }
  }

  /// Images changed at random, each by a generator of its own; where the augmentation mixes images, each with
  /// the next one of the batch.
  /// - Parameters:
  ///   - items: numbers of an order; see `order(_:epoch:)`.
  ///   - memory: a batch that is no longer needed: allocating its size anew every time would
  ///     cost as much as what is done with it.
  package func augmented(
    _ items: ArraySlice<Int>, by augmentation: Augmentation, seed: UInt64, fold: Int,
    epoch: Int, in memory: consuming Batch? = nil
  ) -> Batch {
    var mixes: [[Mix]] = []
    var width = 1
    var batch = batch(items, in: memory) { item in
      let (index, crop) = item.quotientAndRemainder(dividingBy: crops)
      let size = set.size(index)
      var window = frame.middle(of: size)
      if case .patch = frame {
        var generator = SeededGenerator(
          seed: seed, "window", "\(fold)", "\(epoch)", set.ids[index], "\(crop)")
        window = frame.draw(
          size, anchors: set.anchors(index), centred: centred, using: &generator)
      }
      var generator =
        crop == 0
        ? SeededGenerator(seed: seed, "augmentation", "\(fold)", "\(epoch)", set.ids[index])
        : SeededGenerator(
          seed: seed, "augmentation", "\(fold)", "\(epoch)", set.ids[index], "\(crop)")
      let image = set.frame(index, window, frame)
      let targets = targets(index, window)
      let change = augmentation.draw(
        width: image.width, height: image.height, using: &generator
      ) { marks(in: moved(targets, by: $0), channels: targets.channels) }
      mixes.append(change.mixes)
      width = image.width
      return (index, change.apply(toImage: image), moved(targets, by: change))
    }
    if mixes.contains(where: { !$0.isEmpty }) {
      batch.mix(mixes, width: width, channels: set.channels, targets: set.targetChannels)
    }
    return batch
  }

  /// What is known of a window, at the frame's size.
  private func targets(_ index: Int, _ window: ImageWindow) -> TargetMap {
    guard case .resize(let size) = frame else { return set.targets(index, window) }
    return set.targets(index).scaled(to: size)
  }

  /// Targets as a batch has them.
  func floats(_ targets: TargetMap) -> [Float] {
    set.truthKind == .instances
      ? targets.values.map { Float($0) / 255 } : targets.values.map(Float.init)
  }

  private func moved(_ targets: TargetMap, by change: Change) -> [Float] {
    if set.truthKind == .labels {
      return change.apply(labels: targets.values, blank: Truth.ignored).map(Float.init)
    }
    let plane = Plane(
      width: targets.width, height: targets.height, channels: targets.channels,
      values: floats(targets))
    let moved = change.apply(to: plane)
    guard !change.isExact else { return moved.values }
    // What is marked stays marked or not; only the distance, the last of three, is a share.
    guard set.truthKind == .instances else { return moved.values.map { $0 >= 0.5 ? 1 : 0 } }
    return moved.values.enumerated().map { $0 % 3 == 2 ? $1 : $1 >= 0.5 ? 1 : 0 }
  }

  /// The numbers of pixels where anything is marked: of classes that exclude each other all but the first, of
  /// instances the foreground.
  private func marks(in targets: [Float], channels: Int) -> [Int] {
    (0..<(targets.count / channels)).filter { pixel in
      switch set.truthKind {
      case .labels: targets[pixel] != 0 && targets[pixel] != Float(Truth.ignored)
      case .instances: targets[pixel * channels] >= 0.5
      case .mask, nil:
        targets[(pixel * channels)..<((pixel + 1) * channels)].contains { $0 >= 0.5 }
      }
    }
  }

  private func batch(
    _ items: ArraySlice<Int>, in memory: consuming Batch? = nil,
    _ make: (Int) -> (index: Int, image: Plane, target: [Float])
  ) -> Batch {
    var batch = memory ?? Batch(count: 0, images: [], features: [], targets: [])
    batch.count = items.count
    batch.images.removeAll(keepingCapacity: true)
    batch.features.removeAll(keepingCapacity: true)
    batch.targets.removeAll(keepingCapacity: true)
    for (place, item) in items.enumerated() {
      let (index, image, target) = make(item)
      if place == 0 {
        batch.images.reserveCapacity(items.count * image.values.count)
        batch.targets.reserveCapacity(items.count * target.count)
      }
      var values = image.values
      normalization.apply(to: &values)
      batch.images += values
      batch.targets += target
      if !normalization.features.isEmpty {
        batch.features += normalization.apply(features: set.features[index])
      }
    }
    return batch
  }

  /// Frames of the set's images as a batch, normalized, with their features.
  package func frames(_ frames: [Plane], of indices: [Int]) -> Batch {
    batch(ArraySlice(frames.indices)) { (indices[$0], frames[$0], []) }
  }

  /// The windows of an epoch in their order, as numbers `index * crops + crop`. The order in which the
  /// images are given does not matter.
  package static func order(
    _ indices: [Int], in set: ImageSet, seed: UInt64, fold: Int, epoch: Int, crops: Int = 1
  ) -> [Int] {
    var generator = SeededGenerator(seed: seed, "order", "\(fold)", "\(epoch)")
    return indices.sorted { set.ids[$0] < set.ids[$1] }
      .flatMap { index in (0..<crops).map { index * crops + $0 } }.shuffled(using: &generator)
  }
}

extension TargetMap {
  /// Another size, by the nearest pixel.
  func scaled(to size: ImageSize) -> TargetMap {
    guard size.width != width || size.height != height else { return self }
    let columns = (0..<size.width).map { (2 * $0 + 1) * width / (2 * size.width) }
    var scaled = TargetMap(
      width: size.width, height: size.height, channels: channels, values: [])
    scaled.values.reserveCapacity(size.pixels * channels)
    for y in 0..<size.height {
      let row = (2 * y + 1) * height / (2 * size.height) * width
      for column in columns {
        for channel in 0..<channels {
          scaled.values.append(values[(row + column) * channels + channel])
        }
      }
    }
    return scaled
  }
}
