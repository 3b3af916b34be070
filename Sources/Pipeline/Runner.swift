// The door of this module: a workspace opened for status, runs and accepting.

public import Foundation

/// What to run, and how.
public struct RunOptions: Sendable {
  /// Stage names, instance names, or `all`; empty means all.
  public var targets: [String] = []
  /// Runs the targets even where they are fresh.
  public var force = false
  /// Runs the targets alone, nothing before them.
  public var only = false

  /// Everything, where it is stale.
  public init(targets: [String] = [], force: Bool = false, only: Bool = false) {
    self.targets = targets
    self.force = force
    self.only = only
  }
}

/// A workspace with its parameters and graph read. Not for use from two threads at once.
public final class Runner {
  public let workspace: Workspace
  public let parameters: Parameters
  public let graph: Graph
  let runtime: [ParameterValue.Member]
  let builder: any StageBuilder

  /// Reads params.yaml and the headers of all stages, and checks the graph.
  ///
  /// - Parameters:
  ///   - overrides: `key=value`, as given to `-S`.
  ///   - runtime: runtime options on top of the section `runtime`, such as `data` for `--data`.
  ///   - builder: what builds compiled stages; by default SwiftPM.
  /// - Throws: `PipelineError` naming file, line and key of what is wrong.
  public init(
    workspace: Workspace, overrides: [String] = [], runtime: [ParameterValue.Member] = [],
    builder: (any StageBuilder)? = nil
  ) throws {
    fatalError()
  }

  /// What is fresh and what is stale, and why, in the order of the graph. Nothing is run or written but
  /// the table of file hashes.
  ///
  /// - Parameter targets: stage or instance names, with what they need; empty means all.
  public func status(_ targets: [String] = []) throws -> [InstanceStatus] { fatalError() }

  /// Runs what is stale among the targets and everything before them.
  ///
  /// A failing stage doesn't throw: the summary says so, and its exit code.
  /// - Throws: `PipelineError` where the run can't start.
  public func run(_ options: RunOptions, observer: any RunObserver) throws -> RunSummary {
    fatalError()
  }

  /// Keeps a stage's outputs though its code changed: the lock gets the new code and the reason.
  ///
  /// - Returns: the instances accepted.
  /// - Throws: `PipelineError` where outputs don't match the lock, or more than the code changed.
  public func accept(_ stage: String, reason: String) throws -> [String] { fatalError() }

  /// The executed record of an instance's latest run that left one, also of an earlier run.
  public func latestRecord(of instance: String) -> URL? { fatalError() }
}
