// Predicting as a stage does it: by params.yaml, with the threads that the runner grants and progress in
// the terminal.

import Foundation
public import Segmentation

extension Stage {
  /// The probabilities of all images of a set by all models together.
  ///
  /// - Throws: `StageFailure` where a parameter isn't declared, and what `Ensemble` throws.
  public func predict(
    _ images: ImageSet, by models: [Model], _ settings: InferenceSettings
  ) throws -> ProbabilityMaps {
    let ensemble = try Ensemble(models, batch: settings.batch, engine: engine())
    let progress = progress("predict", total: images.count, unit: "images")
    return try ensemble.predict(images, at: Array(images.ids.indices), tta: settings.tta) {
      progress.update(done: $0)
    }
  }

  /// The probabilities of each training image by the one model that never saw it, in the order of the set.
  ///
  /// - Throws: `StageFailure` where there isn't one model a fold or a parameter isn't declared, and what
  ///   `Ensemble` throws.
  public func predictOutOfFold(
    _ images: ImageSet, _ folds: Folds, by models: [Model], _ settings: InferenceSettings
  ) throws -> ProbabilityMaps {
    guard models.count == folds.count else {
      throw StageFailure(
        "data/models: \(models.count) models for the \(folds.count) folds of data/folds.csv; make both again "
          + "with `work run evaluate`", exit: .badInput)
    }
    let progress = progress("predict", total: images.count, unit: "images")
    var parts: [ProbabilityMaps] = []
    for (fold, model) in models.enumerated() {
      let ensemble = try Ensemble([model], batch: settings.batch, engine: engine())
      let before = parts.reduce(0) { $0 + $1.count }
      parts.append(
        try ensemble.predict(images, at: folds.images(of: fold, in: images), tta: settings.tta) {
          progress.update(done: before + $0)
        })
    }
    return try ProbabilityMaps(merging: parts, order: images.ids)
  }
}
