// ---
// desc: Predicts the test images with all folds' models together
// deps: [data/models, data/test, "${competition.files.sample_submission}", "${competition.files.depths}"]
// params: [competition, inference, engine]
// outs: [data/predictions]
// ---

import Datasets
import Exploration
import Foundation
import Imaging
import Inference
import Notebook
import Segmentation
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # The test images
  // The probability of a pixel is the mean over the folds' models of the mean over the flips of
  // test-time augmentation, each flipped back. Nothing is decided yet: thresholds belong to the
  // submission.
  cell("Predict")
  let competition = try stage.competition()
  let inference = try stage.parameters("inference", as: InferenceSettings.self)
  let models = try stage.models()
  let images = try stage.testImages(withDepths: models.contains { $0.features > 0 })
  let ensemble = try Ensemble(models, batch: inference.batch, engine: stage.engine())
  let progress = stage.progress("predict", total: images.count, unit: "images")
  let maps = try ensemble.predict(images, at: Array(images.ids.indices), tta: inference.tta) {
    progress.update(done: $0)
  }
  let target = try stage.output("data/predictions")
  try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
  try maps.write(to: target.appendingPathComponent("test.safetensors"))

  // %% [markdown]
  // ## A look
  // Compare the distribution with that of the training masks in the report of *eda*: if the test
  // set's looks quite different, something is wrong.
  cell("Coverage predicted")
  let coverage = (0..<maps.count).map { place in
    Double(maps.map(place).values.count { $0 > 0.5 }) / Double(maps.width * maps.height)
  }
  let empty = coverage.count { $0 == 0 }
  show([
    Figure("test images", maps.count.formatted()),
    Figure("models", "\(models.count)", note: "one a fold"),
    Figure("test-time augmentation", inference.tta.rawValue),
    Figure(
      "predicted empty", percent(Double(empty) / Double(maps.count)), note: "at threshold 0.5"),
  ])
  show(
    Chart.histogram(
      coverage.filter { $0 > 0 }.map { $0 * 100 }, bins: 40, title: "Predicted coverage",
      caption: "At a threshold of 0.5; \(empty.formatted()) images predicted empty are left out.",
      x: "share of the image that is \(competition.target ?? "target") (%)", y: "images"))
  let order = coverage.indices.filter { coverage[$0] > 0 }
    .sorted { (coverage[$0], $0) < (coverage[$1], $1) }
  show(
    PictureGrid(
      title: "Test images and their probabilities", columns: ["image", "probability"],
      rows: try evenly(12, of: order).map { place in
        [
          try Picture(
            Raster(images.image(place)), label: "\(maps.ids[place]) · \(percent(coverage[place]))"),
          try Picture(ColorMap.heat.raster(maps.map(place)), label: ""),
        ]
      }))
}
