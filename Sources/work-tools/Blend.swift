// `work blend`: weighs several runs' out-of-fold predictions, judges the blend on folds that its weights haven't seen,
// and writes the submission of the blended test predictions.

import Analysis
import Datasets
import Foundation
import Scores
import ToolReports
import Workbench

/// What `work blend` asks for.
struct BlendSettings: Codable {
  /// A run's predictions, as files of probability maps.
  struct Run: Codable {
    var name: String
    /// Out of fold.
    var oof: String
    /// Of the test images.
    var test: String
  }

  var runs: [Run]
  /// The sample submission; nil where the competition has none.
  var sample: String?
}

/// Blends with the data and parameters of *evaluate*, whose order this is.
func blend(_ stage: Stage) throws {
  let settings = try stage.parameters("blend", as: BlendSettings.self)
  // The maps were made by these, and nothing more follows from them.
  for key in ["inference", "engine"] { _ = try stage.parameters(key, as: JSONValue.self) }
  let competition = try stage.competition()
  let evaluation: EvaluationSettings = try stage.parameters("evaluate")
  guard competition.targets != .labels else {
    throw StageFailure(
      "classes that exclude each other can't be blended: of a pixel only its likeliest class is kept",
      exit: .badInput)
  }
  let images = try stage.trainingImages(withDepths: false)
  let folds = try stage.folds(of: images)
  let runs = try settings.runs.map { run in
    (
      name: run.name, oof: try BlendInput(run.oof, images.ids, run.name),
      test: try ProbabilityMaps(contentsOf: URL(fileURLWithPath: run.test))
    )
  }
  let blender = try Blender(runs.map(\.oof.maps), in: stage)
  let judge = BlendJudge(blender, images, folds, competition, evaluation, stage)

  let progress = stage.progress("weigh", total: folds.count + 1, unit: "choices")
  let scores = try BlendScores(blender, images, folds, competition, evaluation, stage.threads)
  var chosen: [[Int]] = []
  for part in 0...folds.count {
    chosen.append(
      try GreedySelection.counts(of: runs.count) { try scores.scores(of: $0)[part] })
    progress.update(done: part + 1)
  }
  let (foldCounts, counts) = (Array(chosen.dropLast()), chosen[folds.count])

  let singles = try runs.indices.map { run in
    try judge.score(runs.indices.map { $0 == run ? 1 : 0 })
  }
  let blended = try judge.score(ofFolds: foldCounts)
  let setting = try judge.evaluation(counts).final
  let submission = try submission(
    runs.map(\.test), counts, setting, settings, competition, stage)
  try BlendReport(
    runs: runs.map(\.name), singles: singles, counts: counts, foldCounts: foldCounts,
    blend: blended,
    decisions: setting.instances == nil
      ? [
        "threshold": setting.threshold, "minimum_area": Double(setting.minimumArea),
        "hole_area": setting.holeArea.map(Double.init),
        "minimum_part": setting.minimumPart.map(Double.init),
      ].compactMapValues { $0 } : [:],
    rows: submission.count, empty: submission.empty
  ).json().write(to: stage.output(BlendReport.fileName))
}

/// Writes the blended submission and checks it, as the stage *submission* does.
private func submission(
  _ tests: [ProbabilityMaps], _ counts: [Int], _ setting: PostProcessing,
  _ settings: BlendSettings, _ competition: Competition, _ stage: Stage
) throws -> Submission {
  let blender = try Blender(tests, in: stage)
  let maps = try blender.maps(counts)
  let sample = try settings.sample.map { try CSV(contentsOf: URL(fileURLWithPath: $0)) }
  let submission = try Submission(like: sample, ids: maps.ids, of: competition) { id in
    maps.index(of: id).map { setting.prediction(maps, $0, competition.targets) }
  }
  let file = try stage.output("blend.csv")
  try submission.table.write(to: file)
  try submission.check(file)
  return submission
}

/// Out-of-fold maps of a run, of all training images.
private struct BlendInput {
  let maps: ProbabilityMaps

  init(_ path: String, _ ids: [String], _ run: String) throws {
    maps = try ProbabilityMaps(contentsOf: URL(fileURLWithPath: path))
    if let missing = ids.first(where: { maps.index(of: $0) == nil }) {
      throw StageFailure(
        "run \(run): has no out-of-fold prediction of the training image \(missing); its images are others than those "
          + "of now", exit: .badInput)
    }
  }
}
