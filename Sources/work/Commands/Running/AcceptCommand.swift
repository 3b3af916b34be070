// `work accept`: keeps a stage's outputs although its code changed.

import ArgumentParser
import Pipeline

struct AcceptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept",
    abstract: "Keep a stage's outputs although its code changed, or it was stopped or extended.",
    discussion: """
      For an edit that can't change the result, where running the stage again would cost hours; \
      or for a training that was stopped or extended while it ran. The new code and the reason go into work.lock. Parameters and inputs must be unchanged.
      """)

  @Argument(
    help: "The stage or instance.",
    completion: Completions.stages)
  var stage: String

  @Option(help: "Why the outputs are still right; goes into work.lock.")
  var reason: String

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let accepted = try Runner(workspace: workspace.find()).accept(stage, reason: reason)
    print("accepted: \(accepted.joined(separator: ", "))")
  }
}
