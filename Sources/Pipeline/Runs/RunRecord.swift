// A run's folder below `.work/runs`: run.json with what ran, from what and how it went, and beside it
// each instance's order, record, events, log, and copies of the outputs that its header keeps.

import Basics
import Foundation
import Notebook

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
    /// How it went, where it was asked for other than planned while it ran.
    var course: Course?
    /// Outputs, or files in them, of which the run keeps a copy.
    var kept: [String]?
    /// The number of its job in a cluster.
    var job: String?

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
  /// All instances of the run in the order of the graph; runs of before they were noted have none.
  var selected: [String]?
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
      overrides: entry.flatMap { $0.overrides.isEmpty ? nil : $0.overrides }, course: entry?.course,
      kept: result.kept.isEmpty ? nil : result.kept, job: result.job)
  }
}
