// `work metrics`: the numbers of the outputs in place, or of one run, and how two runs differ.

extension Runner {
  /// The metrics of the outputs in place, in the order of the graph.
  public func currentMetrics() -> [InstanceMetrics] {
    var latest = LatestMetrics(workspace)
    return graph.instances.compactMap { latest.metrics(of: $0.name) }
  }
}

extension RunHistory {
  /// The metrics of what a run ran, or took from the cache.
  public func metrics(of run: String) throws -> [InstanceMetrics] {
    try record(run).metrics(id: run)
  }

  /// How the metrics of two runs differ.
  public func metricChanges(from old: String, to new: String) throws -> [RunDiff.Metric] {
    Self.metrics(RunRow(id: old, try record(old)), RunRow(id: new, try record(new)))
  }
}
