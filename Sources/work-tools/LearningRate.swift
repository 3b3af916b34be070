// ---
// desc: A learning-rate range test on the images that a fold is trained on
// ---

import Datasets
import Foundation
import Neural
import Notebook
import Segmentation
import ToolReports
import Workbench

/// What `work lr-find` asks for.
struct LearningRateSettings: Codable {
  /// Steps at most.
  var steps: Int
  /// The first step's rate.
  var from: Float
  /// The last step's.
  var to: Float
}

/// Runs the test on the data and with the parameters of a training stage's instance, whose order this
/// is, and writes what it found.
@MainActor
func findLearningRate(_ stage: Stage) throws {
  // %% [markdown]
  // # Which learning rate?
  // A range test (Smith, 2017): the network is trained from fresh weights for a few steps, with a
  // learning rate that grows from tiny to huge. Where it is too small, the loss stands still; then it
  // falls; where it is too large, training explodes. Nothing of this training is kept.

  cell("Images and network")
  let range = try stage.parameters("lr-find", as: LearningRateSettings.self)
  let settings = try stage.parameters("train", as: FitSettings.self)
  let model = try stage.parameters("model", as: ModelSettings.self)
  let fold = try stage.item("fold")
  let images = try stage.trainingImages(withDepths: model.depthInput)
  let training = try stage.folds(of: images).leavingOut(fold, of: images).training
  let head = TargetHead(
    for: images, weights: try stage.competition().classes?.weights, at: training)
  let network = try model.network(for: images, outputs: head.outputs)
  print(
    "\(training.count) images, batches of \(settings.batch), \(settings.optimizer.rawValue), "
      + "\(model.kind.rawValue) (\(model.note))")

  cell("Test")
  let fit = try Fit(
    network, of: model, on: images, training: training, validation: [], settings: settings,
    head: head, in: stage)
  let test = LearningRateRangeTest(fit, steps: range.steps, from: range.from, to: range.to)
  let progress = stage.progress("range test", total: range.steps, unit: "steps")
  var done = 0
  let curve = try test.run { point in
    done += 1
    progress.update(
      done: done, note: "rate \(text(point.rate))  loss \(decimal(point.smoothed))")
  }
  print(
    curve.hasExploded
      ? "stopped after \(curve.points.count) steps of \(range.steps): the loss exploded"
      : "\(curve.points.count) steps; the loss did not explode up to \(text(range.to))")

  // %% [markdown]
  // ## What it says
  // The suggestion is a tenth of the rate at which the smoothed loss is least: at the least itself,
  // training is about to explode. It is meant for the peak of a schedule (`train.learning_rate`), and
  // holds for this network, batch, optimizer and loss.
  cell("Curve")
  let rates = curve.points.map { Double($0.rate) }
  show(figures(curve, settings))
  show(
    Chart(
      title: "Loss against learning rate",
      caption: "One dot a step; the line is their running mean.",
      x: Chart.Axis("learning rate", scale: .log),
      y: Chart.Axis("loss", domain: lossRange(curve)),
      layers: [
        .points(x: rates, y: curve.points.map(\.loss), name: "of a batch"),
        .line(x: rates, y: curve.points.map(\.smoothed), name: "smoothed"),
      ]
        + (curve.suggestion.map {
          [.rule(x: Double($0), y: nil, label: "suggestion \(text($0))")]
        } ?? [])))
  if curve.suggestion == nil {
    stage.warn(
      "The loss never fell by a tenth, so there is nothing to suggest: try more steps (--steps) or "
        + "other rates (--from, --to).")
  }
  if let minimum = curve.minimum, minimum > range.to / 10, curve.suggestion != nil {
    stage.warn(
      "The loss is least near the end of the range, so the suggestion may be too large: look at the curve, "
        + "and try more steps (--steps).")
  }
  try write(curve, settings, to: stage.output(LearningRateReport.fileName))
}

private func figures(_ curve: LearningRateCurve, _ settings: FitSettings) -> [Figure] {
  [
    Figure("suggestion", curve.suggestion.map(text) ?? "–", note: "for train.learning_rate"),
    Figure("loss is least at", curve.minimum.map(text) ?? "–"),
    Figure("falls fastest at", curve.steepest.map(text) ?? "–"),
    Figure("now", text(settings.learningRate), note: "train.learning_rate"),
  ]
}

/// The losses up to the least smoothed one: a loss that explodes after it would flatten the rest.
private func lossRange(_ curve: LearningRateCurve) -> ClosedRange<Double>? {
  guard let minimum = curve.minimum,
    let last = curve.points.lastIndex(where: { $0.rate <= minimum })
  else { return nil }
  let least = curve.points.map { min($0.loss, $0.smoothed) }.min() ?? 0
  let most = curve.points[...last].map { max($0.loss, $0.smoothed) }.max() ?? 0
  guard least < most, least.isFinite, most.isFinite else { return nil }
  let margin = 0.05 * (most - least)
  return (least - margin)...(most + margin)
}

private func write(_ curve: LearningRateCurve, _ settings: FitSettings, to url: URL) throws {
  // By the decimal text, since a Float's digits are noise as a Double.
  func number(_ rate: Float) -> Double { Double("\(rate)") ?? Double(rate) }
  let report = LearningRateReport(
    suggestion: curve.suggestion.map(number), minimum: curve.minimum.map(number),
    steepest: curve.steepest.map(number), current: number(settings.learningRate),
    steps: curve.points.count, hasExploded: curve.hasExploded)
  try report.json().write(to: url)
}

private func text(_ rate: Float) -> String { LearningRateReport.text(rate: Double(rate)) }
