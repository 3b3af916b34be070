// Where a file comes from: which run of which instance made it, from what, and whether it is still what was
// made. A file that is no declared output, such as a copy of an old submission, is known by its hash.

import Basics
public import Foundation

/// What is known of a file.
public struct Provenance: Sendable, Equatable, Codable {
  /// A file or folder that went into it.
  public struct Input: Sendable, Equatable, Codable {
    /// Relative to the workspace.
    public var path: String
    /// SHA-256 as hex; nil where nothing is there.
    public var hash: String
    /// The instance that makes it now, or nil.
    public var madeBy: String?
    /// Whether it has the same content now; nil where that isn't looked at, as for an old run.
    public var isUnchanged: Bool?
  }

  /// How a file is known.
  public enum Finding: String, Sendable, Codable {
    /// It is a declared output, or inside one, and is as the lock says.
    case current
    /// It is a declared output, or inside one, but no longer what was made.
    case changed
    /// It is no output, but has the bytes of one as it is now.
    case copy
    /// A run that is recorded made a file with these bytes.
    case madeByRun = "made by a run"
    /// A run has kept a copy with these bytes.
    case keptByRun = "kept by a run"
    /// No stage makes it; some read it.
    case input
    case unknown
  }

  /// The file that was asked about, absolute.
  public var file: String
  /// SHA-256 as hex; nil where nothing is there.
  public var hash: String?
  /// How it is known.
  public var finding: Finding
  /// The declared output that it is, or lies in.
  public var output: String?
  /// The instance that made it.
  public var instance: String?
  /// The run that made it, where its record is left.
  public var run: String?
  /// When the instance was started, in UTC.
  public var started: String?
  /// The commit that was checked out.
  public var git: String?
  /// Parameters that the command overrode.
  public var overrides: [String] = []
  /// Declared parameters by dotted key, in JSON.
  public var parameters: [String: String] = [:]
  /// What went into it.
  public var inputs: [Input] = []
  /// Digests of script, modules and packages, by name.
  public var code: [String: String] = [:]
  /// The numbers that the instance named.
  public var metrics: [String: Double] = [:]
  /// Why the outputs were kept though the code had changed.
  public var accepted: String?
  /// Instances that read it, where no stage makes it.
  public var readers: [String] = []
  /// Other runs that made the same bytes.
  public var alsoMadeBy: [String] = []
  /// Records of submissions that tell of these bytes.
  public var submissions: [String] = []
}

extension Runner {
  /// Finds out where a file or folder comes from.
  ///
  /// - Parameter url: anywhere on disk; a declared output may be missing.
  /// - Throws: `PipelineError` where nothing is there that could be looked at.
  public func provenance(of url: URL) throws -> Provenance {
    let place = url.standardizedFileURL.resolvingSymlinksInPath()
    hashes.forget()
    let state = try hashes.state(of: place.path)
    var provenance = Provenance(file: place.path, hash: state?.hash, finding: .unknown)
    let lock = try Lock.read(workspace.lockFile)
    if let path = relative(place), let (name, output) = owner(of: path, lock) {
      try describe(&provenance, name, output, lock)
      // Where it isn't what the lock says, another run may have made it.
      if provenance.finding == .changed, output == path, let hash = state?.hash {
        var other = provenance
        if try find(&other, hash: hash) { return other }
      }
    } else if let hash = state?.hash {
      provenance.readers = relative(place).map(readers) ?? []
      if !provenance.readers.isEmpty {
        provenance.finding = .input
      } else if let (name, output) = owner(ofBytes: hash, lock) {
        try describe(&provenance, name, output, lock)
        if provenance.finding == .current { provenance.finding = .copy }
      } else {
        _ = try find(&provenance, hash: hash)
      }
    } else {
      throw PipelineError("\(place.path): no such file, and no stage that has run makes it")
    }
    if let hash = state?.hash {
      provenance.submissions = try Submissions.records(workspace).filter { $0.text.contains(hash) }
        .map { "submissions/\($0.name)" }
      provenance.submissions += try SubmissionLedger(workspace).entries
        .filter { $0.sha256 == hash }.map { "submission \($0.number) (work scores)" }
    }
    return provenance
  }

  private func relative(_ place: URL) -> String? {
    let root = workspace.root.path + "/"
    return place.path.hasPrefix(root)
      ? RelativePath.normalized(String(place.path.dropFirst(root.count))) : nil
  }

  /// Instances that read a path, something in it, or a folder around it.
  private func readers(of path: String) -> [String] {
    graph.instances.filter {
      $0.inputs.contains {
        $0 == path || path.lies(inFolder: $0) || $0.lies(inFolder: path)
      }
    }.map(\.name)
  }

  /// The instance with a declared output that had these bytes when it was made last.
  private func owner(ofBytes hash: String, _ lock: Lock) -> (name: String, output: String)? {
    for (name, entry) in lock.entries.sorted(by: { $0.key < $1.key }) {
      if let output = entry.outputs.sorted(by: { $0.key < $1.key }).first(where: {
        $0.value.hash == hash
      }) {
        return (name, output.key)
      }
    }
    return nil
  }

  /// The instance with the declared output that a path is, or lies in.
  private func owner(of path: String, _ lock: Lock) -> (name: String, output: String)? {
    for (name, entry) in lock.entries.sorted(by: { $0.key < $1.key }) {
      if let output = entry.outputs.keys.first(where: {
        $0 == path || path.lies(inFolder: $0)
      }) {
        return (name, output)
      }
    }
    return nil
  }

  private func describe(
    _ provenance: inout Provenance, _ name: String, _ output: String, _ lock: Lock
  ) throws {
    guard let entry = lock.entries[name] else { return }
    let made = entry.outputs[output]?.hash
    provenance.finding = try hashes.state(of: output)?.hash == made ? .current : .changed
    provenance.output = output
    provenance.instance = name
    provenance.overrides = entry.overrides
    provenance.parameters = Dictionary(
      JSONValue.object(entry.parameters).leaves, uniquingKeysWith: { $1 })
    provenance.code = entry.code
    provenance.accepted = entry.accepted
    provenance.inputs = try entry.inputs.sorted { $0.key < $1.key }.map { path, state in
      Provenance.Input(
        path: path, hash: state.hash,
        madeBy: graph[name].flatMap { graph.producers(of: path, for: $0).first },
        isUnchanged: try hashes.state(of: path) == state)
    }
    // The run that the outputs come from is the last one of it that ended well.
    let history = RunHistory(workspace)
    for id in history.ids() {
      guard let record = RunRecord.read(history.folder(id).json),
        let item = record.instances.first(where: { $0.instance == name }), item.madeBy == nil,
        item.status == InstanceResult.Outcome.done.rawValue
      else { continue }
      // Before version 2, runs told nothing of outputs; the last one is then the best guess.
      guard item.outputs == nil || item.outputs?[output]?.hash == made else { continue }
      take(record, item, id, &provenance)
      break
    }
  }

  private func take(
    _ record: RunRecord, _ item: RunRecord.Item, _ id: String, _ provenance: inout Provenance
  ) {
    provenance.run = id
    provenance.started = item.started ?? record.started
    provenance.git = record.git
    provenance.metrics = item.metrics
  }

  /// Looks for bytes among the outputs of all recorded runs, and the copies that they keep.
  private func find(_ provenance: inout Provenance, hash: String) throws -> Bool {
    let history = RunHistory(workspace)
    var found: [(id: String, item: RunRecord.Item, record: RunRecord, output: String, kept: Bool)] =
      []
    for id in history.ids() {
      // The text first: most runs have nothing to do with it, and reading them all takes long.
      guard let data = try? Data(contentsOf: history.folder(id).json) else { continue }
      let mentions = data.firstRange(of: Data(hash.utf8)) != nil
      let keeps = WholeFile.exists(history.folder(id).url.appendingPathComponent("kept"))
      guard mentions || keeps, let record = try? JSONDecoder().decode(RunRecord.self, from: data)
      else { continue }
      for item in record.instances where item.madeBy == nil {
        if let output = item.outputs?.first(where: { $0.value.hash == hash })?.key {
          found.append((id, item, record, output, false))
        }
        for path in item.kept ?? [] where keeps {
          let copy = history.folder(id).kept(item.instance).appendingPathComponent(path)
          if try hashes.state(of: copy.path)?.hash == hash {
            found.append((id, item, record, path, true))
          }
        }
      }
    }
    guard let first = found.first(where: { !$0.kept }) ?? found.first else { return false }
    provenance.finding = first.kept ? .keptByRun : .madeByRun
    provenance.output = first.output
    provenance.instance = first.item.instance
    provenance.overrides = first.item.overrides ?? []
    provenance.code = first.item.code ?? [:]
    provenance.accepted = nil
    provenance.inputs = (first.item.inputs ?? [:]).sorted { $0.key < $1.key }.map { path, state in
      Provenance.Input(
        path: path, hash: state.hash, madeBy: nil,
        isUnchanged: (try? hashes.state(of: path))?.map { $0.hash == state.hash } ?? false)
    }
    let all = RunRow(id: first.id, first.record).parameters
    let declared = graph[first.item.instance]?.parameters
    provenance.parameters = all.filter { key, _ in
      declared?.contains { key == $0 || key.hasPrefix($0 + ".") } ?? true
    }
    take(first.record, first.item, first.id, &provenance)
    provenance.alsoMadeBy = found.filter { !$0.kept && $0.id != first.id }.map(\.id)
    return true
  }
}
