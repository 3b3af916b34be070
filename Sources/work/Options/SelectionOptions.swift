// The options that say which stages a run is about.

import ArgumentParser
import Pipeline

/// Stages by name, and how far from them a run goes.
struct SelectionOptions: ParsableArguments {
  @Argument(
    help: "Stages or instances; `all` for every stage. The stages that they need run, too.",
    completion: Completions.stages)
  var stages: [String] = ["all"]

  @Option(
    help: ArgumentHelp(
      "Start at this stage: run it and what depends on it, nothing before it.", valueName: "stage"),
    completion: Completions.stages)
  var from: [String] = []

  @Option(
    help: ArgumentHelp(
      "Stop at this stage: run it and what it needs.", valueName: "stage"),
    completion: Completions.stages)
  var to: [String] = []

  @Flag(help: "Run what depends on the named stages, too.")
  var downstream = false

  @Flag(help: "Run only the named stages, nothing before them.")
  var only = false

  @Flag(
    name: .shortAndLong,
    help: "Run the named stages (or those of --from) even if they are fresh.")
  var force = false

  func validate() throws {
    guard !to.isEmpty else { return }
    if stages != ["all"] {
      throw ValidationError(
        "--to \(to.joined(separator: " --to ")): "
          + "\(stages.joined(separator: " ")) is named, too; say in one way where the run stops")
    }
    if only {
      throw ValidationError(
        "--to and --only contradict each other: --to runs what a stage needs, too, --only just the stage"
      )
    }
  }

  /// The options for the runner.
  var runOptions: RunOptions {
    var options = RunOptions(targets: to.isEmpty ? stages : to, force: force, only: only)
    options.from = from
    options.downstream = downstream
    return options
  }
}
