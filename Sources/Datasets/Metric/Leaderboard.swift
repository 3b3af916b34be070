// A rank on the final leaderboard as pages show it.

public import Basics
public import Workbench

extension Leaderboard {
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
    if let problem { throw SettingError(setting: "competition.leaderboard", problem: problem) }
  }
}
