// What a command asks of a run.

/// What to run, and how.
public struct RunOptions: Sendable {
  /// Stage names, instance names, or `all`; empty means all.
  public var targets: [String]
  /// Runs the named stages even where they are fresh: those of `from`, where it names any, else the targets.
  public var force: Bool
  /// Runs the targets alone, nothing before them.
  public var only: Bool
  /// Runs only these stages or instances and what depends on them, among the targets and what they need.
  public var from: [String] = []
  /// Takes all that depends on the targets as targets, too.
  public var downstream = false
  /// After a failure, goes on with everything that doesn't depend on what failed.
  public var keepGoing = false
  /// Ends what heeds requests well after this step, as `work stop --after-epoch` does; nil for as many as there are.
  /// What was stopped there, or later, needs no run.
  public var stopAfterStep: Int?
  /// Asks the run to stop: the running stage gets the signal, no other is started.
  public var interruption: Interruption
  /// What to type to go on after a failure, as the summary's message gives it; `work run` with the
  /// targets where it is nil.
  public var command: String?
  /// Facts of the machine for the run's record, by name.
  public var host: [String: String] = [:]

  /// Everything, where it is stale.
  public init(
    targets: [String] = [], force: Bool = false, only: Bool = false,
    interruption: Interruption = Interruption()
  ) {
    self.targets = targets
    self.force = force
    self.only = only
    self.interruption = interruption
  }
}
