// `work run`: runs what is stale among the stages named and everything before them.

import ArgumentParser
import Basics
import Foundation
import Pipeline

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the stages that are stale, and the stale ones that they need.",
    discussion: """
      `work run all` makes everything up to submissions/submission.csv. `work run train@1` runs one \
      instance. Repeat the command to continue a run that was killed.
      """)

  @OptionGroup(title: "Which stages") var selection: SelectionOptions

  @Flag(
    name: .shortAndLong,
    help: "After a failure, run everything that doesn't depend on what failed.")
  var keepGoing = false

  @Flag(
    help: ArgumentHelp(
      "Print what would run, why, and how long it should take; run nothing.",
      discussion: "Exits with 5 if something would run, with 0 if nothing would."))
  var dryRun = false

  @OptionGroup var overrides: OverrideOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() async throws {
    let workspace = try workspace.find()
    var options = selection.runOptions
    options.keepGoing = keepGoing
    // Nobody wants a submission that is older than its predictions, unless an end was set.
    if overrides.tta != nil, options.targets.contains("predict"), !options.only,
      selection.to.isEmpty
    {
      options.targets.append("submission")
    }
    if dryRun {
      let plan = try overrides.runner(workspace).plan(options)
      try PlanReport.show(plan, output)
      if plan.obstacle != nil { throw Finished(code: .badInput) }
      if plan.isStale { throw Finished(code: .stale) }
      return
    }
    let runner = try overrides.runner(workspace)
    if let preset = runner.parameters.preset, !output.quiet, !output.json {
      let values = preset.values.map { "\($0.key) \($0.value.plainText)" }
      print("preset \(preset.name): \(values.joined(separator: ", "))")
    }
    let folder = overrides.data.map { DataFolder($0, runner) }
    let outcome = try await RunOutcome.running(runner, options, output)
    folder?.check(outcome.summary)
    try outcome.check()
    if !output.quiet, !output.json { outcome.showResults() }
  }
}
