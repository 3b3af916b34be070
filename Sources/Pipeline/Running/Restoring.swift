// Results in and out of the cache in the course of a run: kept when an instance has committed, taken back
// instead of running it again. docs/decisions/run-cache.md has why this happens before the builds.

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
      guard !isInterrupted, let instance = runner.graph[status.instance],
        waiting.isDisjoint(with: runner.graph.dependencies(of: instance.name))
      else {
        waiting.insert(status.instance)
        left.append(status)
        continue
      }
      let reasons = try evaluator.reasons(instance)
      // What came back before it may have left it fresh; that is said when its turn comes.
      if reasons.isEmpty, !selection.forced.contains(instance.name) { continue }
      if let result = try restored(instance, reasons) {
        restoredAhead[instance.name] = result
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
      var entry = try evaluator.entry(of: instance),
      let cached = cache.entry(entry.manifest.fingerprint),
      Set(cached.outputs.keys) == Set(instance.outputs),
      try PinnedValues(workspace, instance, entry).agree(with: cached.pinned, evaluator.lock)
    else { return nil }
    do {
      entry.outputs = cached.outputs.mapValues(\.state)
      entry.pinned = cached.pinned.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
      return try restore(instance, entry, cached, from: cache, reasons)
    } catch let miss as CacheMiss {
      cache.doubt(cached)
      let object = "object \(miss.hash.prefix(12))"
      observer.observe(
        .notice(
          "the cache's result of \(instance.name) is "
            + (miss.isDamaged ? "damaged (\(object), now dropped)" : "incomplete (no \(object))")
            + ", so it is made anew"))
    } catch let error as any Failing {
      observer.observe(.notice("\(instance.name) can't be restored: \(error)"))
    }
    runner.hashes.forget()
    return nil
  }

  private func restore(
    _ instance: Instance, _ entry: Lock.Entry, _ cached: CacheEntry, from cache: RunCache,
    _ reasons: [Reason]
  ) throws -> InstanceResult {
    let scratch = Scratch(workspace, instance, entry)
    try runner.step("make scratch")
    try scratch.prepare()
    var result = InstanceResult(instance, .restored, reasons: reasons)
    result.unchanged = evaluator.lock.entries[instance.name]?.outputs == entry.outputs
    let began = HashTable.now()
    var tally: RunCache.Tally = [:]
    for (index, path) in instance.outputs.enumerated() {
      guard let output = cached.outputs[path], try runner.hashes.state(of: path) != output.state
      else { continue }
      try cache.take(output, to: scratch.output(index).path, tally: &tally)
    }
    result.restored = .init(run: cached.run, sharing: tally.main?.rawValue)
    result.metrics = cached.metrics
    try showRecord(of: instance, cached, from: cache, in: &result)
    try commit(instance, entry, scratch, known: (cached, began))
    return result
  }

  /// Makes the page, log and numbers of the run that made the outputs those of the instance; where that
  /// run's folder is gone, this run's folder gets the record.
  private func showRecord(
    of instance: Instance, _ cached: CacheEntry, from cache: RunCache,
    in result: inout InstanceResult
  ) throws {
    var shown = RunFolder(
      url: workspace.runs.appendingPathComponent(cached.run, isDirectory: true))
    if !WholeFile.exists(shown.record(instance.name)), let folder {
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
    try runner.step("say which run was the latest")
    var latest = LatestRuns(workspace.latest)
    try latest.set(instance.name, shown)
  }

  /// Gives outputs their names and writes the lock, whose entry is the commit point.
  ///
  /// - Parameter known: where the outputs came from the cache: their files' hashes need no second look.
  func commit(
    _ instance: Instance, _ entry: Lock.Entry, _ scratch: Scratch,
    known: (cached: CacheEntry, began: Int64)? = nil
  ) throws {
    let hashes = runner.hashes
    let promotion = Promotion(workspace: workspace, aside: scratch.aside, step: runner.step)
    var promoted: [String] = []
    for (index, path) in instance.outputs.enumerated() {
      // What lies there with the same content stays, with its times.
      if try hashes.state(of: path) == entry.outputs[path] { continue }
      try promotion.promote(scratch.output(index), to: path, number: index)
      hashes.moved(from: scratch.output(index).path, to: path)
      promoted.append(path)
    }
    try runner.step("write the lock")
    evaluator.lock.entries[instance.name] = entry
    try evaluator.lock.write(to: workspace.lockFile)
    hashes.forget()
    if let known, let cache {
      for path in promoted { cache.vouch(path, known.cached.outputs[path], began: known.began) }
    }
    try runner.step("keep listings")
    try evaluator.keepListings(entry, of: instance)
    try runner.step("remove scratch")
    try scratch.remove()
  }

  /// Keeps the outputs of an instance that has committed. That this can't be done is no failure.
  func keep(
    _ instance: Instance, _ entry: Lock.Entry, _ outcome: InstanceResult, _ folder: RunFolder
  ) throws {
    guard let cache else { return }
    let result = CacheEntry(
      fingerprint: entry.manifest.fingerprint, instance: instance.name,
      run: folder.url.lastPathComponent, outputs: [:],
      pinned: Dictionary(uniqueKeysWithValues: entry.pinned.map { ($0.key, $0.value) }),
      metrics: outcome.metrics, seconds: outcome.seconds)
    do { try cache.keep(entry, result, record: outcome.record) } catch let error as any Failing {
      observer.observe(
        .notice("the result of \(instance.name) is not kept in the cache: \(error)"))
    }
  }
}

extension RunCache {
  /// The cache of a workspace; nil where `runtime.cache` says that there is none.
  convenience init?(_ runner: Runner) throws {
    switch runner.runtime["cache"] {
    case nil, .null?, .bool(true)?: break
    case .bool(false)?: return nil
    case let value?:
      throw PipelineError("runtime.cache is \(value.canonical), but should be true or false")
    }
    self.init(runner.workspace, runner.hashes) { [unowned runner] in try runner.step($0) }
  }
}
