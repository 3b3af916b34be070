// What each parameter of a sweep does to the score, and whether that is more than noise.

import Basics
import Foundation

/// What one parameter does.
public struct SweepEffect: Sendable, Equatable, Codable {
  /// Settings that have the same value of the parameter, or values near each other.
  public struct Group: Sendable, Equatable, Codable {
    /// The value, or "LOW – HIGH".
    public var label: String
    /// How many settings.
    public var count: Int
    /// Their mean score.
    public var mean: Double
    /// The standard deviation of their scores (with n - 1); nil for a single one.
    public var spread: Double?
    /// Their numbers.
    public var settings: [Int]
  }

  /// What the noise was judged by.
  public enum Basis: String, Sendable, Codable {
    /// Settings that differ in this parameter alone, in pairs.
    case pairs
    /// The spread of settings within groups.
    case groups
    /// The folds of the only two settings, in pairs.
    case folds
  }

  /// The parameter's key.
  public var key: String
  /// In the order of values where these are numbers, else as they were given.
  public var groups: [Group]
  /// Whether groups hold several values each.
  public var isBinned: Bool
  /// Places of the best group and of the worst one.
  public var best: Int
  /// The worst group's place.
  public var worst: Int
  /// How much better the best one is than the worst, 0 or more but for unequal pairs.
  public var difference: Double
  /// Half the width of the 95 % interval around it; nil where nothing says how large noise is.
  public var band: Double?
  /// What the band comes from.
  public var basis: Basis?
  /// How many pairs, folds, or settings of the smaller group.
  public var count: Int?

  /// Whether the interval holds 0; nil where there is none.
  public var isNoise: Bool? { band.map { abs(difference) <= $0 } }

  /// With more numbers than these, numbers near each other make a group.
  static let mostGroups = 6
}

extension Sweep {
  /// What each parameter does that settings have tried more than one value of, those that matter most first.
  public var effects: [SweepEffect] {
    let settings = settings.filter { evidence($0) != nil }
    return keys.indices.compactMap { effect(of: $0, settings) }
      .sorted {
        ($0.isNoise ?? true ? 1 : 0, -$0.difference, $0.key) < (
          $1.isNoise ?? true ? 1 : 0, -$1.difference, $1.key
        )
      }
  }

  private func effect(of key: Int, _ settings: [Setting]) -> SweepEffect? {
    var order: [String] = []
    for setting in settings where !order.contains(setting.values[key]) {
      order.append(setting.values[key])
    }
    guard order.count > 1 else { return nil }
    let numbers = order.compactMap(SweepValue.number)
    let isNumeric = numbers.count == order.count
    if isNumeric { order.sort { (SweepValue.number($0) ?? 0) < (SweepValue.number($1) ?? 0) } }
    let isBinned = isNumeric && order.count > SweepEffect.mostGroups
    let members: [(label: String, settings: [Setting])]
    if isBinned {
      let sorted = settings.sorted {
        (SweepValue.number($0.values[key]) ?? 0, $0.number)
          < (SweepValue.number($1.values[key]) ?? 0, $1.number)
      }
      members = (0..<3).map { third in
        let part = Array(sorted[(sorted.count * third / 3)..<(sorted.count * (third + 1) / 3)])
        let ends = (part.first?.values[key] ?? "", part.last?.values[key] ?? "")
        return (ends.0 == ends.1 ? ends.0 : "\(ends.0) – \(ends.1)", part)
      }
    } else {
      members = order.map { value in (value, settings.filter { $0.values[key] == value }) }
    }
    let groups = members.map { label, settings in
      let scores = PairedDifference(settings.compactMap { evidence($0)?.score })
      return SweepEffect.Group(
        label: label, count: settings.count, mean: scores.mean,
        spread: settings.count < 2 ? nil : scores.deviation, settings: settings.map(\.number))
    }
    let sign = request.isLessBetter ? -1.0 : 1
    guard let best = groups.indices.max(by: { sign * groups[$0].mean < sign * groups[$1].mean }),
      // Where all are equal, it is another one still.
      let worst = groups.indices.filter({ $0 != best })
        .min(by: { sign * groups[$0].mean < sign * groups[$1].mean })
    else { return nil }
    var effect = SweepEffect(
      key: keys[key], groups: groups, isBinned: isBinned, best: best, worst: worst,
      difference: sign * (groups[best].mean - groups[worst].mean))
    judge(&effect, members[best].settings, members[worst].settings, key, sign)
    return effect
  }

  /// Says how large noise is, by the best evidence that there is.
  private func judge(
    _ effect: inout SweepEffect, _ best: [Setting], _ worst: [Setting], _ key: Int, _ sign: Double
  ) {
    let pairs = effect.isBinned ? [] : Self.pairs(best, worst, besides: key)
    if pairs.count > 1 {
      let paired = PairedDifference(
        pairs.map { sign * ((evidence($0.0)?.score ?? 0) - (evidence($0.1)?.score ?? 0)) })
      (effect.difference, effect.band) = (paired.mean, paired.band)
      (effect.basis, effect.count) = (.pairs, paired.count)
    } else if best.count > 1, worst.count > 1, let a = effect.groups[effect.best].spread,
      let b = effect.groups[effect.worst].spread
    {
      // Welch's interval, with the degrees of freedom of the smaller group, which is the widest choice.
      let least = min(best.count, worst.count)
      let (n, m) = (Double(best.count), Double(worst.count))
      effect.band =
        PairedDifference.quantile(degrees: least - 1) * (a * a / n + b * b / m).squareRoot()
      (effect.basis, effect.count) = (.groups, least)
    } else if let pair = pairs.first, let a = evidence(pair.0)?.parts,
      let b = evidence(pair.1)?.parts, a.count == b.count, a.count > 1
    {
      let paired = PairedDifference(zip(a, b).map { sign * ($0 - $1) })
      (effect.band, effect.basis, effect.count) = (paired.band, .folds, paired.count)
    }
  }

  /// Settings of two groups that differ in one parameter alone.
  private static func pairs(_ a: [Setting], _ b: [Setting], besides key: Int) -> [(
    Setting, Setting
  )] {
    func others(_ setting: Setting) -> [String] {
      setting.values.enumerated().filter { $0.offset != key }.map(\.element)
    }
    let byOthers = Dictionary(b.map { (others($0), $0) }) { first, _ in first }
    return a.compactMap { one in byOthers[others(one)].map { (one, $0) } }
  }
}

/// A value as it was typed.
public enum SweepValue {
  /// The number that it is; nil for anything else.
  public static func number(_ text: String) -> Double? {
    switch (try? YAMLDocument("value: " + text, name: ""))?.value["value"] {
    case .int(let number)?: Double(number)
    case .double(let number)?: number
    default: nil
    }
  }
}
