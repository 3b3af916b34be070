// What a run tells while it goes on. Who draws it (plain lines, a terminal) is not known here.

public import Basics
public import Foundation

/// One thing that a stage said through its events file.
public enum StageEvent: Sendable, Equatable {
  /// `done` of `total` in `unit`; `note` is a short addition such as "loss 0.412".
  case progress(label: String, done: Int, total: Int, unit: String, note: String?)
  case message(String)
  case warning(String)
  /// A named number for the table of runs.
  case metric(name: String, value: Double)
  /// Named numbers as they were at a step, such as an epoch; those drawn grow as curves in the terminal.
  case point(MetricPoint, drawn: [String])
}

/// Named numbers at one step.
public struct MetricPoint: Sendable, Equatable, Codable {
  /// What is counted is the stage's business; epochs count from 1.
  public var step: Int
  /// The numbers by name.
  public var metrics: [String: Double]
}

extension [MetricPoint] {
  /// Adds a point in the order of steps; what was said of the same step before gives way.
  mutating func take(_ point: MetricPoint) {
    let place = lastIndex { $0.step <= point.step }
    if let place, self[place].step == point.step {
      self[place].metrics.merge(point.metrics) { $1 }
    } else {
      insert(point, at: place.map { $0 + 1 } ?? 0)
    }
  }
}

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
  /// Whether the outputs are the same bytes as before.
  public var unchanged = false
  /// Where its outputs were restored from; nil where they weren't.
  public var restored: Restored?
  /// Why it failed, in words.
  public var error: String?
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

/// What happens in a run, in order.
public enum RunEvent: Sendable {
  /// The first look: every selected instance, in the order they would run.
  case planned([InstanceStatus])
  case buildStarted(stage: String)
  case buildFinished(stage: String, seconds: Double)
  /// Compiler errors, with file and line; the stage and what depends on it will not run.
  case buildFailed(stage: String, errors: String, log: URL)
  /// An instance starts; `index` counts from 1 among `count` that have to run as far as is known.
  case started(instance: String, reasons: [Reason], index: Int, count: Int, log: URL, record: URL)
  case stage(instance: String, StageEvent)
  /// An instance is decided or has ended.
  case finished(InstanceResult)
  /// Something the user should know: a lock taken over, leftovers swept, a retired instance.
  case notice(String)
}

/// Receives the events of a run, on the thread that runs.
public protocol RunObserver: Sendable {
  /// Called in the order of events.
  func observe(_ event: RunEvent)
}

/// What a run came to.
public struct RunSummary: Sendable {
  /// Every selected instance, in the order of the graph.
  public var results: [InstanceResult]
  /// What the command should exit with.
  public var exit: ExitCode
  /// The run's folder below `.work/runs`; nil where nothing had to run.
  public var folder: URL?
  /// One sentence on how it ended and how to go on.
  public var message: String
}
