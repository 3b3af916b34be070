// `work open`: opens a stage's page in the browser, or says where it is.

import ArgumentParser
import Foundation
import Pipeline

struct OpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open a stage's page; without a name, the index of all pages.")

  @Argument(
    help: "The stage or instance.",
    completion: Completions.stages)
  var stage: String?

  @Flag(name: .customLong("path"), help: "Only print the page's path.")
  var pathOnly = false

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let runner = try Runner(workspace: workspace)
    let page: URL
    if let stage {
      let instances = runner.graph.instances.filter { $0.name == stage || $0.stage == stage }
      guard let instance = instances.first(where: { runner.latestRecord(of: $0.name) != nil })
      else {
        let known = Set(runner.graph.instances.map(\.stage)).sorted().joined(separator: ", ")
        throw ValidationError(
          instances.isEmpty
            ? "no stage “\(stage)” (there are: \(known))"
            : "\(stage) has left no record: `work run \(stage) --force` makes its page")
      }
      // Rendered again, so that prose edited since shows at once.
      page = try Pages.write(instance.name, stage: instance.stage, runner)
    } else {
      page = try Pages.writeIndex(runner)
    }
    print(page.path)
    guard !pathOnly, isatty(STDOUT_FILENO) == 1 else { return }
    let opener = Process()
    opener.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    opener.arguments = ["xdg-open", page.path]
    opener.standardError = FileHandle.nullDevice
    try? opener.run()
  }
}
