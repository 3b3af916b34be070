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
      (files.sampleSubmission, [columns.id, columns.submitted]),
    ]
    var rows: [[String]] = []
    for case (let file?, let columns) in expected {
      guard let data = try? Data(contentsOf: output(file)) else {
        throw StageFailure(
          "\(file): named in competition.files of params.yaml, but no such table was unpacked",
          exit: .badInput)
      }
      if file == files.trainTable, MaskTable.isAnnotations(file) {
        let annotations = try COCOAnnotations(
          data, name: file, classes: competition.classes?.names)
        rows.append([
          file, annotations.images.count.formatted(), "images with annotations in COCO's form",
        ])
        continue
      }
      let table = try CSV(data, name: file)
      for column in columns.compactMap({ $0 }) { _ = try table.column(column) }
      if file == files.sampleSubmission { try checkSample(table, competition) }
      rows.append([file, table.rows.count.formatted(), table.columns.joined(separator: ", ")])
    }
    return Table(columns: ["table", "rows", "columns"], rows: rows)
  }

  /// The sample submission's columns and ids, each once, and a test image for each.
  private func checkSample(_ table: CSV, _ competition: Competition) throws {
    let images = try SampleRows(table, of: competition).images
    let pattern = try FilePattern(competition.files.testImages)
    // Test images may come from elsewhere.
    guard !images.isEmpty, let root = try? output(pattern.folder),
      FileManager.default.fileExists(atPath: root.path)
    else { return }
    let files = try PatternFiles(pattern, in: root).ids
    let known = Set(files)
    let unknown = images.filter { !known.contains($0) }
    guard let first = unknown.first else { return }
    let example = files.first.map { "; such as “\($0)” (from \(pattern.name))" } ?? ""
    throw StageFailure(
      "\(table.name): \(unknown.count.formatted()) of \(images.count.formatted()) ids have no test image, the first is "
        + "“\(first)”. \(pattern.folder) holds \(files.count.formatted()) images\(example). Do competition.columns.id "
        + "and competition.files.test_images in params.yaml say what is meant?", exit: .badInput)
  }
}
