// The tables and annotations of a competition, wherever they lie: in the folder, zipped by themselves, or in an archive of
// pictures.

import Archive
import Basics
import Foundation

/// A table and where it will lie.
struct ServedTable: Sendable {
  /// The name of the file in the folder.
  var source: String
  /// Its path inside the archive `source`; nil for a file in the folder itself.
  var member: String?
  /// Its columns and rows.
  var csv: CSV

  /// The table's own name, such as "train.csv".
  var name: String {
    (member ?? source).lastPathName
  }
}

/// All tables and annotations of a folder.
struct ServedTables: Sendable {
  /// Tables larger than this aren't read.
  static let limit = 512 << 20

  /// Those that could be read.
  private(set) var tables: [ServedTable] = []
  /// Annotations in COCO's form.
  private(set) var annotations: [ServedAnnotations] = []
  /// What is wrong with the others, a sentence each.
  private(set) var problems: [String] = []

  /// Reads them all.
  ///
  /// - Throws: `ArchiveError` for a damaged archive.
  init(of files: ServedFiles) throws {
    for name in files.tables {
      let url = files.folder.appendingPathComponent(name)
      let size = (try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0
      guard size <= Self.limit else {
        problems.append("\(name): not looked at: a table of \(size / 1_000_000) MB")
        continue
      }
      add(name, member: nil) { try CSV(contentsOf: url) }
    }
    for archive in files.archives {
      let members = archive.entries.map(\.path).filter { $0.lowercased().hasSuffix(".csv") }
      guard !members.isEmpty else { continue }
      try archive.read(Set(members), limit: Self.limit) { path, data in
        add(archive.name, member: path) { try CSV(data, name: "\(archive.name): \(path)") }
      }
    }
    let json = try ServedAnnotations.all(of: files)
    annotations = json.found
    problems += json.problems
  }

  private mutating func add(_ source: String, member: String?, _ csv: () throws -> CSV) {
    do { tables.append(ServedTable(source: source, member: member, csv: try csv())) } catch {
      problems.append("\(error)")
    }
  }
}
