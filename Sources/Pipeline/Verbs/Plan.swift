// What a run would do, found out without doing any of it.

import Basics

/// The plan of a run.
public struct RunPlan: Sendable {
  /// All that is selected, in the order in which it would run.
  public var instances: [InstanceStatus]
  /// Instances that no longer exist though their stage does; a run would remove what is left of them.
  public var retired: [String]
  /// Stages that no longer exist; a run would remove their lock entries, and leave their files.
  public var goneStages: [String]
  /// What would keep the run from starting, or end it early, in words; nil where nothing would.
  public var obstacle: String?

  /// Whether a run would have anything to do.
  public var isStale: Bool { instances.contains { $0.state.mayRun } }
}

extension Runner {
  /// What `run` would do with the same options. Nothing is run or written but the table of file hashes.
  ///
  /// - Throws: `PipelineError` for names and options that mean nothing, or a damaged lock.
  public func plan(_ options: RunOptions) throws -> RunPlan {
    let selection = try Selection(options, in: graph)
    hashes.forget()
    let staleness = try staleness()
    var instances = try staleness.status(selection)
    if !options.only, options.from.isEmpty {
      try foresee(&instances, selection, staleness)
    }
    let obstacles =
      try staleness.obstacles(selection, instances) + staleness.frozenObstacles(selection)
    project.saveTables()
    let all = project.retired(staleness.lock, selection).map {
      (name: $0, stage: String($0.prefix { $0 != "@" }))
    }
    let stages = Set(graph.stages)
    return RunPlan(
      instances: instances, retired: all.filter { stages.contains($0.stage) }.map(\.name),
      goneStages: Set(all.map(\.stage)).subtracting(stages).sorted(),
      obstacle: obstacles.isEmpty ? nil : obstacles.joined(separator: "\n"))
  }
}

extension Runner {
  /// Says which instances the cache has results of, as far as that can be known before others have run. All
  /// that comes before them has to be selected.
  private func foresee(
    _ instances: inout [InstanceStatus], _ selection: Selection, _ staleness: Staleness
  ) throws {
    guard try project.runtime.isOn("cache") else { return }
    let cache = RunCache(workspace, hashes, step: step)
    var expected = ExpectedFingerprints(staleness, cache)
    for (index, instance) in selection.instances.enumerated() {
      guard let fingerprint = try expected.fingerprint(of: instance),
        !selection.forced.contains(instance.name), !instance.isFrozen
      else { continue }
      switch instances[index].state {
      case .stale: break
      case .undecided
      where staleness.lock.entries[instance.name]?.manifest.fingerprint != fingerprint:
        break
      default: continue
      }
      instances[index].restoredFrom = cache.entry(fingerprint)?.run
    }
  }
}
