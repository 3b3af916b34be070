// `work leaderboard`: the best teams of the competition, and one's own place.

import ArgumentParser
import Basics
import Foundation
import Submitting

struct LeaderboardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leaderboard",
    abstract: "Show the best teams of the competition, and your own place.")

  @Option(help: ArgumentHelp("Show so many teams.", valueName: "count"))
  var top = 10

  @OptionGroup var options: CompetitionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1000).contains(top) else {
      throw ValidationError("--top \(top): should be 1 to 1000")
    }
  }

  func run() async throws {
    let account = try options.account()
    let facts = try await account.facts()
    let lines = try await account.leaderboard(top)
    let best = lines.enumerated().map { index, line in
      Answer.Line(
        rank: index + 1, team: line.teamName ?? "", score: line.score ?? "",
        date: line.submissionDate)
    }
    let answer = Answer(
      competition: account.slug, rank: facts.userRank, teams: facts.teamCount, top: best)
    if output.json { return try Console.json(answer) }
    TextTable(
      columns: [
        .init(title: "rank", isNumber: true, importance: 4),
        .init(title: "team", isElastic: true, importance: 3),
        .init(title: "score", isNumber: true, importance: 4), .init(title: "date", importance: 1),
      ],
      rows: best.map {
        ["\($0.rank)", $0.team, $0.score, $0.date.map { String($0.prefix(10)) } ?? ""]
      }
    ).print()
    guard !output.quiet else { return }
    let of = facts.teamCount.map { " of \($0.formatted())" } ?? ""
    print(
      facts.userRank.map { "\nyou         place \($0.formatted())\(of)" }
        ?? "\nyou         no place yet\(of)")
  }

  /// What is printed with `--json`.
  private struct Answer: Encodable {
    struct Line: Encodable {
      var rank: Int
      var team: String
      var score: String
      var date: String?
    }
    var competition: String
    /// One's own; nil where there is none.
    var rank: Int?
    var teams: Int?
    var top: [Line]
  }
}
