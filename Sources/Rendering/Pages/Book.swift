// The index of all pages: the stages in order, how each stands, and the graph between them.

public import Notebook

/// What binds the pages of a pipeline: the index, or one page with all of them in it.
public struct Book: Sendable {
  /// How a stage stands.
  public enum Status: String, Sendable {
    case done, failed, running, interrupted, stale
    case notRun = "not run"
  }

  /// One instance of a stage: a line of the index.
  public struct Instance: Sendable {
    /// "train@0", or the stage's name where it has just one.
    public var name: String
    /// How it stands.
    public var status: Status
    /// How long it took.
    public var seconds: Double?
    /// Its key figures.
    public var figures: [Figure]
    /// The page's address relative to the index; nil where there is no page.
    public var page: String?

    /// An instance as it stands.
    public init(
      name: String, status: Status, seconds: Double? = nil, figures: [Figure] = [],
      page: String? = nil
    ) {
      self.name = name
      self.status = status
      self.seconds = seconds
      self.figures = figures
      self.page = page
    }

    /// An instance as its record tells.
    public init(record: Record, isRunning: Bool = false, page: String?) {
      let status: Status =
        switch record.outcome {
        case .finished: .done
        case .failed: .failed
        case .interrupted: isRunning ? .running : .interrupted
        }
      self.init(
        name: record.header.instance, status: status, seconds: record.seconds,
        figures: record.figures, page: page)
    }
  }

  /// A stage with its instances, at least one, and the stages whose outputs it reads.
  public struct Stage: Sendable {
    /// The stage's name.
    public var name: String
    /// What it does, in a line.
    public var description: String?
    /// Names of the stages whose outputs it reads.
    public var after: [String]
    /// Its instances; one, but for a `foreach` stage.
    public var instances: [Instance]

    /// A stage of the index.
    public init(
      name: String, description: String? = nil, after: [String] = [], instances: [Instance]
    ) {
      self.name = name
      self.description = description
      self.after = after
      self.instances = instances
    }

    /// The worst that can be said of any instance.
    var status: Status {
      let order: [Status] = [.failed, .running, .interrupted, .stale, .notRun]
      return order.first { status in instances.contains { $0.status == status } }
        ?? (instances.isEmpty ? .notRun : .done)
    }
  }

  /// One run of the runner: a line of the table of runs.
  public struct Run: Sendable {
    /// Its folder's name.
    public var name: String
    /// When it began, in words.
    public var started: String
    /// How it ended, in a word.
    public var status: String
    /// What it was asked for, and which parameters were overridden.
    public var request: String
    /// What ran in it.
    public var ran: [String]
    /// Seconds of all that ran.
    public var seconds: Double?
    /// The score of the pipeline, where the run named one.
    public var score: Double?

    /// A run as its folder tells.
    public init(
      name: String, started: String, status: String, request: String, ran: [String],
      seconds: Double?, score: Double?
    ) {
      self.name = name
      self.started = started
      self.status = status
      self.request = request
      self.ran = ran
      self.seconds = seconds
      self.score = score
    }
  }

  /// A page that is bound in.
  public struct Chapter: Sendable {
    /// What ran.
    public var record: Record
    /// The script as it is now; nil where it is gone.
    public var script: String?
    /// The stage's process is still alive.
    public var isRunning: Bool

    /// The page of a record.
    public init(record: Record, script: String?, isRunning: Bool = false) {
      self.record = record
      self.script = script
      self.isRunning = isRunning
    }
  }

  /// The heading.
  public var title: String
  /// A line below it.
  public var description: String?
  /// The stages in the order in which they run.
  public var stages: [Stage]
  /// Pages that belong to no stage, such as a learning-rate range test's.
  public var tools: [Instance] = []
  /// Runs, the latest first.
  public var runs: [Run] = []

  /// An index of stages, in the order in which they run.
  public init(title: String, description: String? = nil, stages: [Stage]) {
    self.title = title
    self.description = description
    self.stages = stages
  }
}
