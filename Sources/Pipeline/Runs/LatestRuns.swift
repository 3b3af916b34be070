// Which run each instance ran in last: where its page, log and numbers come from.

import Basics
public import Foundation

/// Which run an instance ran in last: `.work/latest.json`.
struct LatestRuns {
  private var folders: [String: String]
  private let file: URL
  /// Whether there is a file that can't be read, so that nobody knows what it said.
  let isDamaged: Bool

  /// A file that is missing or damaged is an empty table.
  init(_ file: URL) {
    self.file = file
    let read = (try? Data(contentsOf: file)).flatMap {
      try? JSONDecoder().decode([String: String].self, from: $0)
    }
    isDamaged = read == nil && WholeFile.exists(file)
    folders = read ?? [:]
  }

  func folder(of instance: String, in runs: URL) -> RunFolder? {
    folders[instance].map { RunFolder(url: runs.appendingPathComponent($0, isDirectory: true)) }
  }

  /// Names of folders by instance.
  var all: [String: String] { folders }

  mutating func forget(_ instances: [String]) throws {
    for instance in instances { folders[instance] = nil }
    try WholeFile.write(json: folders, to: file)
  }

  /// Instances that ran in a run last.
  func instances(of run: String) -> [String] {
    folders.filter { $0.value == run }.keys
      .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
  }

  mutating func set(_ instance: String, _ folder: RunFolder) throws {
    folders[instance] = folder.id
    try WholeFile.write(json: folders, to: file)
  }
}

extension Workspace {
  /// The executed record of an instance's latest run, or nil where none is left. Can be asked while
  /// something runs.
  public func latestRecord(of instance: String) -> URL? {
    let record = LatestRuns(latest).folder(of: instance, in: runs)?.record(instance)
    // A job's that hasn't begun is a link to nothing.
    return record.flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }
  }
}
