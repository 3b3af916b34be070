// `work run`: runs what is stale among the stages named and everything before them.

import ArgumentParser
import Foundation
import Pipeline

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run stages: what is stale among them and before them, and nothing else.",
    discussion: """
      `work run all` makes everything up to submissions/submission.csv. `work run train@1` runs one \
      instance. A run that was killed goes on where it was with the same command.
      """)

  @Argument(
    help: "Stages or instances; `all` for every stage.",
    completion: Completions.stages)
  var stages: [String] = ["all"]

  @Flag(name: .shortAndLong, help: "Run the named stages even where they are fresh.")
  var force = false

  @Flag(help: "Run the named stages alone, nothing before them.")
  var only = false

  @OptionGroup var overrides: OverrideOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() async throws {
    let workspace = try workspace.find()
    var targets = stages
    // Nobody wants a submission that is older than its predictions.
    if overrides.tta != nil, targets.contains("predict"), !only { targets.append("submission") }
    let summary = try await Execution.run(
      overrides.runner(workspace), RunOptions(targets: targets, force: force, only: only), output)
    if summary.exit != .ok { throw Finished(code: summary.exit) }
    if !output.quiet, !output.json { Execution.tellResults(summary, workspace) }
  }
}
