// A run's folder below `.work/runs`: run.json with what ran and how it went, and beside it each
// instance's order, record, events and log.

import Foundation

/// What run.json holds. Written anew after every instance, so that a crash leaves what was known.
struct RunRecord: Codable, Sendable {
  struct Item: Codable, Sendable {
    var instance: String
    var stage: String
    var status: String
    var reasons: [String]
    var seconds: Double?
    var cpuSeconds: Double?
    var peakMemory: Int?
    var exitStatus: Int32?
    var metrics: [String: Double]
    var error: String?
    var unchanged: Bool
    /// The run whose outputs were taken from the cache.
    var restoredFrom: String?
  }

  var version = 1
  var started: String
  var ended: String?
  /// "running" until the end; then as the exit code says.
  var status = "running"
  var exit: Int32?
  var targets: [String]
  var overrides: [String: ParameterValue]
  var runtime: ParameterValue
  var git: String?
  var instances: [Item] = []

  /// Reads a run.json; nil where it is missing or damaged.
  static func read(_ file: URL) -> RunRecord? {
    (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(RunRecord.self, from: $0) }
  }
}

/// The files of one run.
struct RunFolder: Sendable {
  let url: URL

  /// Makes a new folder, named by the time in UTC and a number that keeps two of one second apart.
  static func make(in runs: URL, at date: Date) throws -> RunFolder {
    try WholeFile.makeFolder(runs)
    let stamp = timestamp(date).filter { $0 != ":" && $0 != "-" }
    for number in 1...9999 {
      let url = runs.appendingPathComponent("\(stamp)-\(number)", isDirectory: true)
      if mkdir(url.path, 0o755) == 0 { return RunFolder(url: url) }
      guard errno == EEXIST else {
        throw PipelineError.system("this folder can't be made", url.path, code: errno)
      }
    }
    throw PipelineError("\(runs.path): too many runs in one second", exit: .failed)
  }

  static func timestamp(_ date: Date) -> String {
    date.formatted(.iso8601)
  }

  func record(_ instance: String) -> URL { file(instance, "record.jsonl") }
  func events(_ instance: String) -> URL { file(instance, "events.jsonl") }
  func order(_ instance: String) -> URL { file(instance, "order.json") }
  func log(_ instance: String) -> URL { file(instance, "log") }
  func threads(_ instance: String) -> URL { file(instance, "threads") }
  func buildLog(_ stage: String) -> URL { file(stage, "build.log") }
  var json: URL { url.appendingPathComponent("run.json") }

  private func file(_ name: String, _ ending: String) -> URL {
    url.appendingPathComponent("\(name).\(ending)")
  }
}

/// Which run an instance ran in last: `.work/latest.json`.
struct LatestRuns {
  private var folders: [String: String]
  private let file: URL

  /// A file that is missing or damaged is an empty table.
  init(_ file: URL) {
    self.file = file
    folders =
      (try? Data(contentsOf: file)).flatMap {
        try? JSONDecoder().decode([String: String].self, from: $0)
      }
      ?? [:]
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

  mutating func set(_ instance: String, _ folder: RunFolder) throws {
    folders[instance] = folder.url.lastPathComponent
    try WholeFile.write(json: folders, to: file)
  }
}

/// The commit that a repository has checked out, read from its files; nil where it isn't one.
func gitCommit(_ root: URL) -> String? {
  let git = root.appendingPathComponent(".git", isDirectory: true)
  func text(_ path: String) -> String? {
    (try? String(contentsOf: git.appendingPathComponent(path), encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
  guard let head = text("HEAD") else { return nil }
  guard head.hasPrefix("ref: ") else { return head }
  let name = String(head.dropFirst(5))
  if let commit = text(name) { return commit }
  let packed = text("packed-refs")?.split(separator: "\n").first { $0.hasSuffix(" \(name)") }
  return packed.map { String($0.prefix { $0 != " " }) }
}
