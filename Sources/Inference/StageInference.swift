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
    let ensemble = try Ensemble(
      models, batch: settings.batch, overlap: settings.overlap ?? 0.5, engine: engine())
    let all = Array(images.ids.indices)
    let frames = ensemble.frames(of: images, at: all)
    let progress = progress(
      "predict", total: frames, unit: frames == images.count ? "images" : "windows")
    return try ensemble.predict(
      images, at: all, tta: settings.tta, file: scratch.appendingPathComponent("maps")
    ) { progress.update(done: $0) }
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
        "there are \(models.count) models for the \(folds.count) folds of data/folds.csv; make both again "
          + "with `work run evaluate`", exit: .badInput)
    }
    let ensembles = try models.map {
      try Ensemble(
        [$0], batch: settings.batch, overlap: settings.overlap ?? 0.5, engine: engine())
    }
    let all = Array(images.ids.indices)
    let frames = ensembles.first?.frames(of: images, at: all) ?? 0
    let progress = progress(
      "predict", total: frames, unit: frames == images.count ? "images" : "windows")
    var before = 0
    var parts: [ProbabilityMaps] = []
    for (fold, ensemble) in ensembles.enumerated() {
      let own = try folds.images(of: fold, in: images)
      parts.append(
        try ensemble.predict(
          images, at: own, tta: settings.tta, file: scratch.appendingPathComponent("maps-\(fold)")
        ) { progress.update(done: before + $0) })
      before += ensemble.frames(of: images, at: own)
    }
    return try ProbabilityMaps(
      merging: parts, order: images.ids, in: scratch.appendingPathComponent("maps"))
  }
}
