// `work gc`: what the cache, old runs, scratch and pages may lose, and losing it. Never what the lock, a
// recorded submission or the workspace as it is now could need.

import Basics
import Foundation
import Hashing

/// What was freed, or would be.
public struct GarbageCollection: Sendable, Codable, Equatable {
  /// Why something isn't needed.
  public enum Kind: String, Sendable, Codable {
    /// A result in the cache.
    case result
    /// Objects that no result speaks of, as an interrupted push or pull leaves them.
    case objects
    /// Records and logs of a run; what `work runs` needs of it, run.json above all, stays.
    case run
    /// Unfinished work of an instance that is gone, or of parameters that it no longer has, and that nobody has gone on
    /// with for a week.
    case scratch
    /// What lay in the places of outputs, and was moved out of their way.
    case displaced
    /// The page of an instance that no longer exists.
    case page
  }

  /// One thing to lose.
  public struct Item: Sendable, Codable, Equatable {
    /// What it is.
    public var kind: Kind
    /// The instance; nil for runs and objects.
    public var instance: String?
    /// The run that it came from, or that it is.
    public var run: String?
    /// What losing it frees. What the workspace still has as a hard link frees nothing.
    public var bytes: Int64
  }

  /// In the order in which they are lost.
  public var items: [Item] = []
  /// Bytes of the cache's objects that stay.
  public var keptBytes: Int64 = 0
  /// Results that stay.
  public var keptResults = 0

  /// What all items free together.
  public var bytes: Int64 { items.reduce(0) { $0 + $1.bytes } }
}

extension Runner {
  /// Frees what nothing needs: results that neither the lock nor a submission's copy of it nor the present
  /// parameters speak of, beside the newest of each instance; runs that nothing shows; stale scratch.
  ///
  /// - Parameters:
  ///   - keep: how many results of each instance stay beside those that are needed.
  ///   - isTrial: only says what would be freed.
  /// - Returns: what was freed.
  /// - Throws: `PipelineError` where another run owns the workspace, or something can't be removed.
  public func collect(keep: Int = 2, isTrial: Bool = false) throws -> GarbageCollection {
    guard keep >= 0 else { throw PipelineError("--keep \(keep): should be 0 or more") }
    let owner = isTrial ? nil : try WorkspaceOwner(workspace.owner)
    defer { withExtendedLifetime(owner) {} }
    hashes.forget()
    var collector = try Collector(project, keep: keep)
    try collector.plan()
    if !isTrial {
      for (name, removal) in collector.removals {
        try step(name)
        try removal()
      }
    }
    return collector.collection
  }
}

extension RunFolder {
  /// Whether a file of a run's folder tells in full what run.json sums up.
  fileprivate static func isInFull(_ name: String) -> Bool {
    ["record.jsonl", "events.jsonl", "order.json", "log", "threads", "requests"]
      .contains { name.hasSuffix(".\($0)") }
  }
}

/// Finds out what is needed and lists the rest with how to remove it.
private struct Collector {
  var collection = GarbageCollection()
  /// In an order that a crash may cut anywhere: entries before the objects that they speak of.
  var removals: [(name: String, body: () throws -> Void)] = []

  private let project: Project
  private let staleness: Staleness
  private let cache: RunCache
  private let keep: Int
  private var needed: Set<String> = []
  private var workspace: Workspace { project.workspace }

  init(_ project: Project, keep: Int) throws {
    self.project = project
    self.keep = keep
    staleness = try Staleness(project)
    cache = RunCache(project.workspace, project.hashes) { _ in }
  }

  mutating func plan() throws {
    let latest = LatestRuns(workspace.latest)
    let kept = try planCache()
    try planRuns(latest, Set(kept.map(\.run)))
    try planScratch()
    planDisplaced()
    planPages(latest)
  }

  // MARK: The cache

  /// - Returns: the entries that stay.
  private mutating func planCache() throws -> [CacheEntry] {
    let entries = cache.entries()
    let needed = try neededFingerprints(entries)
    var staying: [CacheEntry] = []
    var going: [CacheEntry] = []
    for (_, results) in Dictionary(grouping: entries, by: \.instance).sorted(by: { $0.key < $1.key }
    ) {
      // Runs are named by time, so the newest are last.
      let others = results.filter { !needed.contains($0.fingerprint) }
      let newest = Set(others.suffix(keep).map(\.fingerprint))
      for entry in results {
        if needed.contains(entry.fingerprint) || newest.contains(entry.fingerprint) {
          staying.append(entry)
        } else {
          going.append(entry)
        }
      }
    }
    let used = Set(staying.flatMap(objects))
    var seen: Set<String> = []
    var lost: [String] = []
    for entry in going {
      var item = GarbageCollection.Item(
        kind: .result, instance: entry.instance, run: entry.run, bytes: 0)
      for hash in objects(of: entry) where !used.contains(hash) && seen.insert(hash).inserted {
        item.bytes += freed(hash)
        lost.append(hash)
      }
      collection.items.append(item)
      let file = workspace.cache.appendingPathComponent(CacheEntry.name(entry.fingerprint))
      removals.append(("remove a cache entry", { try WholeFile.remove(file) }))
    }
    let astray = cache.store.all().filter { !used.contains($0) && !seen.contains($0) }
    if !astray.isEmpty {
      collection.items.append(
        .init(kind: .objects, bytes: astray.reduce(0) { $0 + freed($1) }))
    }
    let store = cache.store
    for hash in lost + astray {
      removals.append(("remove an object", { try store.remove(hash) }))
    }
    let temporary = workspace.cache.appendingPathComponent("tmp")
    if WholeFile.exists(temporary) {
      removals.append(("remove the cache's temporaries", { try WholeFile.remove(temporary) }))
    }
    collection.keptResults = staying.count
    collection.keptBytes = used.reduce(0) { $0 + (store.status($1)?.size ?? 0) }
    return staying
  }

  /// Results that the lock speaks of, or a copy of it beside a submission, or that the next run would take, or from which
  /// a submission came that was handed in.
  private func neededFingerprints(_ entries: [CacheEntry]) throws -> Set<String> {
    var needed: Set<String> = []
    for lock in [staleness.lock] + (try recordedLocks()) {
      for (name, locked) in lock.entries {
        needed.insert(locked.manifest.fingerprint)
        // Accepted code has another fingerprint than the run that made the outputs.
        for entry in entries
        where entry.instance == name && entry.outputs.mapValues(\.state) == locked.outputs {
          needed.insert(entry.fingerprint)
        }
      }
    }
    for (instance, outputs) in try submittedOutputs() {
      for entry in entries
      where entry.instance == instance && entry.outputs.mapValues(\.state.hash) == outputs {
        needed.insert(entry.fingerprint)
      }
    }
    var expected = ExpectedFingerprints(staleness, cache)
    for instance in project.graph.instances {
      if let fingerprint = try expected.fingerprint(of: instance) { needed.insert(fingerprint) }
    }
    return needed
  }

  /// Instances, and hashes of their outputs, from which submissions came that Kaggle has, or has scored.
  private func submittedOutputs() throws -> [(instance: String, outputs: [String: String])] {
    let history = RunHistory(workspace)
    let submitted = try SubmissionLedger(workspace).entries.filter {
      $0.isScored || $0.kaggle != nil
    }
    let runs = Set(
      submitted.flatMap { [$0.run, $0.estimate?.run].compactMap { $0 } + ($0.blend ?? [:]).keys })
    return runs.sorted().compactMap { try? history.record($0) }.flatMap { record in
      record.instances.compactMap { item in
        item.outputs.map { (item.instance, $0.mapValues(\.hash)) }
      }
    }
  }

  /// The locks that were kept with submissions: every file below `submissions/` that ends in `.lock`.
  private func recordedLocks() throws -> [Lock] {
    let folder = workspace.url(of: "submissions")
    guard case .folder? = try FolderWalk.entry(at: folder.path) else { return [] }
    var locks: [Lock] = []
    try FolderWalk.visit(folder.path) { path, entry in
      guard case .file = entry, path.hasSuffix(".lock") else { return }
      locks.append(try Lock.read(folder.appendingPathComponent(path)))
    }
    return locks
  }

  private func objects(of entry: CacheEntry) -> [String] {
    entry.contents.flatMap { output -> [String] in
      guard output.kind == .folder else { return [output.hash] }
      let tree = cache.store.bytes(output.hash).flatMap { FolderTree($0) } ?? FolderTree()
      return [output.hash]
        + tree.nodes.compactMap {
          if case .file(_, let hash) = $0 { Digest.hex(hash) } else { nil }
        }
    }
  }

  private func freed(_ hash: String) -> Int64 {
    guard let status = cache.store.status(hash) else { return 0 }
    return status.names == 1 ? status.size : 0
  }

  // MARK: Runs, scratch, pages

  private mutating func planRuns(_ latest: LatestRuns, _ kept: Set<String>) throws {
    // Which runs the present outputs came from isn't known then.
    guard !latest.isDamaged else { return }
    let shown = Set(latest.all.filter { isKnown($0.key) }.map(\.value))
    for run in Self.list(workspace.runs) where !shown.contains(run) && !kept.contains(run) {
      let folder = workspace.runs.appendingPathComponent(run, isDirectory: true)
      guard !WholeFile.exists(folder.appendingPathComponent("label.json")) else { continue }
      let files = Self.list(folder).filter(RunFolder.isInFull)
        .map { folder.appendingPathComponent($0) }
      guard !files.isEmpty else { continue }
      let size = try files.reduce(0) { try $0 + Self.size($1) }
      collection.items.append(.init(kind: .run, run: run, bytes: size))
      removals.append(("strip a run", { for file in files { try WholeFile.remove(file) } }))
    }
  }

  private mutating func planScratch() throws {
    let selection = try Selection([], in: project.graph)
    let undecided = Set(
      try staleness.status(selection).filter { $0.state == .undecided }.map(\.instance))
    // Jobs of a cluster go on without a run, and their results wait here.
    let worked = Set(
      JobFolder.all(in: workspace).map { $0.read().map { String($0.fingerprint.prefix(16)) } ?? "" }
    )
    guard !worked.contains("") else { return }
    for name in Self.list(workspace.scratch) where !undecided.contains(name) {
      let folder = workspace.scratch.appendingPathComponent(name, isDirectory: true)
      let instance = project.graph[name]
      // What an override of the number of folds hides isn't gone.
      if instance == nil, project.lastingInstances.contains(name) { continue }
      let present = try instance.flatMap { try staleness.entry(of: $0) }?.manifest.fingerprint
        .prefix(16)
      for state in Self.list(folder)
      where !worked.contains(state) && (present.map { state != $0 } ?? (instance == nil)) {
        let place = folder.appendingPathComponent(state)
        guard instance == nil || Self.isOld(place) else { continue }
        collection.items.append(
          .init(kind: .scratch, instance: name, bytes: try Self.size(place)))
        removals.append(("remove scratch", { try WholeFile.remove(place) }))
      }
    }
  }

  /// A week: what was interrupted may go on, as of another setting, of a sweep, or of a later evening.
  private static let age = 7 * 86400.0

  /// Whether nothing below a folder has changed for so long; nothing is too young that can't be looked at.
  private static func isOld(_ folder: URL) -> Bool {
    var latest = Int64.min
    if case .folder? = try? FolderWalk.entry(at: folder.path) {
      try? FolderWalk.visit(folder.path) { _, entry in
        if case .file(let stamp) = entry { latest = max(latest, stamp.modified) }
      }
    }
    return Double(latest) < Double(FileStamp.now()) - age * 1e9
  }

  private mutating func planDisplaced() {
    for run in Self.list(workspace.displaced) {
      let folder = workspace.displaced.appendingPathComponent(run, isDirectory: true)
      collection.items.append(
        .init(kind: .displaced, run: run, bytes: (try? Self.size(folder)) ?? 0))
      removals.append(("remove what was displaced", { try WholeFile.remove(folder) }))
    }
  }

  private mutating func planPages(_ latest: LatestRuns) {
    let gone = latest.all.keys.filter { !isKnown($0) }.sorted()
    for name in gone {
      let page = workspace.pages.appendingPathComponent("\(name).html")
      if WholeFile.exists(page) {
        collection.items.append(
          .init(kind: .page, instance: name, bytes: (try? Self.size(page)) ?? 0))
        removals.append(("remove a page", { try WholeFile.remove(page) }))
      }
    }
    guard !gone.isEmpty else { return }
    let file = workspace.latest
    removals.append(
      (
        "forget instances",
        {
          var latest = LatestRuns(file)
          try latest.forget(gone)
        }
      ))
  }

  private func isKnown(_ instance: String) -> Bool {
    project.graph[instance] != nil || project.lastingInstances.contains(instance)
  }

  private static func list(_ folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  private static func size(_ url: URL) throws -> Int64 {
    switch try FolderWalk.entry(at: url.path) {
    case nil: return 0
    case .file(let stamp): return stamp.size
    case .folder:
      var size: Int64 = 0
      try FolderWalk.visit(url.path) { _, entry in
        if case .file(let stamp) = entry { size += stamp.size }
      }
      return size
    }
  }
}
