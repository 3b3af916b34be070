// Probabilities of one model for a few images, as they are: for validation during training. Averages
// over models and transforms are made in another module.

import Foundation
public import Imaging
public import Neural

extension Model {
  /// The probability of each pixel, as planes of one channel.
  /// - Parameter indices: which images of the set.
  /// - Throws: `ModelError` when the images are not of the model's size, and the engine's errors.
  public func probabilities(
    of set: ImageSet, at indices: [Int], batch: Int = 16, engine: EngineSettings
  ) throws -> [Plane] {
    guard !indices.isEmpty else { return [] }
    try check(accepts: set)
    let predictor = try predictor(batch: min(batch, indices.count), engine: engine)
    let batches = BatchMaker(set: set, normalization: normalization)
    let pixels = set.width * set.height
    return try stride(from: 0, to: indices.count, by: predictor.batch).flatMap { start in
      let batch = batches.plain(indices[start..<min(start + predictor.batch, indices.count)])
      let logits = try predictor.logits(
        images: batch.images, features: batch.features, count: batch.count)
      return (0..<batch.count).map { place in
        Plane(
          width: set.width, height: set.height,
          values: logits[(place * pixels)..<((place + 1) * pixels)].map(sigmoid))
      }
    }
  }

  /// The network compiled for inference, with these weights.
  /// - Throws: the engine's errors.
  package func predictor(batch: Int, engine: EngineSettings) throws -> Predictor {
    try Predictor(
      network: network, weights: weights, batch: batch, height: image.height, width: image.width,
      engine: engine)
  }

  /// - Throws: `ModelError` when the images are not of the model's size.
  package func check(accepts set: ImageSet) throws {
    let given = Shape(height: set.height, width: set.width, channels: set.channels)
    guard given == image else {
      throw ModelError(
        path: "model", problem: "was trained on images of \(image), these have \(given)")
    }
    guard features == 0 || features == set.featureCount else {
      throw ModelError(
        path: "model",
        problem: "takes \(features) values (depths) an image, these images have "
          + "\(set.featureCount)")
    }
  }
}

/// The probability of a logit.
package func sigmoid(_ logit: Float) -> Float { 1 / (1 + exp(-logit)) }
