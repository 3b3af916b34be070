// ---
// desc: Predicts the test images with all folds' models together
// deps:
//   - data/models
//   - "data/students?"
//   - data/test
//   - "${competition.files.sample_submission?}"
//   - "${competition.files.depths?}"
// params: [competition, inference, engine]
// outs: [data/predictions]
// ---

import Datasets
import Inference
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # The test images
  // The probability of a pixel is the mean over the folds' models of the mean over the flips of
  // test-time augmentation, each flipped back. Nothing is decided yet: thresholds belong to the
  // submission.
  cell("Predict")
  let competition = try stage.competition()
  let inference: InferenceSettings = try stage.parameters("inference")
  let models = try stage.models()
  let images = try stage.testImages(withDepths: models.takeDepths)
  let maps = try stage.predict(images, by: models, inference)
  try maps.write(to: stage.output("data/predictions/test.safetensors"))

  // %% [markdown]
  // ## A look
  // At a threshold of 0.5. Compare the distribution with that of the training masks in the report of
  // *eda*: if the test set's looks quite different, something is wrong.
  cell("Coverage predicted")
  let coverage = try maps.coverage(competition.targets)
  let empty = coverage.count { $0 == 0 }
  show([
    Figure("test images", maps.count.formatted()),
    Figure(
      "models", "\(models.count)",
      note: "one a fold" + (models.hasSnapshots ? ", of several epochs' weights" : "")),
    Figure("test-time augmentation", inference.tta.rawValue),
    Figure(
      "predicted empty", percent(empty, of: maps.count), note: "\(empty.formatted()) images"),
  ])
  if competition.targets == .labels {
    show(try maps.classCoverage(competition.classNames, of: "test images"))
  } else {
    show(
      Chart.histogram(
        coverage.filter { $0 > 0 }.map { $0 * 100 }, bins: 40,
        title: "Predicted coverage of images not empty",
        x: "share of the image that is \(competition.target ?? "target") (%)", y: "images"))
  }
  let order = coverage.indices.filter { coverage[$0] > 0 }
    .sorted { (coverage[$0], $0) < (coverage[$1], $1) }
  if let legend = try competition.legend() { show(legend) }
  show(
    try images.predictions(
      evenly(12, of: order), maps, competition.targets,
      title: "Test images and what is seen in them"))
}
