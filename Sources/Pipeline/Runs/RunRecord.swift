// A run's folder below `.work/runs`: run.json with what ran, from what and how it went, and beside it
// each instance's order, record, events, log, and copies of the outputs that its header keeps.

import Basics
import Foundation

/// What run.json holds. Written anew after every instance, so that a crash leaves what was known.
struct RunRecord: Codable, Sendable {
  /// A file or folder as the lock knows it.
  struct State: Codable, Sendable, Equatable {
    /// SHA-256 as hex; of a folder, over its paths and hashes.
    var hash: String
    /// Bytes.
    var size: Int64
  }

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
    // Runs of before version 2 have none of these.
    var started: String?
    var ended: String?
    /// The run that made the outputs, where it isn't this one.
    var madeBy: String?
    /// Metrics by step, such as those of every epoch.
    var history: [MetricPoint]?
    /// Digests of script, modules and packages, by name.
    var code: [String: String]?
    var inputs: [String: State]?
    var outputs: [String: State]?
    var overrides: [String]?
    /// Outputs, or files in them, of which the run keeps a copy.
    var kept: [String]?

    /// The status of one that has been started and has not ended.
    static let running = "running"
  }

  var version = 2
  var started: String
  var ended: String?
  /// "running" until the end; then as the exit code says.
  var status = "running"
  var exit: Int32?
  var targets: [String]
  var overrides: [String: JSONValue]
  var runtime: JSONValue
  var git: String?
  /// Wall time from the plan to the end.
  var seconds: Double?
  /// All of params.yaml with the overrides; nil in runs of before version 2.
  var parameters: JSONValue?
  /// The runner's process; a run that is "running" without it was broken off.
  var process: Int32?
  /// Facts of the machine, by name.
  var host: [String: String]?
  var instances: [Item] = []

  /// Reads a run.json; nil where it is missing or damaged.
  static func read(_ file: URL) -> RunRecord? {
    (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(RunRecord.self, from: $0) }
  }
}

extension RunRecord.Item {
  /// - Parameters:
  ///   - entry: what the lock says of the instance, where it didn't run.
  ///   - madeBy: the run that made its outputs, where it isn't this one.
  init(_ result: InstanceResult, entry: Lock.Entry?, madeBy: String?) {
    let entry = result.entry ?? entry
    func states(_ files: [String: FileState]?) -> [String: RunRecord.State]? {
      files?.filter { !$0.value.hash.isEmpty }
        .mapValues { RunRecord.State(hash: $0.hash, size: $0.size) }
    }
    self.init(
      instance: result.instance, stage: result.stage, status: result.outcome.rawValue,
      reasons: result.reasons.map(\.description), seconds: result.seconds,
      cpuSeconds: result.cpuSeconds, peakMemory: result.peakMemory, exitStatus: result.exitStatus,
      metrics: result.metrics, error: result.error, unchanged: result.unchanged,
      restoredFrom: result.restored?.run,
      started: result.started.map(RunFolder.timestamp),
      ended: result.ended.map(RunFolder.timestamp), madeBy: madeBy,
      history: result.history.isEmpty ? nil : result.history, code: entry?.code,
      inputs: states(entry?.inputs), outputs: states(entry?.outputs),
      overrides: entry.flatMap { $0.overrides.isEmpty ? nil : $0.overrides },
      kept: result.kept.isEmpty ? nil : result.kept)
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
      if number == 1 { try FileStep.tell("make the run's folder") }
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
  func kept(_ instance: String) -> URL {
    url.appendingPathComponent("kept/\(instance)", isDirectory: true)
  }
  var json: URL { url.appendingPathComponent("run.json") }
  var id: String { url.lastPathComponent }

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

/// What instances that are up to date named in the runs that made their outputs. Reads each run once.
struct LatestMetrics {
  private let runs: URL
  private let latest: LatestRuns
  private var records: [URL: RunRecord?] = [:]

  init(_ workspace: Workspace) {
    runs = workspace.runs
    latest = LatestRuns(workspace.latest)
  }

  /// The numbers of an instance; none where its run's folder is gone.
  mutating func metrics(of instance: String) -> [String: Double] {
    guard let file = latest.folder(of: instance, in: runs)?.json else { return [:] }
    let record = records[file] ?? RunRecord.read(file)
    records.updateValue(record, forKey: file)
    return record?.instances.first {
      $0.instance == instance
        && [InstanceResult.Outcome.done, .restored].map(\.rawValue).contains($0.status)
    }?.metrics ?? [:]
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
