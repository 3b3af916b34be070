// `work cancel`: ends jobs in a cluster that runs of a workspace have submitted, whether a runner follows them or
// not.

import Basics
import Foundation

/// The jobs of a workspace's instances in a cluster.
public struct ClusterJobs {
  /// A job that was cancelled.
  public struct Cancelled: Sendable, Equatable, Codable {
    /// The instance's name.
    public var instance: String
    /// The job's number; nil where it was never known, or the job had ended already.
    public var job: String?

    package init(instance: String, job: String?) {
      self.instance = instance
      self.job = job
    }
  }

  private let workspace: Workspace
  private let slurm: SlurmExecutor

  /// Reads what `runtime.slurm` says of the cluster.
  ///
  /// - Throws: `PipelineError` where params.yaml can't be understood.
  public init(_ workspace: Workspace) throws {
    self.workspace = workspace
    let project = try Project(workspace: workspace)
    slurm = SlurmExecutor(
      try SlurmSettings(project.runtime), in: workspace, jobs: nil, threads: 1,
      interruption: Interruption()
    ) { _ in }
  }

  /// Cancels jobs. A training keeps a checkpoint first, if it comes to that in the time that the cluster gives it.
  /// A run that follows them ends as interrupted.
  ///
  /// - Parameter targets: instances or stages; empty means all.
  /// - Returns: what was cancelled.
  /// - Throws: `PipelineError` for a name that no job has, or where Slurm's commands fail.
  public func cancel(_ targets: [String]) throws -> [Cancelled] {
    let all = JobFolder.all(in: workspace)
    for target in targets where !all.contains(where: { Self.matches($0, target) }) {
      let names = all.map(\.instance)
      throw PipelineError(
        "\(target) has no job in the cluster"
          + (names.isEmpty
            ? ", and nothing else of this workspace has"
            : "; there are jobs of: \(names.joined(separator: ", "))"))
    }
    let chosen = all.filter { folder in
      targets.isEmpty || targets.contains { Self.matches(folder, $0) }
    }
    // Who follows jobs puts away what is left of them.
    let owner = try? WorkspaceOwner(workspace.owner)
    defer { withExtendedLifetime(owner) {} }
    return try chosen.map { folder in
      let ending = try slurm.cancel(folder, because: "as asked")
      let cancelled = Cancelled(instance: folder.instance, job: ending?.job)
      if ending == nil, owner != nil { try folder.dissolve() }
      return cancelled
    }
  }

  private static func matches(_ folder: JobFolder, _ target: String) -> Bool {
    folder.instance == target || folder.instance.prefix { $0 != "@" } == target[...]
  }
}
