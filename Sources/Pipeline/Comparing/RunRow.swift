// One run in the table of runs: what it was asked, what it had, and what came of it, flattened.

import Basics
import Foundation

/// A run, as the table has it.
public struct RunRow: Sendable, Equatable, Codable {
  /// The name of its folder.
  public var id: String
  /// In UTC, ISO 8601.
  public var started: String
  /// In UTC, ISO 8601; nil while it runs.
  public var ended: String?
  /// "ok", "failed", "interrupted", …; "running", or "broken off" where its runner is gone.
  public var outcome: String
  /// The exit code of `work run`.
  public var exit: Int32?
  /// What it was asked to run.
  public var targets: [String]
  /// Wall time of the run.
  public var seconds: Double?
  /// User and system time of all that ran.
  public var cpuSeconds: Double?
  /// Largest resident set of all that ran, bytes.
  public var peakMemory: Int?
  /// Overridden parameters with their values, in JSON.
  public var overrides: [String: String]
  /// All parameters by dotted key, in JSON; in runs of before version 2 just the overridden ones.
  public var parameters: [String: String]
  /// Metrics as "INSTANCE.NAME"; of stages with several instances, the mean over them as "STAGE.NAME".
  public var metrics: [String: Double]
  /// Instances that ran, whatever came of it.
  public var ran: [String]
  /// Names that stand for it.
  public var tags: [String] = []
  /// A person's word on it.
  public var note: String?
  /// The commit that was checked out.
  public var git: String?
}

extension RunRow {
  /// What a run's name says of its start: "20260101T120000Z-1"; empty where it is another name.
  private static func start(of id: String) -> String {
    guard
      let parts = id.wholeMatch(of: /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(-.*)?/)?.output
    else { return "" }
    return "\(parts.1)-\(parts.2)-\(parts.3)T\(parts.4):\(parts.5):\(parts.6)Z"
  }

  /// A run of which nothing is known but that it was there.
  init(damaged id: String) {
    self.init(
      id: id, started: Self.start(of: id), outcome: "damaged", targets: [], overrides: [:],
      parameters: [:],
      metrics: [:], ran: [])
  }

  init(id: String, _ record: RunRecord) {
    self.id = id
    started = record.started
    ended = record.ended
    outcome = record.status
    exit = record.exit
    targets = record.targets
    let ran = record.instances.filter { $0.seconds != nil }
    seconds = record.seconds ?? Self.seconds(from: record.started, to: record.ended)
    cpuSeconds = ran.isEmpty ? nil : ran.reduce(0) { $0 + ($1.cpuSeconds ?? 0) }
    peakMemory = ran.compactMap(\.peakMemory).max()
    overrides = record.overrides.mapValues(\.canonical)
    parameters =
      record.parameters.map { Dictionary($0.leaves, uniquingKeysWith: { $1 }) } ?? overrides
    // What may change speed alone, and what stands for this machine, is no parameter of a result.
    parameters = parameters.filter { !$0.key.hasPrefix(Parameters.runtimeKey + ".") }
    metrics = Self.metrics(record.instances)
    self.ran = ran.map(\.instance)
    git = record.git
  }

  private static func metrics(_ items: [RunRecord.Item]) -> [String: Double] {
    var metrics: [String: Double] = [:]
    var parts: [String: [Double]] = [:]
    for item in items {
      for (name, value) in item.metrics {
        metrics["\(item.instance).\(name)"] = value
        if item.instance != item.stage { parts["\(item.stage).\(name)", default: []].append(value) }
      }
    }
    // The mean of one fold would pass for that of all.
    for (name, values) in parts where values.count > 1 {
      metrics[name] = values.reduce(0, +) / Double(values.count)
    }
    return metrics
  }

  private static func seconds(from start: String, to end: String?) -> Double? {
    guard let end, let a = try? Date(start, strategy: .iso8601),
      let b = try? Date(end, strategy: .iso8601)
    else { return nil }
    return b.timeIntervalSince(a)
  }
}
