// The options that say which stages a run is about.

import ArgumentParser
import Pipeline

/// Stages by name, and how far from them a run goes.
struct SelectionOptions: ParsableArguments {
  @Argument(
    help: "Stages or instances; `all` for every stage. What they need runs, too.",
    completion: Completions.stages)
  var stages: [String] = ["all"]

  @Option(
    help: ArgumentHelp(
      "Begin at this stage: it and what depends on it, nothing before it.", valueName: "stage"),
    completion: Completions.stages)
  var from: [String] = []

  @Option(
    help: ArgumentHelp(
      "End at this stage: it and what it needs, as if it were named alone.", valueName: "stage"),
    completion: Completions.stages)
  var to: [String] = []

  @Flag(help: "Run what depends on the named stages, too.")
  var downstream = false

  @Flag(help: "Run the named stages alone, nothing before them.")
  var only = false

  @Flag(
    name: .shortAndLong,
    help: "Run the named stages (or those of --from) even where they are fresh.")
  var force = false

  func validate() throws {
    guard !to.isEmpty else { return }
    if stages != ["all"] {
      throw ValidationError(
        "--to \(to.joined(separator: " --to ")): the last stages are named twice, by --to and as "
          + "\(stages.joined(separator: " ")); leave out one of them")
    }
    if only {
      throw ValidationError(
        "--to and --only contradict each other: --to runs all that a stage needs, --only nothing but it"
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
