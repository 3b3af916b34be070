// Probabilities by several models together: the mean over models of the mean over transforms.

import Imaging
public import Neural
public import Segmentation

/// Models that predict together, such as those of all folds.
public final class Ensemble {
  /// A network's logits [count, height, width] of images [count, height, width, channels] and
  /// features [count, n].
  package typealias Forward = (_ images: [Float], _ features: [Float], _ count: Int) throws ->
    [Float]

  /// One model, ready to compute.
  package struct Member {
    package var normalization: Normalization
    package var check: (ImageSet) throws -> Void
    package var forward: Forward

    package init(
      normalization: Normalization, check: @escaping (ImageSet) throws -> Void = { _ in },
      forward: @escaping Forward
    ) {
      self.normalization = normalization
      self.check = check
      self.forward = forward
    }
  }

  private let members: [Member]
  private let batch: Int

  /// Memory of the models' plans and weights, in bytes.
  public let plannedBytes: Int

  /// - Parameter batch: images a call of a network.
  /// - Throws: `SettingError` without any model, and the engine's errors.
  public init(_ models: [Model], batch: Int, engine: EngineSettings) throws {
    try SettingError.check(!models.isEmpty, "models", "there is none to predict with")
    try SettingError.check(batch >= 1, "inference.batch", "is \(batch), should be 1 or more")
    self.batch = batch
    let predictors = try models.map { try $0.predictor(batch: batch, engine: engine) }
    plannedBytes = predictors.reduce(0) { $0 + $1.plannedBytes }
    members = zip(models, predictors).map { model, predictor in
      Member(normalization: model.normalization, check: model.check(accepts:)) {
        try predictor.logits(images: $0, features: $1, count: $2)
      }
    }
  }

  package init(members: [Member], batch: Int) {
    self.members = members
    self.batch = batch
    plannedBytes = 0
  }

  /// Predicts images of a set. Sums are taken in the order of models and transforms, so that the
  /// result is the same for any batch and any number of threads.
  /// - Parameters:
  ///   - indices: which images; the maps are in this order.
  ///   - progress: called with the number of images done; stops the prediction by throwing.
  /// - Throws: `ModelError` when the images are not of the models' size, and the engine's errors.
  public func predict(
    _ set: ImageSet, at indices: [Int], tta: TTA, progress: (Int) throws -> Void = { _ in }
  ) throws -> ProbabilityMaps {
    for member in members { try member.check(set) }
    let transforms = tta.transforms(width: set.width, height: set.height)
    let pixels = set.width * set.height
    let share = 1 / Float(members.count * transforms.count)
    var values: [UInt8] = []
    values.reserveCapacity(indices.count * pixels)
    for start in stride(from: 0, to: indices.count, by: batch) {
      let some = indices[start..<min(start + batch, indices.count)]
      var sums = [Float](repeating: 0, count: some.count * pixels)
      for member in members {
        let batch = BatchMaker(set: set, normalization: member.normalization).plain(some)
        for transform in transforms {
          let images = Self.move(
            batch.images, by: transform, width: set.width, height: set.height,
            channels: set.channels)
          let logits = try member.forward(images, batch.features, batch.count)
          // Sides are exchanged only where they are equal.
          let back = Self.move(
            logits, by: transform.inverse, width: set.width, height: set.height, channels: 1)
          for index in sums.indices { sums[index] += sigmoid(back[index]) }
        }
      }
      for sum in sums { values.append(ProbabilityMaps.quantized(sum * share)) }
      try progress(start + some.count)
    }
    return ProbabilityMaps(
      ids: indices.map { set.ids[$0] }, width: set.width, height: set.height, values: values)
  }

  /// Every image of a batch, moved.
  private static func move(
    _ batch: [Float], by transform: Dihedral, width: Int, height: Int, channels: Int
  ) -> [Float] {
    guard transform != .identity else { return batch }
    let size = width * height * channels
    return stride(from: 0, to: batch.count, by: size).flatMap { start in
      transform.apply(
        Plane(
          width: width, height: height, channels: channels,
          values: Array(batch[start..<(start + size)]))
      ).values
    }
  }
}
