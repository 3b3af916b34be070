// The table of runs without reading every run.json: `.work/runs.index` has the rows of runs that have
// ended, each with the look of its run.json when it was read. Whatever looks otherwise is read again, so
// the index can be deleted, copied or out of date at any time. Labels are not in it.

import Basics
import Foundation

struct RunIndex: Codable {
  /// A row whose parameters are told as the difference from the row before, since runs differ in few.
  private struct Line: Codable {
    /// Size, time of change in nanoseconds, and inode of run.json.
    var stamp: [Int64]
    var row: RunRow
    var removed: [String]
  }

  private static let currentVersion = 1
  private var version = RunIndex.currentVersion
  private var lines: [Line] = []

  /// All rows of a history, newest first.
  static func rows(_ history: RunHistory) -> [RunRow] {
    let file = history.workspace.runsIndex
    let known = read(file)
    let alive = WorkspaceOwner.look(history.workspace.owner)
    var rows: [RunRow] = []
    var stamps: [[Int64]?] = []
    var isChanged = false
    for id in history.ids() {
      let folder = history.folder(id)
      guard case .file(let stamp)? = try? FolderWalk.entry(at: folder.json.path) else { continue }
      let look = [stamp.size, stamp.modified, Int64(bitPattern: stamp.inode)]
      if let (old, row) = known[id], old == look {
        rows.append(row)
        stamps.append(look)
        continue
      }
      guard let record = RunRecord.read(folder.json) else {
        rows.append(RunRow(damaged: id))
        stamps.append(nil)
        continue
      }
      var row = RunRow(id: id, record)
      // A run that goes on is read every time.
      stamps.append(record.ended == nil ? nil : look)
      if record.ended != nil { isChanged = true }
      if record.ended == nil, alive != .running(process: record.process ?? -1) {
        row.outcome = "broken off"
      }
      rows.append(row)
    }
    let lasting = zip(stamps, rows).compactMap { stamp, row in stamp.map { ($0, row) } }
    if isChanged || lasting.count != known.count { write(lasting, to: file) }
    return rows.map { row in
      var row = row
      let label = history.label(of: row.id)
      row.tags = label.tags
      row.note = label.note
      return row
    }
  }

  private static func read(_ file: URL) -> [String: (stamp: [Int64], row: RunRow)] {
    guard let data = try? Data(contentsOf: file),
      let index = try? JSONDecoder().decode(RunIndex.self, from: data),
      index.version == currentVersion
    else { return [:] }
    var rows: [String: (stamp: [Int64], row: RunRow)] = [:]
    rows.reserveCapacity(index.lines.count)
    var parameters: [String: String] = [:]
    for line in index.lines {
      for key in line.removed { parameters[key] = nil }
      parameters.merge(line.row.parameters) { $1 }
      var row = line.row
      row.parameters = parameters
      rows[row.id] = (line.stamp, row)
    }
    return rows
  }

  /// Where that fails, as in a folder that may only be read, every run.json is read next time.
  private static func write(_ rows: [(stamp: [Int64], row: RunRow)], to file: URL) {
    var index = RunIndex()
    var before: [String: String] = [:]
    for (stamp, row) in rows {
      var row = row
      let parameters = row.parameters
      row.parameters = parameters.filter { before[$0.key] != $0.value }
      index.lines.append(
        Line(stamp: stamp, row: row, removed: before.keys.filter { parameters[$0] == nil }.sorted())
      )
      before = parameters
    }
    guard let line = try? JSON.line(index) else { return }
    try? WholeFile.write(line.utf8, to: file, flushed: false)
  }
}
