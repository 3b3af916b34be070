// Batches of images as a network takes them: which images, how changed, in what order are
// functions of seed, fold, epoch and id alone.

package import Imaging

/// The input of one step, in NHWC order.
package struct Batch: Sendable, Equatable {
  package var count: Int
  /// [count, height, width, channels], normalized.
  package var images: [Float]
  /// [count, features], normalized; empty for none.
  package var features: [Float]
  /// [count, height, width], of 0 and 1; empty for images without masks.
  package var targets: [Float]
}

/// Makes batches from a set.
package struct BatchMaker: Sendable {
  package var set: ImageSet
  package var normalization: Normalization

  package init(set: ImageSet, normalization: Normalization) {
    self.set = set
    self.normalization = normalization
  }

  /// Images as they are, with their masks if the set has any.
  package func plain(_ indices: ArraySlice<Int>) -> Batch {
    batch(indices) { index in
      (set.image(index), set.hasMasks ? set.maskPixels(index).map(Float.init) : [])
    }
  }

  /// Images changed at random, each by a generator of its own.
  /// - Parameter memory: a batch that is no longer needed: allocating its size anew every time would
  ///   cost as much as what is done with it.
  package func augmented(
    _ indices: ArraySlice<Int>, by augmentation: Augmentation, seed: UInt64, fold: Int,
    epoch: Int, in memory: consuming Batch? = nil
  ) -> Batch {
    batch(indices, in: memory) { index in
      var generator = SeededGenerator(
        seed: seed, "augmentation", "\(fold)", "\(epoch)", set.ids[index])
      let (image, mask) = augmentation.apply(
        set.image(index), set.mask(index), using: &generator)
      return (image, mask.pixels.map(Float.init))
    }
  }

  private func batch(
    _ indices: ArraySlice<Int>, in memory: consuming Batch? = nil,
    _ item: (Int) -> (image: Plane, target: [Float])
  ) -> Batch {
    var batch = memory ?? Batch(count: 0, images: [], features: [], targets: [])
    batch.count = indices.count
    batch.images.removeAll(keepingCapacity: true)
    batch.features.removeAll(keepingCapacity: true)
    batch.targets.removeAll(keepingCapacity: true)
    let pixels = set.width * set.height
    batch.images.reserveCapacity(indices.count * pixels * set.channels)
    batch.targets.reserveCapacity(indices.count * pixels)
    for index in indices {
      let (image, target) = item(index)
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

  /// The training images in the order of an epoch. The order in which they are given does not
  /// matter.
  package static func order(_ indices: [Int], in set: ImageSet, seed: UInt64, fold: Int, epoch: Int)
    -> [Int]
  {
    var generator = SeededGenerator(seed: seed, "order", "\(fold)", "\(epoch)")
    return indices.sorted { set.ids[$0] < set.ids[$1] }.shuffled(using: &generator)
  }
}
