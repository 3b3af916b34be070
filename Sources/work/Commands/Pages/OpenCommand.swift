// `work open`: opens a stage's page in the browser and prints its path.

import ArgumentParser
import Foundation
import Pipeline

struct OpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open a stage's page; without a name, the index of all pages.",
    discussion: "`work open lr-find` opens the page of the last `work lr-find`.")

  @Argument(
    help: "The stage or instance.",
    completion: Completions.stages)
  var stage: String?

  @Flag(name: .customLong("path"), help: "Print only the page's path.")
  var pathOnly = false

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let runner = try Runner(workspace: workspace)
    let page: URL
    if let stage, let tool = Pages.tools(workspace).first(where: { $0.name == stage }) {
      page = try Pages.write(tool.name, stage: tool.name, record: tool.record, workspace)
    } else if stage == Tool.rangeTest.name {
      throw PipelineError("lr-find has no page yet; `work lr-find` makes one")
    } else if let stage {
      let records = try Pages.records(of: stage, runner)
      let (instance, record) = records[0]
      // Rendered again, so that prose edited since shows at once.
      page = try Pages.write(
        instance.name, stage: instance.stage, record: record,
        isRunning: WorkspaceState(workspace).isRunning, workspace)
    } else {
      page = try Pages.writeIndex(runner)
    }
    print(page.path)
    if !pathOnly { Browser.open(page) }
  }
}
