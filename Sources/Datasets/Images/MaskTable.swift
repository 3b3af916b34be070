// The masks in `competition.files.train_table`: run lengths in a CSV table, or COCO's annotations in a JSON file.

import Basics
import Foundation
import Imaging

/// A table with the truth about images.
struct MaskTable {
  /// Images of which something is known.
  let ids: Set<String>
  let source: TruthSource
  /// The rows of run lengths by image; nil where the truth is written otherwise.
  let rows: [String: [TruthSource.Row]]?

  /// - Parameter name: the file's, for errors.
  /// - Throws: `InputError`, `StageFailure` with the line.
  init(contentsOf url: URL, _ name: String, of competition: Competition) throws {
    let allowsMissing = competition.missingMasks == .empty
    let isInstances = competition.targets == .instances
    let classes = competition.classNames.count
    if Self.isAnnotations(name) {
      let annotations = try COCOAnnotations(
        Data(contentsOf: url), name: name, classes: competition.classes?.names)
      ids = Set(annotations.images.keys)
      source = annotations.source(
        instances: isInstances, classes: classes, allowsMissing: allowsMissing)
      rows = nil
      return
    }
    let rows = try Self.rows(CSV(contentsOf: url), of: competition)
    ids = Set(rows.keys)
    source =
      isInstances
      ? .instanceTable(rows, competition.rle, allowsMissing: allowsMissing)
      : .table(rows, competition.rle, classes: classes, allowsMissing: allowsMissing)
    self.rows = rows
  }

  /// Whether a file of this name holds annotations in COCO's form.
  static func isAnnotations(_ name: String) -> Bool { name.lowercased().hasSuffix(".json") }

  /// The rows of a table by image.
  /// - Throws: `InputError`, `StageFailure` with the line.
  private static func rows(_ table: CSV, of competition: Competition) throws -> [String:
    [TruthSource
    .Row]]
  {
    let columns = competition.columns
    let names = competition.classNames
    let classes = try columns.class.flatMap {
      table.columns.contains($0) ? try table.column($0) : nil
    }
    var rows: [String: [TruthSource.Row]] = [:]
    let texts = try table.column(columns.mask)
    for (index, name) in try table.column(columns.id).enumerated() {
      func fail(_ problem: String) -> StageFailure {
        StageFailure("\(table.name):\(table.lines[index]): \(problem)", exit: .badInput)
      }
      let parts: (id: String, classIndex: Int)
      if let classes {
        // A row without class, as Kaggle's tables have it for images without a mark.
        guard !classes[index].isEmpty else {
          rows[name, default: []] += []
          continue
        }
        guard let found = names.firstIndex(of: classes[index]) else {
          throw fail(
            "“\(classes[index])” is not among competition.classes.names: \(names.joined(separator: ", "))"
          )
        }
        parts = (name, found)
      } else {
        guard let found = competition.rows.parts(of: name, classes: names) else {
          throw fail(
            "“\(name)” isn't an image and class as competition.submission.row says: \(competition.rows.row ?? "{id}")"
          )
        }
        parts = found
      }
      rows[parts.id, default: []].append(.init(text: texts[index], classIndex: parts.classIndex))
    }
    return rows
  }
}
