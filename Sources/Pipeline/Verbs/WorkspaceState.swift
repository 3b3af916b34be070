// How a workspace stands, looked at without taking it: for `work doctor`.

/// What can be said of a workspace without running anything in it.
public struct WorkspaceState: Sendable, Equatable {
  /// Who has the right to write.
  public enum Owner: Sendable, Equatable {
    case nobody
    /// A run is going on.
    case running(process: Int32)
    /// A run was killed; the next one takes the workspace over.
    case gone(process: Int32)
    /// A run was killed, and a stage that it had started still holds the lock.
    case leftBehind(process: Int32)
  }

  /// Who has the right to write.
  public var owner: Owner
  /// Whether a run is going on.
  public var isRunning: Bool { if case .running = owner { true } else { false } }
  /// The protocol that this `work` speaks with stages.
  public var protocolVersion: Int
  /// The stages in the order of the graph; empty where there is a problem.
  public var stages: [String]
  /// What keeps a run from starting: a damaged params.yaml, header or lock.
  public var problem: String?

  /// Looks at a workspace.
  public init(_ workspace: Workspace) {
    owner = WorkspaceOwner.look(workspace.owner)
    protocolVersion = Order.currentProtocol
    do {
      stages = try Runner(workspace: workspace).graph.stages
      _ = try Lock.read(workspace.lockFile)
    } catch {
      stages = []
      problem = "\(error)"
    }
  }
}
