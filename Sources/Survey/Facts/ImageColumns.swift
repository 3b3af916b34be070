// Columns of tables that say something of each training image: its group, its fold.

import Basics

/// A column that has a value for each of some images.
struct ImageColumn: Sendable {
  var table: ServedTable
  /// The column of the ids.
  var id: Int
  var column: Int
  /// By image, other images than those that were asked for among them.
  var values: [String: String]

  /// What the column is called.
  var name: String { table.csv.columns[column] }
  /// What the column of ids is called.
  var idName: String { table.csv.columns[id] }

  /// The column with the fold of each training image; nil where there is none.
  ///
  /// - Parameters:
  ///   - ids: the training images'.
  ///   - all: those and the test images'.
  static func folds(among tables: [ServedTable], ids: Set<String>, all: Set<String>) -> ImageColumn?
  {
    columns(among: tables, ids: ids, all: all, called: isFold).first { column in
      let folds = ids.compactMap { column.values[$0].flatMap { Int($0) } }
      return folds.count == ids.count && (2...20).contains(Set(folds).count)
        && folds.allSatisfy { (0...20).contains($0) }
    }
  }

  /// The column with the group of each training image; nil where there is none. Of several the coarsest that still
  /// can be divided into folds: a patient before a study.
  static func groups(among tables: [ServedTable], ids: Set<String>, all: Set<String>)
    -> ImageColumn?
  {
    let found = columns(among: tables, ids: ids, all: all, called: isGroup)
      .map { column in (column: column, count: Set(ids.compactMap { column.values[$0] }).count) }
      .filter { $0.count >= 2 && 2 * $0.count <= ids.count }
    let enough = found.filter { $0.count >= 5 }
    return (enough.min { $0.count < $1.count } ?? found.max { $0.count < $1.count })?.column
  }

  /// Whether a column's name speaks of folds.
  static func isFold(_ name: String) -> Bool {
    ["fold", "folds", "kfold", "cvfold", "split"].contains(root(of: name))
  }

  /// Whether a column's name speaks of what several images are of.
  static func isGroup(_ name: String) -> Bool { groupNames.contains(root(of: name)) }

  private static let groupNames: Set<String> = [
    "animal", "batch", "block", "case", "clip", "cluster", "donor", "drive", "experiment", "field",
    "flight", "group", "location", "mouse", "participant", "patient", "person", "plate", "sample",
    "scan", "scene", "seq", "sequence", "series", "session", "site", "slide", "specimen", "study",
    "subject", "video", "volume", "well",
  ]

  /// A name in lower case without what stands for a number, as in "patient_id" and "StudyInstanceUID".
  private static func root(of name: String) -> String {
    let letters = name.lowercased().filter(\.isLetter)
    for tail in ["instanceuid", "number", "index", "name", "uid", "num", "id", "no"]
    where letters.hasSuffix(tail) && letters.count > tail.count {
      return String(letters.dropLast(tail.count))
    }
    return letters
  }

  private static func columns(
    among tables: [ServedTable], ids: Set<String>, all: Set<String>, called: (String) -> Bool
  ) -> [ImageColumn] {
    tables.flatMap { table -> [ImageColumn] in
      guard let (id, _) = table.idColumn(among: all) else { return [] }
      return table.csv.columns.indices.compactMap { column in
        guard column != id, called(table.csv.columns[column]) else { return nil }
        var values: [String: String] = [:]
        for row in table.csv.rows where !row[column].isEmpty {
          // An image with several rows has one group.
          guard values.updateValue(row[column], forKey: row[id]) ?? row[column] == row[column]
          else { return nil }
        }
        guard ids.allSatisfy({ values[$0] != nil }) else { return nil }
        return ImageColumn(table: table, id: id, column: column, values: values)
      }
    }
  }
}
