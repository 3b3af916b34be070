// A final leaderboard in a few points, by which a score is told with the rank that it would have had.

public import Workbench

/// Quantiles of a competition's final leaderboard: the section `competition.leaderboard`.
public struct Leaderboard: Codable, Sendable, Equatable {
  /// How many teams there are.
  public var teams: Int
  /// Pairs of a score and the rank that it has, the worst first.
  public var ranks: [[Double]]

  /// More teams than any competition has.
  private static let most = 1_000_000_000

  /// The rank of a score, between two known ones by a straight line; nil below the worst that is known.
  public func rank(of score: Double) -> Int? {
    guard let first = ranks.first, let last = ranks.last, score >= first[0] else { return nil }
    guard score < last[0] else { return Int(last[1].rounded()) }
    for (low, high) in zip(ranks, ranks.dropFirst()) where score < high[0] {
      let share = (score - low[0]) / (high[0] - low[0])
      return Int((low[1] + share * (high[1] - low[1])).rounded())
    }
    return nil
  }

  /// The rank as a figure for a page.
  public func figure(_ score: Double) -> Figure {
    let rank = rank(of: score)
    return Figure(
      "rank",
      rank.map { "about \($0.formatted())" }
        ?? "beyond \(Int(ranks.first?[1] ?? Double(teams)).formatted())",
      note: "of \(teams.formatted()) on the final board; an estimate: these are other images")
  }

  /// - Throws: `SettingError`.
  func check() throws {
    try SettingError.check(
      (1...Self.most).contains(teams) && ranks.count >= 2
        && ranks.allSatisfy { $0.count == 2 && (0...Double(Self.most)).contains($0[1]) }
        && zip(ranks, ranks.dropFirst()).allSatisfy { $0[0] < $1[0] && $0[1] >= $1[1] },
      "competition.leaderboard",
      "should have teams and ranks, a list of two pairs or more of a score and its rank, the worst first"
    )
  }
}
