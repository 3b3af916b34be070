// Probabilities of one model, as they are: for validation during training. Averages over models and
// transforms are made in another module.

public import Datasets
import Foundation
public import Imaging
public import Neural

extension Model {
  /// The probability of each pixel, [height, width, outputs] of each image.
  /// - Parameters:
  ///   - indices: which images of the set.
  ///   - overlap: of neighbouring windows, 0..<1.
  /// - Throws: `ModelError` when the images don't fit the model, and the engine's errors.
  public func probabilities(
    of set: ImageSet, at indices: [Int], batch: Int = 16, overlap: Double = 0.25,
    engine: EngineSettings
  ) throws -> [Plane] {
    var maps: [Plane] = []
    try eachMap(of: set, at: indices, batch: batch, overlap: overlap, engine: engine) {
      maps.append($1)
    }
    return maps
  }

  /// The same, one image after another.
  package func eachMap(
    of set: ImageSet, at indices: [Int], batch: Int, overlap: Double, engine: EngineSettings,
    _ onImage: (_ place: Int, Plane) throws -> Void
  ) throws {
    guard !indices.isEmpty else { return }
    try check(accepts: set)
    let predictor = try predictor(
      batch: frame == .whole ? min(batch, indices.count) : batch, engine: engine)
    let batches = BatchMaker(set: set, normalization: normalization, frame: frame)
    let run = MapRun(
      set: set, frame: frame, input: ImageSize(width: image.width, height: image.height),
      outputs: head.outputs, batch: predictor.batch, overlap: overlap, threads: engine.threads)
    let (head, count) = (head, image.pixels * head.outputs)
    try run.run(
      indices,
      forward: { frames, images in
        let batch = batches.frames(frames, of: images)
        let logits = try predictor.logits(
          images: batch.images, features: batch.features, count: batch.count)
        return try concurrentMap(count: frames.count, threads: engine.threads) { place in
          var probabilities = [Float](repeating: 0, count: count)
          head.add(Array(logits[(place * count)..<((place + 1) * count)]), to: &probabilities)
          return probabilities
        }
      }, onImage: onImage)
  }

  /// The network compiled for inference, with these weights.
  /// - Throws: the engine's errors.
  package func predictor(batch: Int, engine: EngineSettings) throws -> Predictor {
    try Predictor(
      network: network, weights: weights, batch: batch, height: image.height, width: image.width,
      engine: engine)
  }

  /// - Throws: `ModelError` when the images don't fit the model.
  package func check(accepts set: ImageSet) throws {
    let isFit =
      switch frame {
      case .whole:
        set.commonSize == ImageSize(width: image.width, height: image.height)
          && set.channels == image.channels
      case .patch, .resize: set.channels == image.channels
      }
    guard isFit else {
      let given = set.commonSize.map {
        "\(Shape(height: $0.height, width: $0.width, channels: set.channels))"
      }
      throw ModelError(
        path: "model",
        problem: "was trained on images of \(image), these have "
          + (given ?? "different sizes and \(set.channels) channels"))
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
