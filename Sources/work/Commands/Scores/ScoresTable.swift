// The ledger of submissions as a table.

import Basics
import Foundation
import Pipeline

struct ScoresTable {
  let text: TextTable

  init(_ ledger: SubmissionLedger) {
    text = TextTable(
      columns: Self.columns, rows: ledger.entries.map(Self.row), elsewhere: "--json has all")
  }

  static let columns: [TextTable.Column] = [
    .init(title: "#", isNumber: true, importance: 9), .init(title: "recorded", importance: 4),
    .init(title: "run", isElastic: true, importance: 2), .init(title: "sha256", importance: 1),
    .init(title: "rows", isNumber: true, importance: 1),
    .init(title: "cv", isNumber: true, importance: 8),
    .init(title: "±", isNumber: true, importance: 5), .init(title: "tta", importance: 3),
    .init(title: "decided", isElastic: true, importance: 1),
    .init(title: "est. rank", isNumber: true, importance: 5),
    .init(title: "public", isNumber: true, importance: 7),
    .init(title: "private", isNumber: true, importance: 7),
  ]

  static func row(_ entry: SubmissionLedger.Entry) -> [String] {
    [
      "\(entry.number)", Readable.time(entry.recorded), entry.run, String(entry.sha256.prefix(8)),
      entry.rows.formatted(), entry.estimate.map { Readable.number($0.mean) } ?? "",
      entry.estimate?.deviation.map(Readable.number) ?? "", entry.tta ?? "",
      decided(entry), rank(entry), entry.publicScore.map(Readable.number) ?? "",
      entry.privateScore.map(Readable.number) ?? "",
    ]
  }

  /// "threshold 0.46, minimum area 20": all numbers that were chosen, by their names.
  private static func decided(_ entry: SubmissionLedger.Entry) -> String {
    guard case .object(let members)? = entry.decisions else { return "" }
    let numbers = members.sorted { $0.key > $1.key }.filter { member in
      switch member.value {
      case .int, .double: true
      default: false
      }
    }
    return numbers.map { "\($0.key.replacing("_", with: " ")) \($0.value.canonical)" }
      .joined(separator: ", ")
  }

  /// "~1,916 of 3,219".
  private static func rank(_ entry: SubmissionLedger.Entry) -> String {
    guard let teams = entry.teams else { return "" }
    return entry.rank.map { "~\($0.formatted()) of \(teams.formatted())" } ?? "beyond the board"
  }
}
