// The page of submissions: the table, and a chart of what they should score against what Kaggle said.

import Basics
import Foundation
import Notebook
import Pipeline
import Rendering

enum ScoresPage {
  /// The page's name in `.work/pages`.
  static let name = "scores"
  /// With fewer points, a chart would show a trend that isn't there.
  static let leastPoints = 3

  /// Writes the page.
  ///
  /// - Throws: `FileError` where it can't be written.
  static func write(_ ledger: SubmissionLedger, _ workspace: Workspace) throws -> URL {
    let record = Record(
      header: RecordHeader(stage: name, instance: name, source: prose, parameters: .object([])),
      events: displays(ledger.entries).map { .show($0, line: 0, at: 0) } + [.finished(at: 0)])
    let page = Pages.file(of: name, workspace)
    try WholeFile.makeFolder(workspace.pages)
    try Page.write(record: record, options: Page.Options(book: "index.html"), to: page)
    return page
  }

  private static let prose = """
    // %% [markdown]
    // # Submissions
    """

  /// What the page shows.
  static func displays(_ entries: [SubmissionLedger.Entry]) -> [Display] {
    let best = entries.compactMap { entry in entry.estimate.map { ($0.mean, entry) } }
      .max { $0.0 < $1.0 }
    let figures = [
      Figure("submissions", "\(entries.count)"),
      best.map { Figure("best cv", Readable.number($0.0), note: "submission \($0.1.number)") },
      entries.compactMap { entry in entry.publicScore.map { ($0, entry) } }
        .max { $0.0 < $1.0 }
        .map { Figure("best public", Readable.number($0.0), note: "submission \($0.1.number)") },
    ].compactMap { $0 }
    var displays: [Display] = [
      .figures(figures),
      .markdown(
        "What each should score by its out-of-fold predictions (cv), and what Kaggle said of it."),
    ]
    if let chart = chart(entries) {
      displays.append(.chart(chart))
    } else {
      displays.append(
        .markdown(
          "With \(leastPoints) submissions that Kaggle has scored, a chart shows how far cv and Kaggle agree: "
            + "`work scores set REF --public SCORE`."))
    }
    displays.append(
      .table(
        Table(
          caption:
            "The rank is an estimate: where the cv would have stood on the final board, although it is of "
            + "other images.", columns: ScoresTable.columns.map(\.title),
          rows: entries.reversed().map(ScoresTable.row))))
    return displays
  }

  /// Kaggle's scores over the cross-validated ones; nil where too few submissions have both.
  static func chart(_ entries: [SubmissionLedger.Entry]) -> Chart? {
    func points(_ score: (SubmissionLedger.Entry) -> Double?) -> (x: [Double], y: [Double]) {
      let both = entries.compactMap { entry in
        entry.estimate.flatMap { cv in score(entry).map { (cv.mean, $0) } }
      }
      return (both.map(\.0), both.map(\.1))
    }
    let board = [("public", points(\.publicScore)), ("private", points(\.privateScore))]
    let shown = board.filter { $0.1.x.count >= leastPoints }
    guard !shown.isEmpty else { return nil }
    let all = shown.flatMap { $0.1.x }
    let ends = [all.min() ?? 0, all.max() ?? 1]
    return Chart(
      title: "Kaggle's score against the cross-validated one",
      caption:
        "On the line, Kaggle said what the cv promised. Points in a row that rises with it, even beside it, mean "
        + "that the cv ranks submissions as Kaggle does.",
      x: Chart.Axis("cross-validated score"), y: Chart.Axis("Kaggle's score"),
      layers: [.line(x: ends, y: ends, name: "equal")]
        + shown.map { .points(x: $0.1.x, y: $0.1.y, name: $0.0) })
  }
}
