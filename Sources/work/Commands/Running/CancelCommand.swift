// `work cancel`: cancels jobs in a cluster that runs have submitted.

import ArgumentParser
import Basics
import Pipeline

struct CancelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Cancel jobs that runs have submitted to a cluster.",
    discussion: """
      Ctrl-C leaves the jobs of `work run --executor slurm` in the cluster; this ends them. A training keeps \
      a checkpoint first, from which the next run goes on. A run that follows the jobs ends as interrupted.
      """)

  @Argument(
    help:
      "The stages or instances whose jobs are cancelled; all of this workspace if none is named.",
    completion: Completions.stages)
  var stages: [String] = []

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let cancelled = try ClusterJobs(workspace.find()).cancel(stages)
    if output.json { return try Console.json(cancelled) }
    guard !output.quiet else { return }
    for one in cancelled {
      print(
        one.job.map { "\(one.instance): job \($0) is cancelled" }
          ?? "\(one.instance): its job had ended already; its result is dropped")
    }
    if cancelled.isEmpty { print("no run of this workspace has left a job in a cluster") }
  }
}
