// Training as a stage does it: by params.yaml, with the threads that the runner grants, a checkpoint in
// scratch, and progress in the terminal.

public import Datasets
import Foundation
public import Neural
public import Notebook

extension Fit {
  /// A training of the network of `model`, begun with its published weights if it has any, by the sections `train`, `engine`, `competition.metric` and `seed` of params.yaml, of the
  /// fold that this instance of the stage is for.
  ///
  /// - Parameters:
  ///   - network: of `model`, for the head.
  ///   - training: indices of the images to train on.
  ///   - validation: indices of the images to validate on between epochs.
  /// - Throws: `StageFailure` where a parameter isn't declared or makes no sense, `SettingError`, and as `encoder(of:for:)`.
  public init(
    _ network: Network, of model: ModelSettings, on images: ImageSet, training: [Int],
    validation: [Int], settings: FitSettings, head: TargetHead, in stage: Stage
  ) throws {
    let frame = try model.frame()
    self.init(
      network: network, features: images.featureCount, set: images, training: training,
      validation: validation, settings: settings, metric: try stage.competition().metric,
      seed: try stage.seed(), fold: try stage.item("fold"), frame: frame, head: head,
      // All threads that may ever be granted; how many of them work is asked before every step.
      engine: try stage.engine(threads: stage.mostThreads), scratch: stage.scratch,
      threads: { stage.threads })
    if let seconds = stage.option("checkpoint_seconds").flatMap(Double.init) {
      checkpointEvery = .seconds(seconds)
    }
    requests = { stage.requests }
    encoder = try model.encoder(of: network, for: images)
    supervised = try model.trainingNetwork(
      image: frame.input(for: images), features: images.featureCount, outputs: head.outputs,
      deepSupervision: settings.deepSupervision != nil)
  }

  /// Trains, or resumes from the checkpoint in the stage's scratch folder, and reports progress. What is predicted of a few
  /// images of the fold left out is handed over as training goes on.
  ///
  /// - Parameters:
  ///   - history: where to write the metrics, a JSON object a line.
  ///   - onEpoch: called after every epoch with the number of epochs that there are going to be; first with
  ///     those that a checkpoint already holds.
  ///   - onSamples: called after validations, with image, truth, probability and differences.
  /// - Throws: as `run` does; `StageFailure` where it was asked to stop.
  public func run(
    in stage: Stage, history: URL, onEpoch: (EpochMetrics, Int) throws -> Void,
    onSamples: ((PictureGrid) throws -> Void)? = nil
  ) throws -> FitResult {
    let perEpoch = itemsPerEpoch / settings.batch * settings.batch
    let progress = stage.progress("train", total: perEpoch * settings.epochs, unit: "images")
    var (score, epochs): (Double?, Int) = (nil, settings.epochs)
    stage.heedRequests()
    do {
      let result = try run(
        history: history,
        onStep: { step in
          epochs = step.epochs
          progress.update(
            done: (step.epoch - 1) * perEpoch + step.images, of: perEpoch * step.epochs,
            note: "epoch \(step.epoch)/\(step.epochs)  loss \(decimal(step.loss))"
              + (score.map { "  score \(decimal($0))" } ?? ""))
        },
        onEpoch: { epoch in
          score = epoch.score ?? score
          try onEpoch(epoch, epochs)
        },
        onSamples: onSamples, warn: { stage.warn($0) })
      if !result.course.isAsPlanned { stage.tell(result.course) }
      return result
    } catch let error as FitError {
      guard case .stopped = error else { throw error }
      throw StageFailure(error.description, exit: .interrupted)
    }
  }
}

extension Fit {
  /// Turns `train.budget` into a number of epochs, which the runner keeps.
  ///
  /// - Returns: what came of it, in words; nil where there is no budget.
  /// - Throws: as `pace` does; `StageFailure` where the number can't be kept.
  private mutating func settleEpochs(in stage: Stage) throws -> String? {
    guard let budget = settings.budget else { return nil }
    let epochs = try stage.pinned("train.epochs") { try pace().epochs(within: budget.seconds) }
    settings = settings.with(epochs: epochs)
    return "\(epochs) epochs fit into the budget of \(budget)"
  }

  /// Trains as `run(in:history:)` does, for as many epochs as `train.budget` allows where there is one. Each epoch is told, printed and drawn; samples are shown; the numbers of all
  /// epochs (`metrics.jsonl`) and the model (`model.safetensors`) are written. What bears on how far the score can be
  /// trusted is warned of.
  ///
  /// - Parameter folder: the declared output.
  /// - Throws: as `run` and `pace` do, `StageFailure` where the header declares no such output.
  public mutating func run(in stage: Stage, to folder: String) throws -> FitResult {
    print("computed in \(engine.summary) kernels")
    if let settled = try settleEpochs(in: stage) { print(settled) }
    let result = try run(in: stage, history: stage.output("\(folder)/metrics.jsonl")) {
      epoch, epochs in
      stage.metrics(
        [
          "training loss": epoch.trainLoss, "loss of fold": epoch.validationLoss,
          "score of fold": epoch.score, "learning rate": epoch.learningRate,
        ], step: epoch.epoch, of: epochs, drawn: ["training loss", "score of fold"])
      print(epoch)
    } onSamples: {
      show($0)
    }
    try result.model.write(to: stage.output("\(folder)/model.safetensors"))
    if let resumed = result.resumption { print(resumed) }
    if let departure = result.departure { stage.warn(departure) }
    if let bias = result.bias { stage.warn(bias) }
    for (name, value) in result.timeMetrics { stage.metric(name, value) }
    return result
  }
}

extension EpochMetrics: CustomStringConvertible {
  /// A line for the log.
  public var description: String {
    String(format: "epoch %3d", epoch) + "  loss \(decimal(trainLoss))"
      + (score.map { "  score \(decimal($0))" } ?? "")
  }
}

extension FitResult {
  /// Where an interrupted training resumed, in words; nil where it was not interrupted.
  public var resumption: String? {
    guard resumedAfter > 0 || resumedSteps > 0 else { return nil }
    return "resumed an interrupted run after epoch \(resumedAfter)"
      + (resumedSteps > 0 ? " and \(resumedSteps) steps" : "")
  }

  /// How training went other than the settings say, since that was asked for; nil where it didn't.
  public var departure: String? {
    course.isAsPlanned ? nil : "Training was \(course.description), as was asked while it ran."
  }

  /// How training went, in figures.
  public var figures: [Figure] {
    [
      Figure(
        "score of the fold left out", history.last { $0.score != nil }?.score.map(decimal) ?? "–",
        note: metric),
      Figure("training loss", history.last.map { decimal($0.trainLoss) } ?? "–"),
      Figure("epochs", "\(keptEpoch)", note: "of \(epochs)"),
      Figure("memory planned", String(format: "%.0f MB", Double(plannedBytes) / 1e6)),
    ]
  }

  /// What training took, in figures; none where all epochs came from a checkpoint.
  public var timeFigures: [Figure] {
    guard let pace = Pace(self) else { return [] }
    return [
      Figure(
        "seconds per epoch", String(format: "%.1f", pace.secondsPerEpoch),
        note: "median, without validation"),
      Figure(
        "ms per image", String(format: "%.2f", pace.millisecondsPerImage),
        note: "augmentation included"),
      Figure(
        "waited for data", String(format: "%.1f s", pace.waited),
        note: String(format: "of %.1f s", timings.reduce(0) { $0 + $1.seconds })),
      Figure(
        "validation",
        String(format: "%.1f s", timings.reduce(0) { $0 + $1.validation })),
    ]
  }

  /// The same for the table of runs, by name.
  public var timeMetrics: KeyValuePairs<String, Double> {
    guard let pace = Pace(self) else { return [:] }
    return [
      "seconds per epoch": pace.secondsPerEpoch, "ms per image": pace.millisecondsPerImage,
      "seconds waited for data": pace.waited,
    ]
  }

  private struct Pace {
    var millisecondsPerImage: Double
    var secondsPerEpoch: Double
    var waited: Double

    init?(_ result: FitResult) {
      let sorted = result.timings.map(\.millisecondsPerImage).sorted()
      guard !sorted.isEmpty else { return nil }
      millisecondsPerImage = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
      secondsPerEpoch = millisecondsPerImage * Double(result.imagesPerEpoch) / 1000
      waited = result.timings.reduce(0) { $0 + $1.waited }
    }
  }
}
