// The learning-rate range test (Smith, 2017): a few steps of training with a rate that grows from
// tiny to huge tell at which rates the loss falls, and from which on it explodes.

import Foundation
import Neural

/// A training that is only tried out: nothing is written, and its weights are thrown away.
public struct LearningRateRangeTest: Sendable {
  /// What would be trained. Epochs, schedule, averages and scratch folder don't matter here.
  public var fit: Fit
  /// Steps at most, 10 or more.
  public var steps: Int
  /// The first step's rate, above 0.
  public var from: Float
  /// The last step's rate, above `from`.
  public var to: Float

  /// A test of the rates `from` … `to`, each step's the same multiple of the one before.
  public init(_ fit: Fit, steps: Int = 200, from: Float = 1e-6, to: Float = 1) {
    self.fit = fit
    self.steps = steps
    self.from = from
    self.to = to
  }

  /// Trains from fresh weights on the batches that the training itself would begin with, and stops
  /// when the loss explodes. A function of the fit's seed and fold, whatever the threads.
  ///
  /// - Parameter onStep: called after every step; stops the test by throwing.
  /// - Throws: `SettingError`, `FitError`, the engine's errors, and what `onStep` throws.
  public func run(onStep: (LearningRateCurve.Point) throws -> Void = { _ in }) throws
    -> LearningRateCurve
  {
    try SettingError.check(steps >= 10, "steps", "is \(steps), should be 10 or more")
    try SettingError.check(
      from > 0 && from < to && to.isFinite, "from … to",
      "is \(from) … \(to), should be two rates above 0, the lower one first")
    try fit.check()
    let trainer = try fit.trainer()
    let prefetcher = fit.prefetched(fit.batchMaker(), steps: 0..<steps)
    var curve = LearningRateCurve()
    for step in 0..<steps where !curve.hasExploded {
      let share = Double(step) / Double(steps - 1)
      let rate = Float(Double(from) * pow(Double(to) / Double(from), share))
      let batch = try prefetcher.next()
      do {
        let result = try trainer.step(
          images: batch.images, features: batch.features, targets: batch.targets,
          learningRate: rate)
        try onStep(curve.add(rate: rate, loss: Double(result.loss)))
      } catch let error as TrainingError {
        guard case .notFinite = error else { throw error }
        curve.hasExploded = true
      }
    }
    return curve
  }
}

/// What a range test found.
public struct LearningRateCurve: Sendable, Equatable, Codable {
  /// One step.
  public struct Point: Sendable, Equatable, Codable {
    /// The step's learning rate.
    public var rate: Float
    /// The batch's loss, before the step.
    public var loss: Double
    /// The running mean of the losses up to here.
    public var smoothed: Double
  }

  /// The steps, in order of their rates.
  public private(set) var points: [Point] = []
  /// Whether the test ended before its last rate, since the loss exploded.
  public fileprivate(set) var hasExploded = false

  /// An empty curve.
  public init() {}

  /// Share of the past in the running mean, at each step.
  private static let memory = 0.95
  /// The loss has exploded where its running mean is this many times its least.
  private static let explosion = 4.0

  /// Adds a step, and says whether the loss has exploded.
  package mutating func add(rate: Float, loss: Double) -> Point {
    // A mean with weights that fall off into the past, and add up to 1.
    let past = Self.memory - pow(Self.memory, Double(points.count + 1))
    let smoothed =
      ((points.last?.smoothed ?? 0) * past + loss * (1 - Self.memory)) / (past + 1 - Self.memory)
    let point = Point(rate: rate, loss: loss, smoothed: smoothed)
    points.append(point)
    let least = points.map(\.smoothed).min() ?? 0
    hasExploded = point.smoothed > Self.explosion * least
    return point
  }

  /// The rate with the least smoothed loss.
  public var minimum: Float? {
    points.min { ($0.smoothed, $0.rate) < ($1.smoothed, $1.rate) }?.rate
  }

  /// The rate, below `minimum`, at which the smoothed loss falls fastest over the rate's logarithm,
  /// taken over a twentieth of the points to either side; nil where it never falls.
  public var steepest: Float? {
    guard let minimum, let end = points.firstIndex(where: { $0.rate == minimum }) else {
      return nil
    }
    let reach = max(points.count / 20, 1)
    guard end > 2 * reach else { return nil }
    // Rates are a geometric sequence, so equal distances are equal steps of the logarithm.
    let fall = (reach...(end - reach)).map {
      (points[$0 - reach].smoothed - points[$0 + reach].smoothed, points[$0].rate)
    }
    guard let most = fall.max(by: { ($0.0, $1.1) < ($1.0, $0.1) }), most.0 > 0 else { return nil }
    return most.1
  }

  /// A learning rate for the peak of a schedule: a tenth of `minimum`, as is usual, since at the
  /// minimum itself training is about to explode. Nil where the loss never fell by a tenth.
  public var suggestion: Float? {
    guard let minimum, let first = points.first,
      let least = points.map(\.smoothed).min(), least < 0.9 * first.smoothed
    else { return nil }
    return minimum / 10
  }
}
