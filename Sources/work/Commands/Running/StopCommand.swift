// `work stop` and `work extend`: ask the run that goes on in a workspace for something, from another terminal.

import ArgumentParser
import Basics
import Pipeline

struct StopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop the run that is going on, now or after this epoch.",
    discussion: """
      Without --after-epoch the run ends as Ctrl-C ends it, a training with a checkpoint, and `work run` \
      goes on from there. With it, a training ends well after the epoch that it is in, and the pipeline \
      goes on with its model; the next `work run` trains on, unless `work accept` keeps the model as it is. \
      All this is asked by files in the run's folder (docs/live.md), so that it works over ssh, too.
      """)

  @Argument(
    help: "The stage or instance that is to stop; all that run if none is named.",
    completion: Completions.stages)
  var stage: String?

  @Flag(help: "End the training well after the epoch that it is in, and let the run go on.")
  var afterEpoch = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let run = try LiveRun.current(in: workspace.find())
    let asked: [String]
    if afterEpoch {
      asked = try run.stopAfterEpoch(stage)
    } else if let stage {
      asked = try run.stop(stage)
    } else {
      asked = run.running
      try run.stop()
    }
    let names = asked.isEmpty ? "the run" : asked.joined(separator: ", ")
    try AskedAnswer(run: run.id, asked: asked).show(
      output,
      afterEpoch
        ? "\(names): asked to end well after this epoch; the run goes on with the model"
        : "\(names): asked to stop now; `work run` goes on from there")
  }
}

struct ExtendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extend", abstract: "Give a training that is going on more epochs.",
    discussion: """
      The rest of the schedule is stretched: the learning rate goes on from where it is, and comes to its \
      end with the new last epoch. The next `work run` trains anew as params.yaml says, unless \
      `work accept` keeps the result. A training that has ended has no learning rate left to go on with: \
      `work run train -S train.epochs=N` trains anew for longer.
      """)

  @Argument(help: "The stage or instance that runs.", completion: Completions.stages)
  var stage: String

  @Argument(help: "How many epochs more.")
  var epochs: Int

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let place = try workspace.find()
    guard let run = LiveRun(place) else {
      throw PipelineError(
        "nothing runs, so there is nothing to extend. The learning rate of a training that has ended has come to "
          + "its end with the schedule; `work run \(stage) -S train.epochs=N` trains anew for N epochs"
      )
    }
    let asked = try run.extend(stage, by: epochs)
    try AskedAnswer(run: run.id, asked: asked).show(
      output,
      "\(asked.joined(separator: ", ")): asked for \(epochs) more epoch\(epochs == 1 ? "" : "s"), from the end "
        + "of this one on")
  }
}

/// What `--json` prints of a request.
private struct AskedAnswer: Encodable {
  var run: String
  var asked: [String]

  func show(_ output: OutputOptions, _ text: String) throws {
    if output.json { return try Console.json(self) }
    if !output.quiet { print(text) }
  }
}
