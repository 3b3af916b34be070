// Records in the ledger what a run has written to submissions/submission.csv, and says in a line how it compares with
// the best one before it.

import Basics
import Foundation
import Pipeline
import Scores

/// A submission that was recorded.
struct RecordedSubmission {
  let entry: SubmissionLedger.Entry
  /// Whether the ledger had the very same file before.
  let isKnown: Bool
  /// How it compares; nil where there is nothing to compare it with.
  let comparison: SubmissionComparison?

  /// The file that stages write, relative to the workspace.
  static let path = "submissions/\(fileName)"
  static let fileName = "submission.csv"

  /// Records the submission of a run, or of the one before, where that was killed before it could.
  ///
  /// - Returns: nil where the run made none, and the one in place is known.
  /// - Throws: `PipelineError` or `InputError` where it can't be read or recorded.
  static func record(_ summary: RunSummary, _ runner: Runner) throws -> RecordedSubmission? {
    guard let facts = try runner.submissionFacts(path, of: summary) else { return nil }
    var ledger = try SubmissionLedger(runner.workspace)
    let known = ledger.entries.last { $0.sha256 == facts.sha256 }
    if let known, !facts.isNew {
      try ledger.keep(facts.file, of: known)
      return nil
    }
    let layout = try SubmissionLayout(runner.parameters["competition"] ?? .null)
    let table = try SubmissionTable(contentsOf: facts.file, layout)
    var entry = SubmissionLedger.Entry(
      sha256: facts.sha256, recorded: Date(), run: facts.run, rows: table.count)
    entry.empty = table.empty
    entry.estimate = facts.estimate
    if case .string(let tta)? = runner.parameters["inference.tta"] { entry.tta = tta }
    entry.decisions = decisions(runner.workspace)
    if let score = facts.estimate?.mean, let board = layout.board {
      (entry.rank, entry.teams) = (board.rank(of: score), board.teams)
    }
    let isKnown = known != nil
    entry = try ledger.add(entry)
    try ledger.keep(facts.file, of: entry)
    guard !isKnown, let best = ledger.best(before: entry) else {
      return RecordedSubmission(entry: entry, isKnown: isKnown, comparison: nil)
    }
    return RecordedSubmission(
      entry: entry, isKnown: false,
      comparison: try SubmissionComparison(
        .init(best, ledger), .init(entry, ledger), layout, RunHistory(runner.workspace)))
  }

  /// What *evaluate* chose; nil where it chose nothing.
  private static func decisions(_ workspace: Workspace) -> JSONValue? {
    let file = workspace.url(of: "data/evaluation/postprocessing.json")
    return (try? Data(contentsOf: file)).flatMap {
      try? JSONDecoder().decode(JSONValue.self, from: $0)
    }
  }

  /// "submission 4; against 3: +0.0022 ± 0.0031 (noise, 3,154 images), 1,234 of 18,000 masks differ".
  var line: String {
    if isKnown { return "submission \(entry.number), the very same file" }
    guard let comparison else { return "submission \(entry.number)" }
    return "submission \(entry.number); against \(comparison.old.name): \(comparison.line)"
  }
}
