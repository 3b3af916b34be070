// How the latest run of a workspace stands at a moment, as data: for whoever draws it.

public import Notebook

/// The latest run, as its files tell.
public struct LiveSnapshot: Sendable, Equatable {
  /// How an instance stands.
  public enum State: String, Sendable {
    case waiting, running, done, fresh, restored, failed, interrupted, frozen
    case notStarted = "not started"
    /// Its runner is gone.
    case brokenOff = "broken off"

    /// Whether nothing more becomes of it in this run.
    public var isSettled: Bool { self != .waiting && self != .running }
    /// Whether its outputs are in place.
    public var isGood: Bool {
      switch self {
      case .done, .fresh, .restored, .frozen: true
      default: false
      }
    }
  }

  /// How far a piece of work is.
  public struct Progress: Sendable, Equatable {
    /// What is being done.
    public var label: String
    /// How much is done.
    public var done: Int
    /// Of how much.
    public var total: Int
    /// What is counted.
    public var unit: String
    /// A short addition such as "epoch 3/20".
    public var note: String?
    /// Units a second, lately; nil where that isn't known.
    public var rate: Double?

    /// The share that is done, from 0 to 1.
    public var share: Double { total > 0 ? max(0, min(1, Double(done) / Double(total))) : 0 }
    /// Seconds that the rest takes at this rate.
    public var secondsLeft: Double? {
      rate.flatMap { $0 > 0 && done <= total ? Double(total - done) / $0 : nil }
    }
  }

  /// One instance of the run.
  public struct Instance: Sendable, Equatable {
    /// The instance's name.
    public var name: String
    /// Its stage's name.
    public var stage: String
    /// How it stands.
    public var state: State
    /// What it needs and has to wait for.
    public var waitsFor: [String] = []
    /// How far it is, while it runs.
    public var progress: Progress?
    /// Seconds until it is done, as far as is known.
    public var secondsLeft: Double?
    /// Wall time that it took, or has taken so far.
    public var seconds: Double?
    /// Largest resident set, bytes, once it has ended.
    public var peakMemory: Int?
    /// Named numbers, each as it was last.
    public var metrics: [String: Double] = [:]
    /// Named numbers by step.
    public var history: [MetricPoint] = []
    /// The names that it wants drawn, in their order.
    public var drawn: [String] = []
    /// Whether it can be stopped after an epoch, and extended.
    public var heeds = false
    /// What is asked of it and not yet done, in words.
    public var asked: [String] = []
    /// How it went, where that isn't as planned.
    public var course: Course?
    /// What went wrong, or should be known.
    public var remarks: [String] = []
    /// Why it failed.
    public var error: String?

    init(name: String, stage: String, state: State) {
      self.name = name
      self.stage = stage
      self.state = state
    }
  }

  /// The run's id.
  public var run: String
  /// "running", "ok", "failed", …; "broken off" where its runner is gone.
  public var status: String
  /// Whether its runner is at work.
  public var isAlive: Bool
  /// Whether it is asked to stop.
  public var isStopping: Bool
  /// In UTC, ISO 8601.
  public var started: String
  /// Seconds since its start, or until its end.
  public var seconds: Double?
  /// What it was asked to run.
  public var targets: [String]
  /// What was overridden, as `key=value`.
  public var overrides: [String]
  /// In the order of the graph.
  public var instances: [Instance]

  /// Instances that run now.
  public var running: [Instance] { instances.filter { $0.state == .running } }

  /// Seconds until all is done, as far as is known; nil where something is that nobody knows of.
  public var secondsLeft: Double? {
    guard isAlive else { return nil }
    var (side, rest) = (0.0, 0.0)
    for instance in instances where !instance.state.isSettled {
      guard let left = instance.secondsLeft else { return nil }
      // What runs does so side by side; what waits is known by its share of a run's time.
      if instance.state == .running { side = max(side, left) } else { rest += left }
    }
    return side + rest
  }
}
