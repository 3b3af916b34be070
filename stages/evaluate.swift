// ---
// desc: Scores the out-of-fold predictions, and tunes the post-processing
// deps:
//   - data/models
//   - data/folds.csv
//   - data/train
//   - "${competition.files.train_table}"
//   - "${competition.files.depths}"
// params: [competition, evaluate, inference, engine]
// outs: [data/evaluation]
// keep: [data/evaluation/scores.csv]
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
  // # What the models are worth
  // Every training image is predicted by the one model that never saw it, with the test-time
  // augmentation and the run lengths that the submission will have. The score here is what to
  // expect of the submission.
  cell("Out-of-fold predictions")
  let competition = try stage.competition()
  let settings = try stage.parameters("evaluate", as: EvaluateParameters.self)
  try settings.check()
  let inference = try stage.parameters("inference", as: InferenceSettings.self)
  let metric = try Metric(named: competition.metric, setting: "competition.metric")
  let models = try stage.models()
  let images = try stage.trainingImages(withDepths: models.contains { $0.features > 0 })
  let folds = try Folds(contentsOf: stage.input("data/folds.csv"), known: images.ids)
  guard models.count == folds.count else {
    throw StageFailure(
      "data/models: \(models.count) models for the \(folds.count) folds of data/folds.csv; make both again "
        + "with `work run evaluate`", exit: .badInput)
  }
  let progress = stage.progress("predict", total: images.count, unit: "images")
  var parts: [ProbabilityMaps] = []
  for fold in 0..<folds.count {
    let members = try folds.validation(fold).map { try images.index(of: $0) }
    let ensemble = try Ensemble([models[fold]], batch: inference.batch, engine: stage.engine())
    let before = parts.reduce(0) { $0 + $1.count }
    parts.append(
      try ensemble.predict(images, at: members, tta: inference.tta) {
        progress.update(done: before + $0)
      })
  }
  let maps = try ProbabilityMaps(merging: parts, order: images.ids)

  // %% [markdown]
  // ## The score
  // A threshold and a minimum area turn probabilities into masks. For each fold they are chosen on
  // the other folds and judged on it, so the score isn't flattered by the choice.
  cell("Score")
  let evaluation = try Evaluation(
    of: maps, truth: images, folds: folds, metric: metric,
    grid: try TuningGrid(
      thresholds: settings.thresholds.values(), minimumAreas: settings.minimumAreas),
    classes: CoverageClass(count: settings.coverageBins))
  show([
    Figure(
      "out-of-fold score", decimal(evaluation.score), note: "\(metric.name), \(folds.count) folds"),
    Figure("at threshold 0.5", decimal(evaluation.scoreAtHalf), note: "without minimum area"),
    Figure(
      "threshold", String(format: "%.2f", evaluation.final.threshold), note: "for the submission"),
    Figure("minimum area", "\(evaluation.final.minimumArea)", note: "pixels"),
  ])
  print(
    "out-of-fold score \(decimal(evaluation.score)) (\(metric.name), TTA \(inference.tta.rawValue))"
  )
  show(
    Table(
      title: "By fold", caption: "The setting of a fold was chosen on the others.",
      columns: ["fold", "images", "threshold", "minimum area", "score", "at threshold 0.5"],
      rows: evaluation.folds.map { fold in
        [
          "\(fold.fold)", fold.images.formatted(), String(format: "%.2f", fold.setting.threshold),
          "\(fold.setting.minimumArea)", decimal(fold.score), decimal(fold.scoreAtHalf),
        ]
      }))
  stage.metric("score", evaluation.score)

  cell("Thresholds and areas")
  let areas = Set(evaluation.grid.map(\.setting.minimumArea)).sorted()
  show(
    Chart(
      title: "Score against the threshold",
      caption:
        "On all folds at once, so a little flattered. A flat top means that the choice hardly matters.",
      x: Chart.Axis("threshold of probability"), y: Chart.Axis("\(metric.name)"),
      layers: evenly(4, of: areas).map { area in
        let points = evaluation.grid.filter { $0.setting.minimumArea == area }
        return .line(
          x: points.map(\.setting.threshold), y: points.map(\.score), name: "minimum area \(area)")
      }))

  // %% [markdown]
  // ## Where it is won and lost
  cell("By coverage")
  show(
    Chart.bars(
      evaluation.bins.map { ($0.label, $0.score) }, title: "Score by coverage",
      caption:
        "Empty images score 1 or 0; small masks are the hardest.",
      x: "coverage", y: metric.name))
  show(
    Table(
      columns: ["coverage", "images", "score", "at threshold 0.5"],
      rows: evaluation.bins.map {
        [$0.label, $0.images.formatted(), decimal($0.score), decimal($0.scoreAtHalf)]
      }))

  cell("Worst cases")
  let worst = evaluation.images.indices.sorted {
    let (a, b) = (evaluation.images[$0], evaluation.images[$1])
    return (a.score, -abs(a.overlap.predicted - a.overlap.truth), a.id)
      < (b.score, -abs(b.overlap.predicted - b.overlap.truth), b.id)
  }
  show(
    PictureGrid(
      title: "The lowest scores",
      caption: "Among equals, those with the most wrong pixels come first.",
      columns: ["image", "mask", "probability", "prediction"],
      rows: try worst.prefix(settings.worst).map { place in
        let found = evaluation.images[place]
        let index = try images.index(of: found.id)
        let setting = evaluation.setting(ofFold: found.fold) ?? evaluation.final
        return [
          try Picture(Raster(images.image(index)), label: "\(found.id) · \(decimal(found.score))"),
          try Picture(images.mask(index), label: ""),
          try Picture(ColorMap.heat.raster(maps.map(place)), label: ""),
          try Picture(setting.mask(maps, place), label: ""),
        ]
      }))

  // %% [markdown]
  // ## What is kept
  // `oof.csv` holds the judged masks in the competition's own format, so that any other program can
  // score them. `scores.csv` has what each image scored; every run keeps a copy, for `work runs diff`.
  cell("Files")
  let target = try stage.output("data/evaluation")
  try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
  try maps.write(to: target.appendingPathComponent("oof.safetensors"))
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  try encoder.encode(evaluation).write(to: target.appendingPathComponent("evaluation.json"))
  try encoder.encode(evaluation.final).write(
    to: target.appendingPathComponent("postprocessing.json"))
  let dialect = try stage.parameters("competition.rle", as: RunLength.self)
  var table = CSV(columns: [competition.columns.id, competition.columns.mask])
  for (place, found) in evaluation.images.enumerated() {
    let setting = evaluation.setting(ofFold: found.fold) ?? evaluation.final
    table.append([found.id, dialect.encode(setting.mask(maps, place))])
  }
  try table.write(to: target.appendingPathComponent("oof.csv"))
  var scores = CSV(columns: [competition.columns.id, "fold", "score"])
  for found in evaluation.images {
    scores.append([found.id, "\(found.fold)", "\(found.score)"])
  }
  try scores.write(to: target.appendingPathComponent("scores.csv"))
}

struct EvaluateParameters: Codable {
  var thresholds: ThresholdRange
  var minimumAreas: [Int]
  var coverageBins: Int
  var worst: Int
  enum CodingKeys: String, CodingKey {
    case thresholds, worst
    case minimumAreas = "minimum_areas"
    case coverageBins = "coverage_bins"
  }

  /// What would otherwise be noticed only when all images are predicted.
  func check() throws {
    guard coverageBins >= 1 else {
      throw StageFailure(
        "evaluate.coverage_bins is \(coverageBins), should be 1 or more", exit: .badInput)
    }
    guard worst >= 0 else {
      throw StageFailure("evaluate.worst is \(worst), should not be negative", exit: .badInput)
    }
  }
}
