// `work new`: writes the script of a new stage.

import ArgumentParser
import Pipeline
import Scripts

struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Write the script of a new stage.")

  @Argument(help: "The stage's name: letters, digits, - and _.")
  var stage: String

  @Flag(help: "Write a Python script instead of a Swift one.")
  var python = false

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let template = try StageTemplate(stage, python ? .python : .swift, in: workspace)
    try template.write(in: workspace)
    print(
      """
      wrote \(template.file). Next:
        1. say in its header what it reads (deps, params) and writes (outs); docs/adding-a-stage.md
        2. work run \(stage)
        3. \(python ? "work log \(stage)" : "work open \(stage)")
      """)
  }
}
