// Which settings of post-processing are tried.

import Datasets

/// Thresholds from one end to the other, as in the section `evaluate` of params.yaml.
public struct ThresholdRange: Sendable, Equatable, Codable {
  /// The least.
  public var from: Double
  /// The largest; reached if a whole number of steps leads there.
  public var to: Double
  /// The distance between two, above 0.
  public var step: Double

  /// A range as it is.
  public init(from: Double, to: Double, step: Double) {
    self.from = from
    self.to = to
    self.step = step
  }

  /// The thresholds, ascending.
  /// - Throws: `SettingError` when the range is none, or leaves 0...1.
  public func values() throws -> [Double] {
    let name = "evaluate.thresholds"
    guard from >= 0, from <= to, to <= 1 else {
      throw SettingError(
        setting: name, problem: "from \(from) to \(to) is no range of probabilities from 0 to 1")
    }
    guard step >= 0.001, step.isFinite else {
      throw SettingError(setting: name, problem: "a step of \(step) should be 0.001 or more")
    }
    let count = Int(((to - from) / step + 1e-6).rounded(.down)) + 1
    // Without the last bits that adding up steps leaves: 0.5, not 0.50000000000000011.
    return (0..<count).map { ((from + Double($0) * step) * 1e6).rounded() / 1e6 }
  }
}

/// All combinations of thresholds, minimum areas, holes and parts.
public struct TuningGrid: Sendable, Equatable, Codable {
  /// Thresholds of probability.
  public var thresholds: [Double]
  /// Minimum areas in pixels.
  public var minimumAreas: [Int]
  /// Largest holes that are filled, in pixels; 0 for none.
  public var holeAreas: [Int]
  /// Smallest parts that stay, in pixels; 0 for all.
  public var minimumParts: [Int]

  /// - Throws: `SettingError` when there is nothing to try, or a value cannot be used.
  public init(
    thresholds: [Double], minimumAreas: [Int], holeAreas: [Int] = [0], minimumParts: [Int] = [0]
  ) throws {
    guard !thresholds.isEmpty, thresholds.allSatisfy({ (0...1).contains($0) }) else {
      throw SettingError(
        setting: "evaluate.thresholds", problem: "should be one or more, each from 0 to 1")
    }
    for (name, values) in [
      ("minimum_areas", minimumAreas), ("hole_areas", holeAreas), ("minimum_parts", minimumParts),
    ] {
      try SettingError.check(
        !values.isEmpty && values.allSatisfy { $0 >= 0 }, "evaluate.\(name)",
        "should be one or more, none negative")
    }
    self.thresholds = thresholds
    self.minimumAreas = minimumAreas
    self.holeAreas = holeAreas
    self.minimumParts = minimumParts
  }

  /// The settings, those to prefer among equals first: threshold nearest to 0.5, then smallest holes, parts and area.
  var settings: [PostProcessing] {
    func ascending(_ values: [Int]) -> [Int] { Set(values).sorted() }
    /// Nothing is done for 0.
    func limit(_ value: Int) -> Int? { value == 0 ? nil : value }
    let thresholds = Set(thresholds).sorted {
      (abs($0 - 0.5), $0) < (abs($1 - 0.5), $1)
    }
    return thresholds.flatMap { threshold in
      ascending(holeAreas).flatMap { hole in
        ascending(minimumParts).flatMap { part in
          ascending(minimumAreas).map {
            PostProcessing(
              threshold: threshold, minimumArea: $0, holeArea: limit(hole),
              minimumPart: limit(part))
          }
        }
      }
    }
  }
}
