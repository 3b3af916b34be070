// What can be chosen about judging: the section `evaluate` of params.yaml.

public import Datasets

/// Settings of an evaluation.
public struct EvaluationSettings: Sendable, Equatable, CheckedParameters {
  /// Thresholds of probability that are tried.
  public var thresholds: ThresholdRange
  /// Minimum areas that are tried, in pixels.
  public var minimumAreas: [Int]
  /// Largest holes in masks that are filled, in pixels, to try; nil: none is filled.
  public var holeAreas: [Int]?
  /// Smallest connected parts of masks that stay, in pixels, to try; nil: all stay.
  public var minimumParts: [Int]?
  /// Settings of instances that are tried; nil: the usual ones.
  public var instances: InstanceGrid?
  /// Classes of coverage in the table of scores, beside "empty".
  public var coverageBins: Int
  /// How many of the images with the lowest scores the page shows.
  public var worst: Int

  /// Refuses what would otherwise be noticed only when all images are predicted.
  /// - Throws: `SettingError`.
  public func check() throws {
    try SettingError.check(
      coverageBins >= 1, "evaluate.coverage_bins", "is \(coverageBins), should be 1 or more")
    try SettingError.check(worst >= 0, "evaluate.worst", "is \(worst), should not be negative")
    _ = try grid()
    try instances?.check()
  }

  /// All combinations to try.
  /// - Throws: `SettingError` when there is nothing to try, or a value cannot be used.
  public func grid() throws -> TuningGrid {
    try TuningGrid(
      thresholds: thresholds.values(), minimumAreas: minimumAreas, holeAreas: holeAreas ?? [0],
      minimumParts: minimumParts ?? [0])
  }
}
