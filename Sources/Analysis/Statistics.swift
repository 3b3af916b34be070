// The few statistics that the report needs: correlation, ranks, means by bins, quantiles.

import Foundation

/// Numbers about samples of numbers.
public enum Statistics {
  /// The arithmetic mean, or nil of nothing.
  public static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Pearson's correlation coefficient, -1 to 1; nil for fewer than two pairs or where a side is
  /// constant.
  public static func pearson(_ x: [Double], _ y: [Double]) -> Double? {
    precondition(x.count == y.count, "pairs need as many x as y")
    guard x.count > 1, let meanX = mean(x), let meanY = mean(y) else { return nil }
    var covariance = 0.0
    var varianceX = 0.0
    var varianceY = 0.0
    for (a, b) in zip(x, y) {
      covariance += (a - meanX) * (b - meanY)
      varianceX += (a - meanX) * (a - meanX)
      varianceY += (b - meanY) * (b - meanY)
    }
    guard varianceX > 0, varianceY > 0 else { return nil }
    return max(-1, min(1, covariance / (varianceX * varianceY).squareRoot()))
  }

  /// Spearman's rank correlation, -1 to 1: Pearson's of the ranks, ties sharing their mean rank.
  public static func spearman(_ x: [Double], _ y: [Double]) -> Double? {
    pearson(ranks(x), ranks(y))
  }

  /// The rank of each value, from 1; ties share their mean rank.
  public static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
      for position in start...end { ranks[order[position]] = Double(start + end) / 2 + 1 }
      start = end + 1
    }
    return ranks
  }

  /// The quantile at `share` (0 to 1), interpolated between neighbours; nil of nothing.
  public static func quantile(_ values: [Double], _ share: Double) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let position = max(0, min(1, share)) * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
  }

  /// The mean of y, and its standard error, in `count` bins of x that hold equally many samples.
  public struct Bin: Codable, Sendable, Equatable {
    /// Mean of x in the bin.
    public var x: Double
    /// Mean of y in the bin.
    public var mean: Double
    /// Standard error of the mean; 0 for a single sample.
    public var error: Double
    /// Samples in the bin.
    public var count: Int
  }

  /// Means of y over bins of x with equally many samples, in the order of x.
  public static func binnedMeans(_ x: [Double], _ y: [Double], bins: Int) -> [Bin] {
    precondition(x.count == y.count, "pairs need as many x as y")
    guard !x.isEmpty, bins > 0 else { return [] }
    let order = x.indices.sorted { (x[$0], $0) < (x[$1], $1) }
    let bins = min(bins, x.count)
    return (0..<bins).map { bin in
      let members = order[(bin * x.count / bins)..<((bin + 1) * x.count / bins)]
      let values = members.map { y[$0] }
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let error =
        values.count > 1
        ? (squares / Double(values.count - 1)).squareRoot() / Double(values.count).squareRoot() : 0
      return Bin(
        x: members.reduce(0) { $0 + x[$1] } / Double(values.count), mean: mean, error: error,
        count: values.count)
    }
  }
}

extension Statistics {
  /// The least, the median and the largest of numbers.
  public struct Spread: Codable, Sendable, Equatable {
    /// How many numbers.
    public var n: Int
    /// The least.
    public var min: Double
    /// The median.
    public var median: Double
    /// The largest.
    public var max: Double

    /// - Returns: nil of nothing.
    public init?(_ values: [Double]) {
      guard let median = quantile(values, 0.5) else { return nil }
      (n, min, self.median, max) = (values.count, values.min() ?? 0, median, values.max() ?? 0)
    }
  }

  /// How two series of numbers are correlated.
  public struct Correlation: Codable, Sendable, Equatable, CustomStringConvertible {
    /// Number of pairs.
    public var n: Int
    /// Pearson's coefficient; nil where it isn't defined.
    public var pearson: Double?
    /// Spearman's coefficient; nil where it isn't defined.
    public var spearman: Double?

    /// - Parameters: as many `x` as `y`.
    /// - Returns: nil of nothing.
    public init?(_ x: [Double], _ y: [Double]) {
      guard !x.isEmpty else { return nil }
      n = x.count
      pearson = Statistics.pearson(x, y)
      spearman = Statistics.spearman(x, y)
    }

    /// Both coefficients in words.
    public var description: String {
      [("Pearson", pearson), ("Spearman", spearman)].map { name, value in
        "\(name) \(value.map { String(format: "%.3f", $0) } ?? "not defined")"
      }.joined(separator: ", ") + "; n = \(n.formatted())"
    }
  }
}
