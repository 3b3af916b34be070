// What `work lr-find` found, as data.

import Foundation

/// The outcome of a learning-rate range test. As JSON, keys are in snake case.
public struct LearningRateReport: ToolReport, Equatable {
  /// For the peak of a schedule; nil where the loss never fell.
  public var suggestion: Double?
  /// The rate with the least smoothed loss.
  public var minimum: Double?
  /// The rate at which the smoothed loss falls fastest.
  public var steepest: Double?
  /// What params.yaml says now.
  public var current: Double
  /// Steps that were trained.
  public var steps: Int
  /// Whether the loss exploded before the last rate.
  public var hasExploded: Bool

  enum CodingKeys: String, CodingKey {
    case suggestion, minimum, steepest, current, steps
    case hasExploded = "exploded"
  }

  /// An outcome.
  public init(
    suggestion: Double?, minimum: Double?, steepest: Double?, current: Double, steps: Int,
    hasExploded: Bool
  ) {
    self.suggestion = suggestion
    self.minimum = minimum
    self.steepest = steepest
    self.current = current
    self.steps = steps
    self.hasExploded = hasExploded
  }

  /// A rate with two digits, as it can be typed: "0.0025", "2.5e-06".
  public static func text(rate: Double) -> String { String(format: "%.2g", rate) }
}
