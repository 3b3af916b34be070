// Why an instance is stale, as data; its text is what `work run` and `work status` print.

/// One cause for running an instance.
public enum Reason: Sendable, Equatable, CustomStringConvertible {
  case neverRun
  case forced
  case outputMissing(String)
  case outputChanged(String)
  case inputMissing(String)
  case inputChanged(String)
  case inputAdded(String)
  case inputRemoved(String)
  case outputDeclared(String)
  case outputUndeclared(String)
  case itemChanged(old: String, new: String)
  case parameterChanged(key: String, old: String?, new: String?)
  /// A parameter that an earlier command overrode and this one doesn't.
  case overrideDropped(key: String, old: String?, new: String?)
  case scriptChanged(String)
  case moduleChanged(String)
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
    case .outputChanged(let path): "output \(path) was changed since it was made"
    case .inputMissing(let path): "input \(path) is missing"
    case .inputChanged(let path): "input \(path) changed"
    case .inputAdded(let path): "input \(path) added"
    case .inputRemoved(let path): "input \(path) removed"
    case .outputDeclared(let path): "output \(path) added to the header"
    case .outputUndeclared(let path): "output \(path) removed from the header"
    case .itemChanged(let old, let new): "foreach item \(old) → \(new)"
    case .parameterChanged(let key, let old, let new): Self.change(key, old, new)
    case .overrideDropped(let key, let old, let new):
      "override dropped: \(Self.change(key, old, new))"
    case .scriptChanged(let path): "code of \(path) changed"
    case .moduleChanged(let name): "\(Self.part(name)) changed"
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

  private static func change(_ key: String, _ old: String?, _ new: String?) -> String {
    switch (old, new) {
    case (let old?, let new?): "\(key): \(old) → \(new)"
    case (nil, let new?): "parameter \(key) added (\(new))"
    case (let old?, nil): "parameter \(key) removed (was \(old))"
    case (nil, nil): "parameter \(key)"
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
}
