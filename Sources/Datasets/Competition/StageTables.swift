// The competition's tables: that each is there, and has the columns that params.yaml names.

import Basics
import Foundation
public import Workbench

extension Stage {
  /// Reads each table that params.yaml names, as it was just unpacked, and looks its columns up. A column
  /// that is called otherwise would stop a later stage, perhaps after hours of training.
  ///
  /// - Returns: a row a table: its file, its number of rows, its columns.
  /// - Throws: `StageFailure` for a table that isn't there, `InputError` for one that is damaged or lacks a
  ///   column.
  public func checkTables() throws -> Table {
    let competition = try competition()
    let (files, columns) = (competition.files, competition.columns)
    let expected: [(file: String?, columns: [String?])] = [
      (files.trainTable, [columns.id, columns.mask]), (files.depths, [columns.id, columns.depth]),
      (files.groups, [columns.id, columns.group]), (files.folds, [columns.id, columns.fold]),
      (files.sampleSubmission, [columns.id, columns.mask]),
    ]
    var rows: [[String]] = []
    for case (let file?, let columns) in expected {
      guard let data = try? Data(contentsOf: output(file)) else {
        throw StageFailure(
          "\(file): named in competition.files of params.yaml, but no such table was unpacked",
          exit: .badInput)
      }
      let table = try CSV(data, name: file)
      for column in columns.compactMap({ $0 }) { _ = try table.column(column) }
      rows.append([file, table.rows.count.formatted(), table.columns.joined(separator: ", ")])
    }
    return Table(columns: ["table", "rows", "columns"], rows: rows)
  }
}
