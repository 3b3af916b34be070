// Why an instance is stale, as data; its text is what `work run` and `work status` print.

public import Notebook

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
  /// It was asked for other than the parameters say while it ran.
  case courseDeparted(Course)

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

  /// The cause in words, without a full stop.
  public var description: String { wording.text }

  /// The causes; one, but for several instances that are waited for.
  public var causes: [Cause] { wording.causes }
}

// MARK: For people and for programs

extension Reason {
  private typealias Wording = (text: String, causes: [Cause])

  /// What is said of each reason, as text and taken apart.
  private var wording: Wording {
    func one(
      _ text: String, _ kind: String, _ change: String, _ key: String? = nil, old: String? = nil,
      new: String? = nil, parts: PartChanges? = nil
    ) -> Wording {
      (text, [Cause(kind: kind, change: change, key: key, old: old, new: new, parts: parts)])
    }
    switch self {
    case .neverRun: return one("has not run yet", "run", "never run")
    case .forced: return one("forced", "run", "forced")
    case .courseDeparted(let course):
      return one(
        "was \(course.description) while it ran (`work accept` keeps that)", "run",
        course.stoppedAfter == nil ? "extended" : "stopped")
    case .runStopped: return one("the run was stopped", "run", "stopped")

    case .outputMissing(let path):
      return one("output \(path) is missing", "output", "missing", path)
    case .outputChanged(let path, let parts):
      return one(
        "output \(path) was changed since it was made" + Self.text(parts), "output", "changed",
        path,
        parts: parts)
    case .outputDeclared(let path):
      return one("output \(path) added to the header", "output", "added", path)
    case .outputUndeclared(let path):
      return one("output \(path) removed from the header", "output", "removed", path)

    case .inputMissing(let path): return one("input \(path) is missing", "input", "missing", path)
    case .inputChanged(let path, let parts):
      return one(
        "input \(path) changed" + Self.text(parts), "input", "changed", path, parts: parts)
    case .inputAdded(let path): return one("input \(path) added", "input", "added", path)
    case .inputRemoved(let path): return one("input \(path) removed", "input", "removed", path)

    case .itemChanged(let old, let new):
      return one("foreach item \(old) → \(new)", "item", "changed", old: old, new: new)
    case .parameterChanged(let key, let old, let new):
      return one(
        Self.change(key, old, new), "parameter", Self.verb(old, new), key, old: old, new: new)
    case .overrideDropped(let key, let old, let new):
      return one(
        "override dropped: \(Self.change(key, old, new))", "parameter", "override dropped", key,
        old: old, new: new)

    case .scriptChanged(let path, let parts):
      let cells = Self.text(parts) { $0.isEmpty ? "what is outside of cells" : "cell “\($0)”" }
      return one("code of \(path) changed" + cells, "script", "changed", path, parts: parts)
    case .moduleChanged(let name, let parts):
      return one(
        "\(Self.part(name)) changed" + Self.text(parts), "module", "changed", name, parts: parts)
    case .moduleAdded(let name):
      return one("\(Self.part(name)) newly imported", "module", "added", name)
    case .moduleRemoved(let name):
      return one("\(Self.part(name)) no longer imported", "module", "removed", name)
    case .buildFailed(let path):
      return one("\(path) does not compile", "script", "does not compile", path)

    case .waitsFor(let names):
      return (
        "depends on \(names.joined(separator: ", "))",
        names.map { Cause(kind: "upstream", change: "stale", key: $0) }
      )
    case .dependencyFailed(let name):
      return one("\(name) did not finish", "upstream", "failed", name)
    }
  }

  /// External packages are named as such in the lock; modules of the workspace by their name alone.
  private static func part(_ name: String) -> String {
    name.hasPrefix("package ") ? name : "module \(name)"
  }

  private static func text(_ parts: PartChanges?, _ name: (String) -> String = { $0 }) -> String {
    parts.map { $0.isEmpty ? "" : ": " + $0.summary(name) } ?? ""
  }

  private static func verb(_ old: String?, _ new: String?) -> String {
    old == nil ? "added" : new == nil ? "removed" : "changed"
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
