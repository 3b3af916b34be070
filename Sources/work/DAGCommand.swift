// `work dag`: the graph of the stages.

import ArgumentParser
import Pipeline

struct DAGCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dag", abstract: "Print the graph of the stages.")

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    print(try Runner(workspace: workspace.find()).graph.text)
  }
}
