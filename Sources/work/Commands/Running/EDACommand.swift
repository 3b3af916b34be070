// `work eda`: runs what the report needs, then prints its path.

import ArgumentParser
import Basics
import Foundation
import Pipeline

struct EDACommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eda", abstract: "Make the report on the data and print its path.")

  @OptionGroup var overrides: OverrideOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() async throws {
    let workspace = try workspace.find()
    try await RunOutcome.running(
      overrides.runner(workspace), RunOptions(targets: ["eda"]), output
    ).check()
    // Rendered again, so that prose edited since shows at once.
    let page = try Pages.write("eda", stage: "eda", Runner(workspace: workspace))
    if !output.json { print(page.path) }
  }
}
