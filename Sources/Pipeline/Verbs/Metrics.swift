// What `work metrics` tells: the numbers of the outputs in place, or of one run, and how two runs differ.

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

extension Runner {
  /// The metrics of the outputs in place, in the order of the graph.
  public func currentMetrics() -> [InstanceMetrics] {
    graph.instances.compactMap { instance in
      guard let folder = latestFolder(of: instance.name), let record = RunRecord.read(folder.json)
      else { return nil }
      return RunHistory.metrics(of: record, folder.id).first { $0.instance == instance.name }
    }
  }
}

extension RunHistory {
  /// The metrics of what a run ran, or took from the cache.
  public func metrics(of run: String) throws -> [InstanceMetrics] {
    Self.metrics(of: try record(run), run)
  }

  static func metrics(of record: RunRecord, _ run: String) -> [InstanceMetrics] {
    let outcomes = [InstanceResult.Outcome.done, .restored].map(\.rawValue)
    return record.instances.filter { outcomes.contains($0.status) }.compactMap {
      $0.metrics.isEmpty
        ? nil
        : InstanceMetrics(
          instance: $0.instance, run: run, metrics: $0.metrics, history: $0.history ?? [])
    }
  }

  /// How the metrics of two runs differ.
  public func metricChanges(from old: String, to new: String) throws -> [RunDiff.Metric] {
    Self.metrics(RunRow(id: old, try record(old)), RunRow(id: new, try record(new)))
  }
}
