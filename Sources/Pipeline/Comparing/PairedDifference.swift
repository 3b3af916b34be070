// Whether a difference between two runs is more than noise, judged by the differences of what both have
// measured: folds, or images.

/// Differences of pairs, new less old.
public struct PairedDifference: Sendable, Equatable, Codable {
  /// How many pairs there are.
  public var count: Int
  /// The mean of the differences.
  public var mean: Double
  /// Their standard deviation (with n - 1); 0 for a single pair.
  public var deviation: Double
  /// Half the width of the 95 % interval around the mean, by Student's t for paired samples; nil for
  /// fewer than two pairs. Folds share training images, so with folds it is a rough guide.
  public var band: Double?

  /// Whether the interval holds 0; nil where there is none.
  public var isNoise: Bool? { band.map { abs(mean) <= $0 } }

  /// The mean of differences, with its interval.
  public init(_ differences: [Double]) {
    count = differences.count
    mean = count == 0 ? 0 : differences.reduce(0, +) / Double(count)
    let center = mean
    let squares = differences.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    deviation = count < 2 ? 0 : (squares / Double(count - 1)).squareRoot()
    band =
      count < 2 ? nil : Self.quantile(degrees: count - 1) * deviation / Double(count).squareRoot()
  }

  /// The 97.5 % quantile of Student's t distribution: a table up to 10 degrees of freedom, from there on the
  /// first four terms of the expansion in 1/ν (Abramowitz and Stegun, Handbook of Mathematical Functions,
  /// 26.7.5), which is right to three digits.
  package static func quantile(degrees: Int) -> Double {
    let table = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228]
    guard degrees > table.count else { return table[max(1, degrees) - 1] }
    let x = 1.959964
    let (x3, x5, x7) = (x * x * x, x * x * x * x * x, x * x * x * x * x * x * x)
    let n = Double(degrees)
    return x + (x3 + x) / (4 * n) + (5 * x5 + 16 * x3 + 3 * x) / (96 * n * n)
      + (3 * x7 + 19 * x5 + 17 * x3 - 15 * x) / (384 * n * n * n)
  }
}
