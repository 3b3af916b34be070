// `work eda`: runs what the report needs, then says where it is.

import ArgumentParser
import Foundation
import Pipeline

struct EDACommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eda", abstract: "Make the report on the data, and say where it is.")

  @OptionGroup var overrides: OverrideOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() async throws {
    let workspace = try workspace.find()
    let summary = try await Execution.run(
      overrides.runner(workspace), RunOptions(targets: ["eda"]), output)
    if summary.exit != .ok { throw Finished(code: summary.exit) }
    // Rendered again, so that prose edited since shows at once.
    let page = try Pages.write("eda", stage: "eda", Runner(workspace: workspace))
    if !output.json { print(page.path) }
  }
}
