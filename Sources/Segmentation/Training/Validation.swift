// How good weights are on images that were not trained on: mean loss, and the metric at
// probability 0.5.

import Imaging
import Neural

extension Fit {
  /// The mean loss and score of the validation images; nil when there are none.
  func validate(_ weights: Weights, _ batches: BatchMaker, _ loss: Loss) throws
    -> (loss: Double, score: Double)?
  {
    guard !validation.isEmpty else { return nil }
    var engine = engine
    engine.threads = max(1, min(threads(), engine.threads))
    let predictor = try Predictor(
      network: network, weights: weights, batch: min(settings.batch, validation.count),
      height: set.height, width: set.width, engine: engine)
    let pixels = set.width * set.height
    var lossSum = 0.0
    var scoreSum = 0.0
    for start in stride(from: 0, to: validation.count, by: predictor.batch) {
      let indices = validation[start..<min(start + predictor.batch, validation.count)]
      let batch = batches.plain(indices)
      let logits = try predictor.logits(
        images: batch.images, features: batch.features, count: batch.count)
      lossSum +=
        loss.value(logits: logits, targets: batch.targets, count: batch.count)
        * Double(batch.count)
      for (place, index) in indices.enumerated() {
        var overlap = Overlap(truth: set.area(index), predicted: 0, intersection: 0)
        for pixel in (place * pixels)..<((place + 1) * pixels) where logits[pixel] > 0 {
          overlap.predicted += 1
          overlap.intersection += batch.targets[pixel] > 0 ? 1 : 0
        }
        scoreSum += metric.score(overlap)
      }
    }
    let count = Double(validation.count)
    return (lossSum / count, scoreSum / count)
  }
}
