// How a workspace stands, looked at without taking it: for `work doctor`.

import Notebook

/// What can be said of a workspace without running anything in it.
public struct WorkspaceState: Sendable, Equatable {
  /// Who has the right to write.
  public var owner: WorkspaceHolder
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
    protocolVersion = Order.supportedProtocol
    do {
      stages = try Project(workspace: workspace).graph.stages
      _ = try Lock.read(workspace.lockFile)
    } catch {
      stages = []
      problem = "\(error)"
    }
  }
}
