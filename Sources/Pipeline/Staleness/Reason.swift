// Why an instance is stale, as data; its text is what `work run` and `work status` print.

/// One cause for running an instance.
public enum Reason: Sendable, Equatable, CustomStringConvertible {
  case neverRun
  case forced
  case outputMissing(String)
  /// `parts` are files of a folder; nil where nothing is known of them, or it is a file.
  case outputChanged(String, parts: PartChanges? = nil)
  case inputMissing(String)
  case inputChanged(String, parts: PartChanges? = nil)
  case inputAdded(String)
  case inputRemoved(String)
  case outputDeclared(String)
  case outputUndeclared(String)
  case itemChanged(old: String, new: String)
  case parameterChanged(key: String, old: String?, new: String?)
  /// A parameter that an earlier command overrode and this one doesn't.
  case overrideDropped(key: String, old: String?, new: String?)
  /// `parts` are cells; what lies outside of all has an empty name.
  case scriptChanged(String, parts: PartChanges? = nil)
  /// `parts` are files.
  case moduleChanged(String, parts: PartChanges? = nil)
  case moduleAdded(String)
  case moduleRemoved(String)
  /// Whether it is stale is known only when these have run.
  case waitsFor([String])
  case dependencyFailed(String)
  case buildFailed(String)
  case runStopped

  /// The cause in words, without a full stop.
  public var description: String {
    switch self {
    case .neverRun: "has not run yet"
    case .forced: "forced"
    case .outputMissing(let path): "output \(path) is missing"
    case .outputChanged(let path, let parts):
      "output \(path) was changed since it was made" + Self.text(parts)
    case .inputMissing(let path): "input \(path) is missing"
    case .inputChanged(let path, let parts): "input \(path) changed" + Self.text(parts)
    case .inputAdded(let path): "input \(path) added"
    case .inputRemoved(let path): "input \(path) removed"
    case .outputDeclared(let path): "output \(path) added to the header"
    case .outputUndeclared(let path): "output \(path) removed from the header"
    case .itemChanged(let old, let new): "foreach item \(old) → \(new)"
    case .parameterChanged(let key, let old, let new): Self.change(key, old, new)
    case .overrideDropped(let key, let old, let new):
      "override dropped: \(Self.change(key, old, new))"
    case .scriptChanged(let path, let parts):
      "code of \(path) changed"
        + Self.text(parts) { $0.isEmpty ? "what is outside of cells" : "cell “\($0)”" }
    case .moduleChanged(let name, let parts): "\(Self.part(name)) changed" + Self.text(parts)
    case .moduleAdded(let name): "\(Self.part(name)) newly imported"
    case .moduleRemoved(let name): "\(Self.part(name)) no longer imported"
    case .waitsFor(let names): "depends on \(names.joined(separator: ", "))"
    case .dependencyFailed(let name): "\(name) did not finish"
    case .buildFailed(let path): "\(path) does not compile"
    case .runStopped: "the run was stopped"
    }
  }

  /// External packages are named as such in the lock; modules of the workspace by their name alone.
  private static func part(_ name: String) -> String {
    name.hasPrefix("package ") ? name : "module \(name)"
  }

  private static func text(_ parts: PartChanges?, _ name: (String) -> String = { $0 }) -> String {
    parts.map { $0.isEmpty ? "" : ": " + $0.words(name) } ?? ""
  }

  private static func change(_ key: String, _ old: String?, _ new: String?) -> String {
    switch (old, new) {
    case (let old?, let new?): "\(key): \(old) → \(new)"
    case (nil, let new?): "parameter \(key) added (\(new))"
    case (let old?, nil): "parameter \(key) removed (was \(old))"
    case (nil, nil): "parameter \(key)"
    }
  }
}

extension Reason {
  /// A cause taken apart, for programs.
  public struct Cause: Sendable, Equatable, Encodable {
    /// What kind of thing it is: "parameter", "input", "output", "script", "module", "item", "upstream", "run".
    public var kind: String
    /// What happened to it: "changed", "added", "removed", "missing", "override dropped" and the like.
    public var change: String
    /// The parameter, path, module or instance; nil where the kind says all.
    public var key: String?
    /// A parameter's or item's value before.
    public var old: String?
    /// Its value now.
    public var new: String?
    /// Files or cells, where they are known.
    public var parts: PartChanges?
  }

  /// The causes; one, but for several instances that are waited for.
  public var causes: [Cause] {
    func cause(
      _ kind: String, _ change: String, _ key: String? = nil, old: String? = nil,
      new: String? = nil, parts: PartChanges? = nil
    ) -> [Cause] {
      [Cause(kind: kind, change: change, key: key, old: old, new: new, parts: parts)]
    }
    func word(_ old: String?, _ new: String?) -> String {
      old == nil ? "added" : new == nil ? "removed" : "changed"
    }
    switch self {
    case .neverRun: return cause("run", "never run")
    case .forced: return cause("run", "forced")
    case .outputMissing(let path): return cause("output", "missing", path)
    case .outputChanged(let path, let parts): return cause("output", "changed", path, parts: parts)
    case .inputMissing(let path): return cause("input", "missing", path)
    case .inputChanged(let path, let parts): return cause("input", "changed", path, parts: parts)
    case .inputAdded(let path): return cause("input", "added", path)
    case .inputRemoved(let path): return cause("input", "removed", path)
    case .outputDeclared(let path): return cause("output", "added", path)
    case .outputUndeclared(let path): return cause("output", "removed", path)
    case .itemChanged(let old, let new): return cause("item", "changed", old: old, new: new)
    case .parameterChanged(let key, let old, let new):
      return cause("parameter", word(old, new), key, old: old, new: new)
    case .overrideDropped(let key, let old, let new):
      return cause("parameter", "override dropped", key, old: old, new: new)
    case .scriptChanged(let path, let parts): return cause("script", "changed", path, parts: parts)
    case .moduleChanged(let name, let parts): return cause("module", "changed", name, parts: parts)
    case .moduleAdded(let name): return cause("module", "added", name)
    case .moduleRemoved(let name): return cause("module", "removed", name)
    case .waitsFor(let names): return names.flatMap { cause("upstream", "stale", $0) }
    case .dependencyFailed(let name): return cause("upstream", "failed", name)
    case .buildFailed(let path): return cause("script", "does not compile", path)
    case .runStopped: return cause("run", "stopped")
    }
  }
}

/// What is known of an instance before anything runs.
public struct InstanceStatus: Sendable, Equatable {
  /// What is known of an instance.
  public enum State: String, Sendable, Codable {
    case fresh
    case stale
    /// Up to date now, but something before it is stale: decided when that has run.
    case undecided
    case frozen
  }

  /// The instance's name.
  public var instance: String
  /// Its stage's name.
  public var stage: String
  /// Whether it would run.
  public var state: State
  /// Empty where the state is `fresh`.
  public var reasons: [Reason]
  /// The reason given to `accept`, where the outputs were kept though the code had changed.
  public var accepted: String?
  /// Overrides (key and value) that were in force when it ran.
  public var overrides: [String] = []
  /// Wall time that it took last on this machine, or its stage's other instances did on the mean, in
  /// seconds; nil where none has finished here.
  public var expectedSeconds: Double?
  /// The run whose outputs would be taken from the cache instead of running it; nil where none would, or
  /// that isn't known yet. Only plans know.
  public var restoredFrom: String?
}
