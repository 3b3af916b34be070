// `work build`: builds the stages' programs ahead of a run, for instance before working offline, or
// before tests, which can't build: SwiftPM is locked while they run.

import ArgumentParser
import Basics
import Pipeline

struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build the programs of the stages, the tools and bundles, and run none of them.",
    discussion: "`work run` builds what it needs by itself.")

  @Argument(
    help: "Stages to build, with those that they need; all if none is named.",
    completion: Completions.stages)
  var stages: [String] = []

  @Flag(name: .shortAndLong, help: "Print only errors.")
  var quiet = false

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let interruption = Interruption.catchingSignals()
    let display = RunDisplay(quiet: quiet)
    let broken = try Runner(workspace: workspace)
      .build(stages, interruption: interruption, observer: display)
    if stages.isEmpty {
      for tool in [Tool.bench, Tool.bundled] {
        try tool.build(in: workspace, interruption: interruption, observer: display)
      }
    }
    if !broken.isEmpty { throw Finished(code: .failed) }
  }
}
