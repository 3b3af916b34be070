// `work bench`: times training steps and inference of a network on random images.

import Choices
import Foundation
import Imaging
import Neural
import Segmentation
import ToolReports
import Workbench

/// What `work bench` asks for.
struct BenchSettings: Codable {
  /// As the section `model` of params.yaml has it.
  var model: ModelSettings
  /// Whether the steps are those with `train.deep_supervision`.
  var supervised: Bool
  var size: Int
  /// Of the images; nil for what the network is published with.
  var channels: Int?
  /// Logits a pixel; several are those of a softmax unless they overlap.
  var classes: Int
  var overlapping: Bool
  var batch: Int
  var precision: PrecisionChoice
  var backend: BackendChoice
  /// Timed steps; nil for as many as fit into a few seconds.
  var runs: Int?
}

/// Times a network and writes the report.
func bench(_ stage: Stage) throws {
  let settings = try stage.parameters("bench", as: BenchSettings.self)
  let engine = EngineSettings(
    threads: stage.threads, backend: settings.backend, precision: settings.precision.precision)
  let report = try refusing { try measure(settings, engine, stage) }
  try report.json().write(to: stage.output(BenchReport.fileName))
}

/// Runs `body`. Settings that don't fit together, or that nothing here can compute, are bad input.
private func refusing<Result>(_ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as EngineError {
    throw StageFailure("\(error)", exit: .badInput)
  } catch let error as NetworkError {
    throw StageFailure("\(error)", exit: .badInput)
  } catch let error as SettingError {
    throw StageFailure("\(error)", exit: .badInput)
  }
}

private func measure(_ settings: BenchSettings, _ engine: EngineSettings, _ stage: Stage) throws
  -> BenchReport
{
  let (size, batch) = (settings.size, settings.batch)
  // As the published figures are: grey images for the U-Net, colour ones for the others.
  let kind = settings.model.kind
  let channels = settings.channels ?? (kind == .unet ? 1 : 3)
  let classes = settings.classes
  let image = Shape(height: size, width: size, channels: channels)
  let network = try settings.model.network(image: image, outputs: classes)
  let trained =
    try settings.model.trainingNetwork(
      image: image, outputs: classes, deepSupervision: settings.supervised)
    ?? TrainingNetwork(network, extra: [])
  var report = BenchReport()
  report.model = kind.rawValue
  report.filters = kind == .unet ? settings.model.unet.filters : nil
  report.size = size
  report.channels = channels
  report.classes = classes
  report.overlapping = settings.overlapping
  report.batch = batch
  report.parameters = try network.parameterCount(height: size, width: size)
  report.multiplyAdds = try network.multiplyAdds(height: size, width: size)
  report.threads = engine.threads

  var generator = SeededGenerator(seed: 1)
  let images = (0..<(batch * size * size * channels)).map { _ in
    Float.random(in: -1.7...1.7, using: &generator)
  }
  let isSoftmax = classes > 1 && !settings.overlapping
  let targets = (0..<(batch * size * size * (isSoftmax ? 1 : classes))).map { _ in
    let value = Float.random(in: 0..<1, using: &generator)
    return isSoftmax ? (value * Float(classes)).rounded(.down) : value > 0.7 ? Float(1) : 0
  }
  let loss: Loss =
    isSoftmax
    ? .crossEntropy
    : classes > 1 ? .channels((0..<classes).map { _ in .init(1, .bce()) }) : .bce()

  let weights: Weights
  do {
    let trainer = try Trainer(
      network: trained.network, batch: batch, height: size, width: size,
      loss: trained.loss(
        loss, image: image, outputs: classes, blockWeight: 0.2, imageWeight: 0.2),
      optimizer: Optimizer(.adam()), seed: 1, engine: engine)
    report.precision = trainer.engine.precision
    report.backend = trainer.engine.backend
    report.library = trainer.engine.library
    report.instructionSet = trainer.engine.instructionSet
    report.planned.train = trainer.plannedBytes
    let times = try time("training steps", settings.runs, stage) {
      try trainer.step(images: images, targets: targets, learningRate: 1e-3)
    }
    report.runs.train = times.count
    report.trainPerImage = milliseconds(median(times), batch)
    report.best.train = milliseconds(times.min() ?? 0, batch)
    trainer.startProfile()
    for _ in 0..<profiledSteps {
      try trainer.step(images: images, targets: targets, learningRate: 1e-3)
    }
    report.kinds.train = shares(trainer.profile)
    weights = try network.own(of: trainer.weights(), height: size, width: size)
  }
  report.trainPeakMemory = peakMemory()

  let predictor = try Predictor(
    network: network, weights: weights, batch: batch, height: size, width: size, engine: engine)
  report.planned.infer = predictor.plannedBytes
  let times = try time("inference", settings.runs, stage) {
    _ = try predictor.logits(images: images, count: batch)
  }
  report.runs.infer = times.count
  report.inferPerImage = milliseconds(median(times), batch)
  report.best.infer = milliseconds(times.min() ?? 0, batch)
  predictor.startProfile()
  for _ in 0..<profiledSteps { _ = try predictor.logits(images: images, count: batch) }
  report.kinds.infer = shares(predictor.profile)
  report.peakMemory = peakMemory()

  let operations = 2 * Double(report.multiplyAdds) / 1e6
  func gflops(_ passes: Double, _ milliseconds: Double) -> Double {
    milliseconds > 0 ? (passes * operations / milliseconds * 10).rounded() / 10 : 0
  }
  report.gflops = Both(
    train: gflops(3, report.trainPerImage), infer: gflops(1, report.inferPerImage))
  return report
}

/// Steps in which times by kind of work are taken: apart from the timed ones, since looking at the clock
/// takes time, too.
private let profiledSteps = 2

/// Shares of the whole, by kinds in snake case; without those that take none.
private func shares(_ seconds: [WorkKind: Double]) -> [String: Double] {
  let total = seconds.values.reduce(0, +)
  guard total > 0 else { return [:] }
  var shares: [String: Double] = [:]
  for (kind, time) in seconds where time > 0 {
    shares[kind.rawValue.replacing(" ", with: "_")] = (time / total * 1e4).rounded() / 1e4
  }
  return shares
}

/// A step's seconds as milliseconds an image, to a tenth of a microsecond.
private func milliseconds(_ seconds: Double, _ batch: Int) -> Double {
  (seconds / Double(batch) * 1e7).rounded() / 1e4
}

/// Seconds of each call of `step`, after two that are not counted: the first finds memory untouched.
private func time(
  _ label: String, _ runs: Int?, _ stage: Stage, _ step: () throws -> Void
) throws -> [Double] {
  let clock = ContinuousClock()
  func once() throws -> Double { try clock.measure(step) / .seconds(1) }
  _ = try once()
  let guess = try once()
  // A few seconds, but enough steps for a median that one disturbed step doesn't move.
  let count = runs ?? Int(min(50, max(7, (4 / max(guess, 1e-6)).rounded())))
  let progress = stage.progress(label, total: count, unit: "steps")
  return try (0..<count).map { index in
    defer { progress.update(done: index + 1) }
    return try once()
  }
}

/// The middle of the values, at least one of them.
private func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// The largest resident set of this process so far, bytes; 0 where the kernel doesn't say. Counted from
/// the start of the program, unlike the figure that its parent gets.
private func peakMemory() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0)
    * 1024
}
