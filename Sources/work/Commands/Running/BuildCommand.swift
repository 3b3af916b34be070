// `work build`: builds the stages' programs ahead of a run, for instance before working offline, or
// before tests that run them while SwiftPM is locked.

import ArgumentParser
import Pipeline

struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build the programs of the stages and of some commands, and run none of them.",
    discussion: "`work run` builds what it needs by itself.")

  @Argument(
    help: "Stages, with what they need; none for all.", completion: Completions.stages)
  var stages: [String] = []

  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  var quiet = false

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let interruption = Interruption.catchingSignals()
    let display = RunDisplay(quiet: quiet)
    let broken = try Runner(workspace: workspace)
      .build(stages, interruption: interruption, observer: display)
    if stages.isEmpty {
      try Tool.bench.build(in: workspace, interruption: interruption, observer: display)
    }
    if !broken.isEmpty { throw Finished(code: .failed) }
  }
}
