// The parts of the section `train` that are sections themselves: schedules and averages. Losses are in
// FitLosses.swift.

import Neural

/// Settings of the schedule `cosine-restarts`.
public struct RestartSettings: Sendable, Equatable, Codable {
  /// Length of the first cycle, at least 1.
  public var epochs: Int
  /// How many times longer each cycle is than the one before, at least 1.
  public var multiplier: Int

  /// Cycles of ten epochs unless said otherwise.
  public init(epochs: Int = 10, multiplier: Int = 1) {
    self.epochs = epochs
    self.multiplier = multiplier
  }
}

/// Settings of the schedule `plateau`: the rate is lowered where training gets no further.
public struct PlateauSettings: Sendable, Equatable, Codable {
  /// Which number is watched.
  public enum Watched: String, NamedChoice {
    /// The score of the fold left out; that flatters it a little.
    case score
    /// The loss of the fold left out; that flatters, too.
    case loss
    /// The training loss, after each epoch: flatters nothing.
    case trainingLoss = "training-loss"
  }

  /// Which number is watched.
  public var watch: Watched
  /// Validations (or epochs) without a better value before the next lowers the rate.
  public var patience: Int
  /// What the rate is multiplied by, above 0 and below 1.
  public var factor: Double
  /// Better is by this share of the best, 0..<1.
  public var threshold: Double
  /// Of these, how many after a lowering do not count.
  public var cooldown: Int
  /// The least rate, as a share of the first, 0...1.
  public var floor: Double

  /// Half the rate after five validations without a better value, unless said otherwise.
  public init(
    watch: Watched = .score, patience: Int = 5, factor: Double = 0.5, threshold: Double = 1e-4,
    cooldown: Int = 0, floor: Double = 0
  ) {
    self.watch = watch
    self.patience = patience
    self.factor = factor
    self.threshold = threshold
    self.cooldown = cooldown
    self.floor = floor
  }

  /// The engine's rule.
  var rule: Plateau {
    Plateau(
      patience: patience, factor: factor, threshold: threshold, cooldown: cooldown, floor: floor)
  }
}

/// Settings of stochastic weight averaging (Izmailov et al., 2018).
public struct SWASettings: Sendable, Equatable, Codable {
  /// Share of the epochs before averaging begins, 0..<1; the last epoch is always among those that
  /// are averaged.
  public var from: Double

  /// The last quarter unless said otherwise.
  public init(from: Double = 0.75) { self.from = from }
}
