// How a result becomes that of its instance: its outputs get their names, then the lock its entry, and the
// cache keeps it.

import Basics
import Foundation
import Notebook

extension RunSession {
  /// Gives outputs their names and writes the lock, whose entry is the commit point.
  ///
  /// - Parameter known: where the outputs came from the cache: their files' hashes need no second look.
  func commit(
    _ instance: Instance, _ entry: Lock.Entry, from scratch: Scratch,
    known: (cached: CacheEntry, began: Int64)? = nil
  ) throws {
    let hashes = project.hashes
    let promotion = Promotion(workspace: workspace, aside: scratch.aside, step: step)
    var promoted: [String] = []
    for (index, path) in instance.outputs.enumerated() {
      // What lies there with the same content stays, with its times.
      if try hashes.state(of: path) == entry.outputs[path] { continue }
      try displace(path, of: instance, for: scratch.output(index))
      try promotion.promote(scratch.output(index), to: path, number: index)
      hashes.moved(from: scratch.output(index).path, to: path)
      promoted.append(path)
    }
    try step("write the lock")
    staleness.lock.entries[instance.name] = entry
    try staleness.lock.write(to: workspace.lockFile)
    hashes.forget()
    if let known, let cache {
      for path in promoted { cache.vouch(path, known.cached.outputs[path], began: known.began) }
    }
    try step("keep listings")
    try staleness.keepListings(entry, of: instance)
    try step("remove scratch")
    // A training that was stopped can go on from there.
    try entry.course?.stoppedAfter == nil ? scratch.remove() : scratch.keepState()
  }

  /// Keeps the outputs of an instance that has committed. That this can't be done is no failure.
  func keepInCache(
    _ outcome: InstanceResult, of instance: Instance, _ entry: Lock.Entry, folder: RunFolder
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
