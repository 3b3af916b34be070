// How an instance stands before anything runs.

/// What is known of an instance before anything runs.
public struct InstanceStatus: Sendable, Equatable {
  /// What is known of an instance.
  public enum State: String, Sendable, Codable {
    case fresh
    case stale
    /// Up to date now, but something before it is stale: decided when that has run.
    case undecided
    /// Stale, but its header keeps it from running.
    case frozen

    /// Whether a run would run it, or may.
    public var mayRun: Bool { self == .stale || self == .undecided }
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
  /// The number of its job in a cluster that a run has left there or follows; nil where none is known.
  public var job: String?
}
