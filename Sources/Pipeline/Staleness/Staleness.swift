// Decides what is stale: what an instance is made of now, against what the lock says it was made of.

import Basics
import Foundation

/// Looks at instances; files are looked at as `FileHashes` allows, code once.
///
/// `lock` is what a run has done so far: who commits an instance changes it here, and writes it.
final class Staleness {
  let graph: Graph
  let parameters: Parameters
  let hashes: FileHashes
  var lock: Lock
  let codeRoot: URL
  private let reader: CodeReader
  private let sources: SourceTable
  let costs: Costs
  private let trees: TreeStore
  private var codes: [String: [String: String]] = [:]

  /// Looks at code, parameters and the lock as they are now.
  ///
  /// - Throws: `PipelineError` for a lock that can't be trusted.
  init(_ project: Project) throws {
    graph = project.graph
    parameters = project.parameters
    hashes = project.hashes
    costs = Costs(project.workspace)
    trees = TreeStore(project.workspace)
    lock = try Lock.read(project.workspace.lockFile)
    codeRoot = project.workspace.codeRoot
    sources = project.sources
    reader = CodeReader(root: codeRoot, table: sources)
  }

  /// Digests of the code of an instance's stage, as they were at the first look.
  func code(of instance: Instance) throws -> [String: String] { try code(of: instance.source) }

  /// The same of a stage, which needs no instance.
  func code(of source: StageScript) throws -> [String: String] {
    if let code = codes[source.stage] { return code }
    let code = try reader.identity(ofScript: source.path, language: source.language).parts
    codes[source.stage] = code
    return code
  }

  /// The lock entry that a run of the instance would write now, without outputs' hashes.
  ///
  /// - Returns: nil where inputs are missing; nothing is hashed then.
  func entry(of instance: Instance) throws -> Lock.Entry? {
    guard try missing(of: instance).isEmpty else { return nil }
    var inputs: [String: FileState] = [:]
    for path in graph.files(of: instance) { inputs[path] = try hashes.state(of: path) }
    let blank = FileState(hash: "", size: 0)
    return Lock.Entry(
      item: instance.item, code: try code(of: instance),
      parameters: instance.parameters.map { .init($0, parameters[$0] ?? .null) }, inputs: inputs,
      outputs: Dictionary(uniqueKeysWithValues: instance.outputs.map { ($0, blank) }),
      overrides: parameters.overridden.filter { key in
        instance.parameters.contains { Self.overlap($0, key) }
      })
  }

  /// Inputs that aren't there.
  func missing(of instance: Instance) throws -> [String] {
    try graph.files(of: instance).filter {
      try FolderWalk.entry(at: hashes.absolute($0)) == nil
    }
  }

  /// Why an instance would have to run now; empty where it is fresh.
  func reasons(_ instance: Instance) throws -> [Reason] {
    guard let old = lock.entries[instance.name] else {
      return try missing(of: instance).map { .inputMissing($0) } + [.neverRun]
    }
    guard let new = try entry(of: instance) else {
      return try missing(of: instance).map { .inputMissing($0) }
    }
    var reasons = new.manifest.reasons(since: old.manifest) { key in
      old.overrides.contains { Self.overlap($0, key) }
        && !parameters.overridden.contains { Self.overlap($0, key) }
    }
    for index in reasons.indices {
      try explain(&reasons[index], instance, from: old, to: new)
    }
    for path in old.outputs.keys.sorted() where instance.outputs.contains(path) {
      switch try hashes.state(of: path) {
      case nil: reasons.append(.outputMissing(path))
      case let state? where state.hash != old.outputs[path]?.hash:
        reasons.append(
          .outputChanged(path, parts: try changes(in: path, since: old.outputs[path]?.hash)))
      default: break
      }
    }
    return reasons
  }

  /// Adds to a reason which files or cells it is about, where that is known.
  private func explain(
    _ reason: inout Reason, _ instance: Instance, from old: Lock.Entry, to new: Lock.Entry
  ) throws {
    func parts(_ key: String) throws -> PartChanges? {
      guard new.code[key] != nil, let before = old.code[key].flatMap(trees.listing),
        let now = try reader.listing(of: key, language: instance.language)
      else { return nil }
      // In a module it doesn't matter where a file lies.
      return key == instance.script
        ? now.changes(since: before) : now.changesBesideMoves(since: before)
    }
    switch reason {
    case .inputChanged(let path, _):
      reason = .inputChanged(path, parts: try changes(in: path, since: old.inputs[path]?.hash))
    case .scriptChanged(let path, _): reason = .scriptChanged(path, parts: try parts(path))
    case .moduleChanged(let name, _): reason = .moduleChanged(name, parts: try parts(name))
    default: break
    }
  }

  /// Which files of a folder aren't as they were; nil where that isn't known, or it is a file.
  private func changes(in path: String, since hash: String?) throws -> PartChanges? {
    guard let before = hash.flatMap(trees.listing) else { return nil }
    return try hashes.listing(of: path)?.listing.changes(since: before)
  }

  /// Keeps what the hashes of an entry stand for, so that the next change can be told in detail.
  func keepListings(_ entry: Lock.Entry, of instance: Instance) throws {
    // A script may have been edited since.
    let isAsItWas =
      try CodeReader(root: codeRoot, table: sources)
      .identity(ofScript: instance.script, language: instance.language).parts[instance.script]
      == entry.code[instance.script]
    for (part, hash) in entry.code
    where !trees.holds(hash) && (isAsItWas || part != instance.script) {
      if let listing = try reader.listing(of: part, language: instance.language) {
        try trees.keep(listing, as: hash)
      }
    }
    for (path, state) in entry.inputs.merging(entry.outputs, uniquingKeysWith: { $1 })
    where !trees.holds(state.hash) {
      if let (listing, now) = try hashes.listing(of: path), now == state {
        try trees.keep(listing, as: state.hash)
      }
    }
  }

  /// All of a selection before anything runs.
  func status(_ selection: Selection) throws -> [InstanceStatus] {
    var unsettled: Set<String> = []
    let selected = Set(selection.instances.map(\.name))
    return try selection.instances.map { instance in
      let upstream = graph.dependencies(of: instance.name).filter { selected.contains($0) }
      let waiting = upstream.filter { unsettled.contains($0) }
      var reasons = try reasons(instance)
      if reasons.isEmpty, selection.forced.contains(instance.name) { reasons = [.forced] }
      let remade = waiting.flatMap { graph[$0]?.outputs ?? [] }
      // What the stages before it will make again is no reason yet.
      let certain = reasons.filter { reason in
        switch reason {
        case .inputMissing(let path), .inputChanged(let path, _):
          !remade.contains { $0 == path || path.lies(inFolder: $0) }
        default: true
        }
      }
      let state: InstanceStatus.State
      if instance.isFrozen, !reasons.isEmpty || !waiting.isEmpty {
        state = .frozen
      } else if !certain.isEmpty {
        state = .stale
      } else {
        state = waiting.isEmpty ? .fresh : .undecided
      }
      if state.mayRun { unsettled.insert(instance.name) }
      let entry = lock.entries[instance.name]
      return InstanceStatus(
        instance: instance.name, stage: instance.stage, state: state,
        reasons: certain + (waiting.isEmpty ? [] : [.waitsFor(waiting)]), accepted: entry?.accepted,
        overrides: entry?.overrides ?? [],
        expectedSeconds: costs.expected(instance.name, stage: instance.stage)?.seconds)
    }
  }

  /// Whether one key is the other, or a section around it.
  private static func overlap(_ a: String, _ b: String) -> Bool {
    a == b || a.hasPrefix(b + ".") || b.hasPrefix(a + ".")
  }
}
