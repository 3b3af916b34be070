// A table of scores, one a row, as a run keeps it: CSV whose first column names the row (an image), with a
// column `score` and perhaps a column `fold`.

import Basics
import Foundation

/// Scores by name.
struct ScoreTable {
  struct Row {
    var fold: String?
    var score: Double
  }

  private(set) var rows: [String: Row] = [:]

  /// Reads a table; nil where it has no column `score`, or is damaged.
  init?(csv text: String) {
    guard let table = try? CSV(Data(text.utf8), name: "scores"),
      let column = table.columns.firstIndex(of: "score"), column > 0,
      let scores = try? table.numbers("score")
    else { return nil }
    let folds = try? table.column("fold")
    for (index, row) in table.rows.enumerated() {
      rows[row[0]] = Row(fold: folds?[index], score: scores[index])
    }
  }
}
