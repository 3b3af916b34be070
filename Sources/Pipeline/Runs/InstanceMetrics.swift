// The numbers that instances named: in one run, and those of the outputs in place.

import Foundation
public import Notebook

/// What an instance measured.
public struct InstanceMetrics: Sendable, Equatable, Codable {
  /// The instance's name.
  public var instance: String
  /// The run that measured it.
  public var run: String
  /// The numbers by name, each as it was last.
  public var metrics: [String: Double]
  /// By step, as of every epoch.
  public var history: [MetricPoint]
}

extension RunRecord {
  /// The metrics of what a run ran, or took from the cache.
  ///
  /// - Parameter id: the run's.
  func metrics(id: String) -> [InstanceMetrics] {
    let made = instances.filter { item in
      InstanceResult.Outcome(rawValue: item.status)?.hasMadeOutputs ?? false
    }
    return made.filter { !$0.metrics.isEmpty }.map {
      InstanceMetrics(
        instance: $0.instance, run: id, metrics: $0.metrics, history: $0.history ?? [])
    }
  }
}

/// The numbers of the outputs in place: those that instances named in the run that they ran in last. Reads
/// each run once.
struct LatestMetrics {
  private let runs: URL
  private let latest: LatestRuns
  private var known: [String: [InstanceMetrics]] = [:]

  init(_ workspace: Workspace) {
    runs = workspace.runs
    latest = LatestRuns(workspace.latest)
  }

  /// Nil where it named none, or its run's folder is gone.
  mutating func metrics(of instance: String) -> InstanceMetrics? {
    guard let folder = latest.folder(of: instance, in: runs) else { return nil }
    let metrics = known[folder.id] ?? RunRecord.read(folder.json)?.metrics(id: folder.id) ?? []
    known[folder.id] = metrics
    return metrics.first { $0.instance == instance }
  }
}
