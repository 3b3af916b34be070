// ---
// desc: Trains a U-Net on all folds but one
// deps: [data/folds.csv, data/train, "${competition.files.train_table}", "${competition.files.depths}"]
// params:
//   - competition.image
//   - competition.files
//   - competition.columns
//   - competition.rle
//   - competition.metric
//   - model
//   - train
//   - engine
//   - seed
// outs: ["data/models/fold-${fold}"]
// keep: ["data/models/fold-${fold}/metrics.jsonl"]
// foreach: {fold: folds.count}
// ---

import Datasets
import Exploration
import Foundation
import Imaging
import Neural
import Notebook
import Segmentation
import Workbench

await Stage.run { stage in
  let fold = try stage.item("fold")
  let competition = try stage.competition()
  let settings = try stage.parameters("train", as: FitSettings.self)
  try settings.check()
  let model = try stage.parameters("model", as: ModelSettings.self)
  let metric = try Metric(named: competition.metric, setting: "competition.metric")

  // %% [markdown]
  // # A U-Net for one fold
  // The model sees the images of all other folds; the fold left out is only looked at, to see how
  // training goes. Nothing is chosen by that look unless `train.keep`, `train.patience` or the
  // schedule `plateau` ask for it.

  cell("Images")
  let images = try stage.trainingImages(withDepths: model.depthInput)
  let folds = try Folds(contentsOf: stage.input("data/folds.csv"), known: images.ids)
  guard fold < folds.count else {
    throw StageFailure(
      "data/folds.csv: has \(folds.count) folds, so there is no fold \(fold); make it again with "
        + "`work run folds`", exit: .badInput)
  }
  let training = try folds.training(fold).map { try images.index(of: $0) }
  let validation = try folds.validation(fold).map { try images.index(of: $0) }
  print("\(training.count) images to train on, \(validation.count) left out")

  cell("Network")
  let network = try model.network(
    image: Shape(height: images.height, width: images.width, channels: images.channels),
    features: images.featureCount)
  show([
    Figure("network", model.kind.rawValue, note: model.note),
    Figure(
      "parameters",
      try network.parameterCount(height: images.height, width: images.width).formatted()),
    Figure(
      "multiply-adds",
      String(
        format: "%.2f G",
        Double(try network.multiplyAdds(height: images.height, width: images.width)) / 1e9),
      note: "an image, forward"),
  ])
  // A line a layer: for the log, not for the page.
  Swift.print(try network.summary(height: images.height, width: images.width))

  cell("Training")
  let target = try stage.output("data/models/fold-\(fold)")
  try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
  // All threads that may ever be granted; how many of them work is asked before every step.
  let engine = try stage.engine(threads: stage.mostThreads)
  print("computed in \(engine.precision.rawValue) by \(engine.decision.backend.rawValue)")
  var fit = Fit(
    network: network, features: images.featureCount, set: images, training: training,
    validation: validation, settings: settings, metric: metric, seed: try stage.seed(), fold: fold,
    engine: engine, scratch: stage.scratch, threads: { stage.threads })
  if let seconds = stage.option("checkpoint_seconds").flatMap(Double.init) {
    fit.checkpointEvery = .seconds(seconds)
  }
  if let budget = settings.budget {
    let epochs = try stage.pinned("train.epochs") {
      try fit.pace().epochs(within: budget.seconds)
    }
    fit.settings = settings.with(epochs: epochs)
    print("\(epochs) epochs, which the budget of \(budget) came to")
  }
  let epochs = fit.settings.epochs
  let perEpoch = training.count / settings.batch * settings.batch
  let progress = stage.progress("train", total: perEpoch * epochs, unit: "images")
  var score: Double?
  var soFar: [EpochMetrics] = []
  let result = try fit.run(
    history: target.appendingPathComponent("metrics.jsonl"),
    onStep: { step in
      progress.update(
        done: (step.epoch - 1) * perEpoch + step.images,
        note: "epoch \(step.epoch)/\(step.epochs)  loss \(decimal(step.loss))"
          + (score.map { "  score \(decimal($0))" } ?? ""))
    },
    onEpoch: { epoch in
      score = epoch.score ?? score
      soFar.append(epoch)
      // The page and the terminal follow along.
      stage.metrics(
        numbers(epoch), step: epoch.epoch, drawn: ["training loss", "score of fold"])
      show(lossChart(soFar, of: epochs), key: "loss")
      show(scoreChart(soFar, of: epochs, metric.name), key: "score")
      print(line(epoch, of: epochs))
    },
    warn: { stage.warn($0) })
  if result.resumedAfter > 0 || result.resumedSteps > 0 {
    print(
      "an interrupted run was taken up after epoch \(result.resumedAfter)"
        + (result.resumedSteps > 0 ? " and \(result.resumedSteps) steps" : ""))
  }
  try result.model.write(to: target.appendingPathComponent("model.safetensors"))

  // %% [markdown]
  // ## What it took
  // Batches are made beside the steps; where a step has to wait for one all the same, that time is
  // counted.
  cell("Time")
  let timings = result.timings
  if let milliseconds = median(timings.map(\.millisecondsPerImage)) {
    let waited = timings.map(\.waited).reduce(0, +)
    let seconds = milliseconds * Double(perEpoch) / 1000
    show([
      Figure("seconds per epoch", String(format: "%.1f", seconds), note: "median, without looks"),
      Figure(
        "ms per image", String(format: "%.2f", milliseconds), note: "augmentation included"),
      Figure(
        "waited for data", String(format: "%.1f s", waited),
        note: String(format: "of %.1f s", timings.map(\.seconds).reduce(0, +))),
      Figure(
        "looks at the fold left out",
        String(format: "%.1f s", timings.map(\.validation).reduce(0, +))),
    ])
    stage.metric("seconds per epoch", seconds)
    stage.metric("ms per image", milliseconds)
    stage.metric("seconds waited for data", waited)
  }

  // %% [markdown]
  // ## How it went
  // The score is that of the fold left out at a threshold of 0.5, without test-time augmentation;
  // the stage *evaluate* has the one that counts.
  cell("Curves")
  let history = result.history
  let seen = history.filter { $0.score != nil }
  show([
    Figure("score of the fold left out", seen.last?.score.map(decimal) ?? "–", note: metric.name),
    Figure("training loss", history.last.map { decimal($0.trainLoss) } ?? "–"),
    Figure(
      "epochs", "\(result.keptEpoch)",
      note: "of \(epochs)" + (settings.budget.map { ", from the budget of \($0)" } ?? "")),
    Figure("memory planned", String(format: "%.0f MB", Double(result.plannedBytes) / 1e6)),
  ])
  if let bias = result.bias { stage.warn(bias) }
  show(lossChart(history, of: epochs), key: "loss")
  show(scoreChart(history, of: epochs, metric.name), key: "score")
  show(
    Chart(
      title: "Learning rate", caption: "At the last step of each epoch.",
      x: epochAxis(epochs), y: Chart.Axis("learning rate"),
      layers: [
        .line(x: history.map { Double($0.epoch) }, y: history.map(\.learningRate), name: nil)
      ]))

  cell("Sample predictions")
  let marked = validation.filter { images.area($0) > 0 }
    .sorted { (images.area($0), $0) < (images.area($1), $1) }
  let samples = evenly(8, of: marked)
  let probabilities = try result.model.probabilities(
    of: images, at: samples, engine: engine)
  show(
    PictureGrid(
      title: "Images of the fold left out", caption: "From small masks to large ones.",
      columns: ["image", "mask", "probability"],
      rows: try zip(samples, probabilities).map { index, probability in
        [
          try Picture(Raster(images.image(index)), label: images.ids[index]),
          try Picture(images.mask(index), label: ""),
          try Picture(ColorMap.heat.raster(probability), label: ""),
        ]
      }))
  if let score { stage.metric("score of fold", score) }
}

func median(_ values: [Double]) -> Double? {
  let sorted = values.sorted()
  return sorted.isEmpty ? nil : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

func numbers(_ epoch: EpochMetrics) -> [String: Double] {
  var numbers = ["training loss": epoch.trainLoss, "learning rate": epoch.learningRate]
  numbers["loss of fold"] = epoch.validationLoss
  numbers["score of fold"] = epoch.score
  return numbers
}

/// The losses of the epochs so far, on an axis for all of them.
func lossChart(_ history: [EpochMetrics], of epochs: Int) -> Chart {
  let seen = history.filter { $0.validationLoss != nil }
  return Chart(
    title: "Loss",
    caption: "The training loss is measured with augmentation, so it may lie above the other.",
    x: epochAxis(epochs), y: Chart.Axis("loss"),
    layers: [
      .line(x: history.map { Double($0.epoch) }, y: history.map(\.trainLoss), name: "training"),
      .line(
        x: seen.map { Double($0.epoch) }, y: seen.compactMap(\.validationLoss),
        name: "fold left out"),
    ])
}

/// The scores of the fold left out so far.
func scoreChart(_ history: [EpochMetrics], of epochs: Int, _ metric: String) -> Chart {
  let seen = history.filter { $0.score != nil }
  return Chart(
    title: "Score of the fold left out",
    caption: "At a threshold of 0.5, without test-time augmentation; higher is better.",
    x: epochAxis(epochs), y: Chart.Axis(metric),
    layers: [.line(x: seen.map { Double($0.epoch) }, y: seen.compactMap(\.score), name: nil)])
}

func epochAxis(_ epochs: Int) -> Chart.Axis {
  Chart.Axis("epoch", domain: epochs > 1 ? 1...Double(epochs) : nil)
}

func line(_ epoch: EpochMetrics, of epochs: Int) -> String {
  let number = String(epoch.epoch)
  let room = String(repeating: " ", count: max(0, String(epochs).count - number.count))
  return "epoch \(room)\(number)  loss \(decimal(epoch.trainLoss))"
    + (epoch.score.map { "  score \(decimal($0))" } ?? "")
}
