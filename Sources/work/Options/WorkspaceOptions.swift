// The option that says in which workspace a command works.

import ArgumentParser
import Foundation
import Pipeline

struct WorkspaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Work in this folder, which has its own params.yaml; the code stays where it is.",
      valueName: "dir"),
    completion: .directory)
  var workspace: String?

  /// Finds the workspace.
  ///
  /// - Throws: `PipelineError` where there is none.
  func find() throws -> Workspace {
    try Workspace.find(
      from: URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true),
      root: workspace.map { URL(fileURLWithPath: $0, isDirectory: true) })
  }
}
