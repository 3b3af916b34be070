// Which executor runs which instance: as `runtime.executor` says, but for stages that stay on this machine, and for
// what an earlier run has left in a cluster.

import Basics
import Foundation

/// The executors of a run.
final class Executors {
  private let project: Project
  private let choice: ExecutorChoice
  private let settings: SlurmSettings
  private let local: LocalExecutor
  private let slurm: SlurmExecutor

  /// A stage of this name fetches files from the network, which the nodes of many clusters have none of.
  private static let localStages = ["download"]

  /// - Throws: `PipelineError` for options that make no sense, or where Slurm is asked for and isn't there.
  init(
    _ project: Project, _ budget: ThreadBudget, _ owner: WorkspaceOwner,
    _ interruption: Interruption, _ observer: any RunObserver
  ) throws {
    self.project = project
    choice = try ExecutorChoice(project.runtime)
    settings = try SlurmSettings(project.runtime)
    for stage in settings.local ?? [] where !project.graph.stages.contains(stage) {
      throw PipelineError(
        "runtime.slurm.local: there is no stage “\(stage)”"
          + Spelling.didYouMean(stage, among: project.graph.stages))
    }
    local = LocalExecutor(
      budget, in: project.workspace.root, owner: owner, interruption: interruption)
    slurm = SlurmExecutor(
      settings, in: project.workspace, jobs: budget.jobs, threads: budget.threads,
      interruption: interruption
    ) { observer.observe(.notice($0)) }
    try SlurmCommands.sweep(project.workspace)
    if choice == .slurm { _ = try slurm.commands.path("sbatch") }
  }

  private func isForCluster(_ instance: Instance) -> Bool {
    choice == .slurm && !(settings.local ?? Self.localStages).contains(instance.stage)
  }

  /// What is going to run an instance, as far as is known before it is looked at in its turn.
  func expected(for instance: Instance) -> any Executor {
    isForCluster(instance) || JobFolder(instance.name, in: project.workspace).isThere
      ? slurm : local
  }

  /// What runs an instance. A job that makes the same is followed, whatever the choice is now; another is cancelled.
  ///
  /// - Parameter entry: what the instance is made of.
  func executor(for instance: Instance, _ entry: () throws -> Lock.Entry?) throws -> any Executor {
    if isForCluster(instance) { return slurm }
    let folder = JobFolder(instance.name, in: project.workspace)
    guard folder.isThere else { return local }
    if let fingerprint = try entry()?.manifest.fingerprint,
      try slurm.usable(folder, fingerprint) != nil
    {
      return slurm
    }
    try slurm.drop(folder)
    return local
  }

  /// Ends the job of an instance that needs none.
  func drop(_ instance: Instance) throws {
    try slurm.drop(JobFolder(instance.name, in: project.workspace))
  }

  /// Ends the jobs of instances that no longer exist.
  func dropUnknown() throws {
    for folder in JobFolder.all(in: project.workspace)
    where project.graph[folder.instance] == nil
      && !project.lastingInstances.contains(folder.instance)
    {
      try slurm.drop(folder)
    }
  }
}

extension ExecutorChoice {
  /// - Throws: `PipelineError` for a name that is none.
  fileprivate init(_ runtime: RuntimeOptions) throws {
    switch runtime.values["executor"] {
    case nil, .null?: self = .local
    case let value?:
      let names = Self.allCases.map(\.rawValue)
      guard case .string(let text) = value, let choice = Self(rawValue: text) else {
        throw PipelineError(
          "runtime.executor is \(value.canonical), but should be \(names.joined(separator: " or "))"
        )
      }
      self = choice
    }
  }
}
