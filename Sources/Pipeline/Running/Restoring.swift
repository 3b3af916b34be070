// Results taken from the cache instead of running instances again. docs/decisions/run-cache.md has why this happens before the builds.

import Basics
import Foundation

extension RunSession {
  /// Takes back what the cache has of all that can be decided before anything is built or run: an instance
  /// whose inputs are settled, and then those after it. Their results are told when their turn comes.
  ///
  /// - Parameter stale: what is stale or undecided, in the order of the graph.
  /// - Returns: what of it may still have to run.
  func restoreAhead(_ stale: [InstanceStatus]) throws -> [InstanceStatus] {
    guard cache != nil else { return stale }
    var left: [InstanceStatus] = []
    var waiting: Set<String> = []
    for status in stale {
      guard !isInterrupted, let instance = project.graph[status.instance],
        waiting.isDisjoint(with: project.graph.dependencies(of: instance.name))
      else {
        waiting.insert(status.instance)
        left.append(status)
        continue
      }
      let reasons = try staleness.reasons(instance)
      // What came back before it may have left it fresh; that is said when its turn comes.
      if reasons.isEmpty, !selection.forced.contains(instance.name) { continue }
      if let result = try restored(instance, reasons) {
        states.move(instance.name, to: .restored(result))
      } else {
        waiting.insert(status.instance)
        left.append(status)
      }
    }
    return left
  }

  /// The result of an instance whose outputs for its present fingerprint could be taken from the cache; nil
  /// where it has to run.
  func restored(_ instance: Instance, _ reasons: [Reason]) throws -> InstanceResult? {
    guard let cache, !selection.forced.contains(instance.name), !instance.isFrozen,
      var entry = try staleness.entry(of: instance),
      let cached = cache.entry(entry.manifest.fingerprint),
      Set(cached.outputs.keys) == Set(instance.outputs),
      try PinnedValues(workspace, instance, entry).agree(with: cached.pinned, staleness.lock)
    else { return nil }
    try executors.drop(instance)
    do {
      entry.outputs = cached.outputs.mapValues(\.state)
      entry.pinned = cached.pinned.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
      return try restore(instance, to: entry, from: cached, in: cache, because: reasons)
    } catch let miss as CacheMiss {
      cache.doubt(cached)
      let object = "object \(miss.hash.prefix(12))"
      observer.observe(
        .notice(
          "the cache's result of \(instance.name) is "
            + (miss.isDamaged ? "damaged (\(object), now dropped)" : "incomplete (no \(object))")
            + ", so the stage runs again"))
    } catch let error as any Failing {
      observer.observe(.notice("\(instance.name) can't be restored: \(error)"))
    }
    project.hashes.forget()
    return nil
  }

  private func restore(
    _ instance: Instance, to entry: Lock.Entry, from cached: CacheEntry, in cache: RunCache,
    because reasons: [Reason]
  ) throws -> InstanceResult {
    let scratch = Scratch(workspace, instance, entry)
    try step("make scratch")
    try scratch.prepare()
    var result = InstanceResult(instance, .restored, reasons: reasons)
    result.unchanged = staleness.lock.entries[instance.name]?.outputs == entry.outputs
    let began = FileStamp.now()
    var tally: RunCache.Tally = [:]
    for (index, path) in instance.outputs.enumerated() {
      guard let output = cached.outputs[path], try project.hashes.state(of: path) != output.state
      else { continue }
      try cache.take(output, to: scratch.output(index).path, tally: &tally)
    }
    result.restored = .init(run: cached.run, sharing: tally.main?.rawValue)
    result.metrics = cached.metrics
    try showRecord(of: instance, from: cached, in: cache, &result)
    try commit(instance, entry, from: scratch, known: (cached, began))
    return result
  }

  /// Makes the page, log and numbers of the run that made the outputs those of the instance; where that
  /// run's folder is gone, this run's folder gets the record.
  private func showRecord(
    of instance: Instance, from cached: CacheEntry, in cache: RunCache,
    _ result: inout InstanceResult
  ) throws {
    var shown = RunFolder(
      url: workspace.runs.appendingPathComponent(cached.run, isDirectory: true))
    if !WholeFile.exists(shown.record(instance.name)), let folder = journal.folder {
      shown = folder
      if let record = cached.record {
        let file = folder.record(instance.name)
        try WholeFile.remove(file)
        var tally: RunCache.Tally = [:]
        do { try cache.take(record, to: file.path, tally: &tally) } catch is CacheMiss {
          // The outputs are what counts.
        }
      }
    }
    if WholeFile.exists(shown.record(instance.name)) { result.record = shown.record(instance.name) }
    if WholeFile.exists(shown.log(instance.name)) { result.log = shown.log(instance.name) }
    try step("say which run was the latest")
    var latest = LatestRuns(workspace.latest)
    try latest.set(instance.name, shown)
  }
}
