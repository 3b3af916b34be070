// How good weights are on images that were not trained on: mean loss, and the metric at
// probability 0.5.

import Datasets
import Imaging
import Neural

/// What a validation found.
struct Validated {
  /// The weights that were judged.
  var weights: Weights
  /// The mean loss.
  var loss: Double
  /// The metric of all images.
  var score: Double
  /// The images with their own scores, the worst first; among equals those with the most wrong pixels.
  var worstFirst: [(index: Int, score: Double)]
}

extension Fit {
  /// The mean loss and score of the validation images; nil when there are none. Where the loss is no number, nothing
  /// else is known.
  ///
  /// Where the network sees windows, the loss is that of each image's middle, the score of all of it.
  func validate(_ weights: Weights, _ batches: BatchMaker, _ loss: Loss) throws -> Validated? {
    guard !validation.isEmpty else { return nil }
    var engine = engine
    engine.threads = max(1, min(threads(), engine.threads))
    let input = try frame.input(for: set)
    let predictor = try Predictor(
      network: network, weights: weights, batch: min(settings.batch, validation.count),
      height: input.height, width: input.width, engine: engine)
    let count = input.pixels * head.outputs
    var lossSum = 0.0
    var tallies: [Tally] = []
    for start in stride(from: 0, to: validation.count, by: predictor.batch) {
      let indices = validation[start..<min(start + predictor.batch, validation.count)]
      let batch = batches.plain(indices)
      let logits = try predictor.logits(
        images: batch.images, features: batch.features, count: batch.count)
      lossSum +=
        loss.value(logits: logits, targets: batch.targets, count: batch.count)
        * Double(batch.count)
      // Logits that are no numbers have no score.
      guard lossSum.isFinite else {
        return Validated(weights: weights, loss: lossSum, score: 0, worstFirst: [])
      }
      guard frame == .whole else { continue }
      for (place, index) in indices.enumerated() {
        let own = Array(logits[(place * count)..<((place + 1) * count)])
        guard set.truthKind != .mask else {
          // Without the rounding of probabilities.
          let masks = (0..<head.outputs).map { channel in
            Mask(
              width: input.width, height: input.height,
              pixels: (0..<input.pixels).map { own[$0 * head.outputs + channel] > 0 ? 1 : 0 })
          }
          tallies.append(Tally(.masks(masks), truth: set.truth(index), classes: set.classes))
          continue
        }
        var map = [Float](repeating: 0, count: count)
        head.add(own, to: &map)
        tallies.append(
          tally(
            Plane(
              width: input.width, height: input.height, channels: head.outputs, values: map),
            index))
      }
    }
    if frame != .whole {
      let model = Model(
        network: network, weights: weights, image: input, features: features,
        normalization: batches.normalization, frame: frame, head: head)
      try model.eachMap(
        of: set, at: validation, batch: settings.batch, overlap: 0.25, engine: engine
      ) { tallies.append(tally($1, validation[$0])) }
    }
    let each = zip(validation, tallies).map { index, tally in
      (
        index: index, score: metric.score(of: [tally]),
        wrong: tally.overlap.truth + tally.overlap.predicted - 2 * tally.overlap.intersection
      )
    }
    return Validated(
      weights: weights, loss: lossSum / Double(validation.count), score: metric.score(of: tallies),
      worstFirst: each.sorted { ($0.score, -$0.wrong, $0.index) < ($1.score, -$1.wrong, $1.index) }
        .map { ($0.index, $0.score) })
  }

  private func tally(_ map: Plane, _ index: Int) -> Tally {
    Tally(prediction(map, index), truth: set.truth(index), classes: set.classes)
  }

  /// What follows from an image's probabilities at a threshold of 0.5.
  func prediction(_ map: Plane, _ index: Int) -> Prediction {
    Prediction(
      kept: head.kept(map), set.size(index), channels: head.mapChannels,
      kind: set.truthKind ?? .mask)
  }
}
