// A final leaderboard in a few points, by which a score is told with the rank that it would have had: the stages and the
// command tell it alike.

/// Quantiles of a competition's final leaderboard: the section `competition.leaderboard`.
public struct Leaderboard: Codable, Sendable, Equatable {
  /// How many teams there are.
  public var teams: Int
  /// Pairs of a score and the rank that it has, the worst first.
  public var ranks: [[Double]]

  /// More teams than any competition has.
  private static let most = 1_000_000_000

  /// A board.
  public init(teams: Int, ranks: [[Double]]) { (self.teams, self.ranks) = (teams, ranks) }

  /// The rank of a score, between two known ones by a straight line; nil below the worst that is known. An estimate:
  /// the images of an out-of-fold score are others than those of the board.
  public func rank(of score: Double) -> Int? {
    guard let first = ranks.first, let last = ranks.last, score >= first[0] else { return nil }
    guard score < last[0] else { return Int(last[1].rounded()) }
    for (low, high) in zip(ranks, ranks.dropFirst()) where score < high[0] {
      let share = (score - low[0]) / (high[0] - low[0])
      return Int((low[1] + share * (high[1] - low[1])).rounded())
    }
    return nil
  }

  /// What is wrong with it, behind its key; nil where nothing is.
  package var problem: String? {
    let isUsable =
      (1...Self.most).contains(teams) && ranks.count >= 2
      && ranks.allSatisfy { $0.count == 2 && (0...Double(Self.most)).contains($0[1]) }
      && zip(ranks, ranks.dropFirst()).allSatisfy { $0[0] < $1[0] && $0[1] >= $1[1] }
    return isUsable
      ? nil
      : "should have teams and ranks, a list of two pairs or more of a score and its rank, the worst first"
  }
}
