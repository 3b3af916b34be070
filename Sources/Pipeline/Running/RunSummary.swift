// How a run ended, for the command that asked for it.

public import Basics
public import Foundation

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
