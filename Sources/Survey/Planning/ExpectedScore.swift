// What a setting should score, going by settings whose score is known: of runs, and of a few that were measured when
// the defaults were chosen.

import Foundation

/// A setting whose score is known.
public struct KnownScore: Sendable, Equatable {
  /// As `model.kind` has it.
  public var network: String
  /// Models that were trained.
  public var folds: Int
  /// Passes over a fold's training images.
  public var epochs: Int
  /// Out of fold.
  public var score: Double
  /// Where it is known from, in a few words.
  public var source: String

  /// A known score.
  public init(network: String, folds: Int, epochs: Int, score: Double, source: String) {
    (self.network, self.folds, self.epochs) = (network, folds, epochs)
    (self.score, self.source) = (score, source)
  }

  /// Passes over all training images that a model has: a fold leaves some of them out.
  var passes: Double { Double(epochs) * Double(folds - 1) / Double(folds) }

  /// Scores of the default settings of this project, as the README and the changelog tell them, for the competition
  /// that they were chosen for.
  public static func builtIn(_ slug: String) -> [KnownScore] {
    guard slug == "tgs-salt-identification-challenge" else { return [] }
    return [
      KnownScore(
        network: "efficientnet-lite0-unet", folds: 3, epochs: 20, score: 0.812,
        source: "the default settings"),
      KnownScore(
        network: "efficientnet-lite0-unet", folds: 3, epochs: 12, score: 0.796,
        source: "the default settings of before"),
      KnownScore(
        network: "unet", folds: 3, epochs: 40, score: 0.751,
        source: "the default settings of before"),
    ]
  }
}

/// What a setting should score.
public struct ExpectedScore: Sendable, Equatable, Codable {
  /// How the score is meant.
  public enum Bound: String, Sendable, Codable {
    /// Between two settings, or at one.
    case about
    /// More training than in any that is known.
    case atLeast = "at least"
    /// Less training than in any that is known.
    case atMost = "at most"
  }

  /// Out of fold.
  public var score: Double
  /// How it is meant.
  public var bound: Bound
  /// The settings that it goes by.
  public var sources: [String]

  /// What a setting should score, going by known scores of the same network: along the logarithm of the passes that a
  /// model makes, by a straight line between the two settings around it. Beyond the first and last, nothing is
  /// promised but their scores.
  ///
  /// - Returns: nil where nothing is known of the network.
  public init?(network: String, folds: Int, epochs: Int, among known: [KnownScore]) {
    let asked = KnownScore(network: network, folds: folds, epochs: epochs, score: 0, source: "")
    // Of the same setting, the best: what it can reach.
    var best: [Double: KnownScore] = [:]
    for one in known where one.network == network && one.epochs > 0 && one.folds > 1 {
      if let other = best[one.passes], other.score >= one.score { continue }
      best[one.passes] = one
    }
    let points = best.values.sorted { $0.passes < $1.passes }
    guard let first = points.first, let last = points.last, asked.passes > 0 else { return nil }
    let below = points.last { $0.passes <= asked.passes }
    let above = points.first { $0.passes > asked.passes }
    // So near that it is the same setting.
    let same = points.first { abs(log(asked.passes / $0.passes)) < 0.05 }
    if let same {
      (score, bound, sources) = (same.score, .about, [same.source])
    } else if let below, let above {
      let share = log(asked.passes / below.passes) / log(above.passes / below.passes)
      score = below.score + share * (above.score - below.score)
      (bound, sources) = (.about, [below.source, above.source])
    } else if below == nil {
      (score, bound, sources) = (first.score, .atMost, [first.source])
    } else {
      (score, bound, sources) = (last.score, .atLeast, [last.source])
    }
  }
}
