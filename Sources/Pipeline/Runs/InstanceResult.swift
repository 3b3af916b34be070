// How one instance fared in a run: what the summary, the record of the run and the observer are told.

public import Foundation
public import Notebook

/// How one instance fared in a run.
public struct InstanceResult: Sendable, Equatable {
  /// What became of an instance.
  public enum Outcome: String, Sendable, Codable {
    /// Nothing to do: outputs are up to date.
    case fresh
    /// Ran, and its outputs are in place.
    case done
    /// Not run: an earlier run's outputs were taken from the cache.
    case restored
    case failed
    case interrupted
    /// Not started, since something it needs failed or the run was stopped.
    case notStarted = "not started"
    /// `frozen: true` kept it from running though it is stale.
    case frozen

    /// Whether the outputs can be relied on, so that what needs them may run.
    var isGood: Bool {
      switch self {
      case .done, .restored, .fresh, .frozen: true
      case .failed, .interrupted, .notStarted: false
      }
    }

    /// Whether this run brought the outputs.
    var hasMadeOutputs: Bool { self == .done || self == .restored }
  }

  /// The instance's name.
  public let instance: String
  /// Its stage's name.
  public let stage: String
  /// What became of it.
  public var outcome: Outcome
  /// Why it ran, or why it was not started.
  public var reasons: [Reason] = []
  /// Wall time, seconds; nil where it didn't run.
  public var seconds: Double?
  /// User and system time of the process and its children, seconds.
  public var cpuSeconds: Double?
  /// Largest resident set, bytes.
  public var peakMemory: Int?
  /// The process's exit status; 128 + signal where a signal ended it.
  public var exitStatus: Int32?
  /// The numbers that it named, each as it was last.
  public var metrics: [String: Double] = [:]
  /// Numbers that it named for each step, in the order of steps.
  public var history: [MetricPoint] = []
  /// When its program was started, and when it had ended; nil where it didn't run.
  public var started: Date?
  /// When its program had ended.
  public var ended: Date?
  /// Outputs, or files in them, of which the run's folder has a copy.
  public var kept: [String] = []
  /// What it was made of; nil where it didn't run.
  var entry: Lock.Entry?
  /// How it went, where it was asked for other than planned while it ran.
  public var course: Course?
  /// Whether the outputs are the same bytes as before.
  public var unchanged = false
  /// Where its outputs were restored from; nil where they weren't.
  public var restored: Restored?
  /// The run that made outputs which are fresh; nil where they aren't, or nobody knows.
  public var madeBy: String?
  /// Why it failed, in words.
  public var error: String?
  /// The number of its job in a cluster; nil where it ran on this machine, or didn't run.
  public var job: String?
  /// Whether its job goes on without the run, for a later one to follow.
  public var isLeft = false
  /// Standard output and standard error, or the compiler's output; nil where nothing was started.
  public var log: URL?
  /// The executed record, where it left one.
  public var record: URL?

  /// A run whose outputs were taken from the cache.
  public struct Restored: Sendable, Equatable {
    /// The name of its folder below `.work/runs`, be it there or not.
    public var run: String
    /// "reflinks", "hard links" or "copies", as most bytes came; nil where the outputs were in place.
    public var sharing: String?
  }

  init(_ instance: Instance, _ outcome: Outcome, reasons: [Reason] = []) {
    self.instance = instance.name
    stage = instance.stage
    self.outcome = outcome
    self.reasons = reasons
  }
}
