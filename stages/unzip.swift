// ---
// desc: Unpacks the archives and puts every file where the other stages look for it
// deps: [data/raw]
// params: [competition, unzip]
// outs: [data/train, data/test, data/tables]
// ---

import Archive
import Foundation
import Notebook
import Workbench

struct UnzipParameters: Codable {
  var place: [String: String]
  var limitGB: Double
  enum CodingKeys: String, CodingKey {
    case place
    case limitGB = "limit_gb"
  }
}

// An archive that is damaged, unsafe or too large; a full disk isn't the archive's fault.
extension ArchiveError {
  var exit: ExitCode { kind == .diskFull || kind == .fileSystem ? .failed : .badInput }
}

await Stage.run { stage in
  // %% [markdown]
  // # Unpacking
  // Archives become folders below `data/`, tables are put beside each other. An archive that names
  // a place outside its folder is refused, and so are archives that together unpack to more than
  // `unzip.limit_gb`.

  cell("Where each file goes")
  let settings = try stage.parameters("unzip", as: UnzipParameters.self)
  guard settings.limitGB > 0, settings.limitGB <= 1e6 else {
    throw StageFailure(
      "unzip.limit_gb is \(settings.limitGB), should be above 0 and at most 1000000",
      exit: .badInput)
  }
  let raw = try stage.input("data/raw")
  let names = try FileManager.default.contentsOfDirectory(atPath: raw.path).sorted()
  let places = try Placement(settings.place).places(of: names)
  for name in places.left {
    stage.warn(
      "data/raw/\(name): left where it is; unzip.place in params.yaml names no place for it")
  }
  for folder in ["train", "test", "tables"] {
    guard
      places.found.contains(where: {
        $0.folder.split(separator: "/").first.map(String.init) == folder
      })
    else {
      throw StageFailure(
        "unzip.place in params.yaml: nothing goes to data/\(folder)", exit: .badInput)
    }
  }

  cell("Unpack")
  var rows: [[String]] = []
  var budget = Int64(settings.limitGB * 1e9)
  for (name, folder) in places.found {
    let file = raw.appendingPathComponent(name)
    let target = try stage.output("data/\(folder)")
    if name.hasSuffix(".zip") {
      var progress: Workbench.Progress?
      let unpacked = target.deletingLastPathComponent().appendingPathComponent("unpacked-\(name)")
      let summary: Extraction.Summary
      do {
        summary = try extract(file, into: unpacked, limit: budget) { state in
          progress =
            progress ?? stage.progress("unpack \(name)", total: state.totalEntries, unit: "files")
          progress?.update(done: state.entries)
        }
      } catch let error as ArchiveError {
        let remedy =
          [.damaged, .notAnArchive].contains(error.kind)
          ? " `work run download --force` fetches it again." : ""
        throw StageFailure(error.description + remedy, exit: error.exit)
      }
      try merge(unpacked, into: target, from: name)
      budget -= summary.bytes
      rows.append([name, "data/\(folder)", summary.files.formatted(), summary.bytes.formatted()])
    } else {
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: file, to: target.appendingPathComponent(name))
      let bytes = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      rows.append([name, "data/\(folder)", "1", bytes.formatted()])
    }
  }
  show(Table(columns: ["from", "to", "files", "bytes"], rows: rows))

  // %% [markdown]
  // ## Are the tables as expected?
  // A column that is called otherwise would stop a later stage, perhaps after hours of training.
  // So each table that params.yaml names is read once, and its columns looked up.
  cell("Tables")
  let competition = try stage.competition()
  let (files, columns) = (competition.files, competition.columns)
  let expected: [(file: String?, columns: [String?])] = [
    (files.trainTable, [columns.id, columns.mask]), (files.depths, [columns.id, columns.depth]),
    (files.sampleSubmission, [columns.id, columns.mask]),
  ]
  var tables: [[String]] = []
  for case (let file?, let columns) in expected {
    guard let data = try? Data(contentsOf: stage.output(file)) else {
      throw StageFailure(
        "\(file): named in competition.files of params.yaml, but no such table was unpacked",
        exit: .badInput)
    }
    let table = try CSV(data, name: file)
    for column in columns.compactMap({ $0 }) { _ = try table.column(column) }
    tables.append([file, table.rows.count.formatted(), table.columns.joined(separator: ", ")])
  }
  show(Table(columns: ["table", "rows", "columns"], rows: tables))
}

/// Moves a folder's content into another folder, which another archive may have begun to fill.
func merge(_ unpacked: URL, into target: URL, from archive: String) throws {
  let files = FileManager.default
  guard files.fileExists(atPath: target.path) else {
    return try files.moveItem(at: unpacked, to: target)
  }
  for name in try files.contentsOfDirectory(atPath: unpacked.path).sorted() {
    let place = target.appendingPathComponent(name)
    guard !files.fileExists(atPath: place.path) else {
      throw StageFailure(
        "\(archive): holds \(name), which another archive has put there before; give the two "
          + "places of their own in unzip.place of params.yaml", exit: .badInput)
    }
    try files.moveItem(at: unpacked.appendingPathComponent(name), to: place)
  }
  try files.removeItem(at: unpacked)
}

/// Which file goes where, by the names and patterns of `unzip.place`.
struct Placement {
  let rules: [(pattern: String, folder: String)]

  /// Exact names come before patterns, so that one file can be set apart from its kind.
  init(_ place: [String: String]) {
    rules = place.sorted {
      (($0.key.contains("*") ? 1 : 0), $0.key) < (($1.key.contains("*") ? 1 : 0), $1.key)
    }
    .map { ($0.key, $0.value) }
  }

  /// The folder of each file, and the files for which there is none. A table that Kaggle serves
  /// zipped (`train.csv.zip`) goes where the table goes.
  func places(of names: [String]) throws -> (
    found: [(name: String, folder: String)], left: [String]
  ) {
    var found: [(name: String, folder: String)] = []
    var left: [String] = []
    for name in names {
      let bare = name.hasSuffix(".zip") ? String(name.dropLast(4)) : name
      if let rule = rules.first(where: {
        matches(name, pattern: $0.pattern) || matches(bare, pattern: $0.pattern)
      }) {
        found.append((name, rule.folder))
      } else {
        left.append(name)
      }
    }
    for rule in rules where !rule.pattern.contains("*") {
      guard found.contains(where: { $0.name == rule.pattern || $0.name == rule.pattern + ".zip" })
      else {
        throw StageFailure(
          "data/raw/\(rule.pattern): named in unzip.place of params.yaml, but not among the files "
            + "(\(names.joined(separator: ", ")))", exit: .badInput)
      }
    }
    return (found, left)
  }
}
