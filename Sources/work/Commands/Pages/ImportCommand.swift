// `work import`: turns a notebook from elsewhere into a stage.

import ArgumentParser
import Foundation
import Pipeline
import Scripts

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Turn a notebook into a stage: .ipynb, or a percent script.",
    discussion: """
      A percent script is what jupytext writes: cells begin at `# %%` (in Swift `// %%`). Python becomes \
      a script with a header, Swift a script with `cell` and `Stage.run`. Then declare in its header what \
      the stage reads and makes.
      """)

  @Argument(help: "The notebook: .ipynb, .py or .swift.", completion: .file())
  var file: String

  @Option(help: ArgumentHelp("The stage's name; by default the file's name.", valueName: "name"))
  var name: String?

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let source = URL(fileURLWithPath: file)
    let notebook = try ForeignNotebook(contentsOf: source)
    guard notebook.count > 0 else { throw PipelineError("\(file): holds no cell") }
    let name = name ?? Self.name(from: source.deletingPathExtension().lastPathComponent)
    do { try StageTemplate.check(name, in: workspace) } catch let error as PipelineError {
      guard self.name == nil else { throw error }
      throw PipelineError("\(error.description) (choose one with --name)")
    }
    let script = "stages/\(name).\(notebook.language.fileExtension)"
    try StageTemplate.write(StageScript.text(notebook), to: script, in: workspace)
    let next =
      notebook.isStage
      ? "its header is the notebook's own; `work run \(name)` runs it"
      : "now declare in its header what it reads (deps, params) and makes (outs), then "
        + "`work run \(name)`"
    do { _ = try Runner(workspace: workspace) } catch {
      Console.warning(
        "with \(script), the workspace can't run: \(error). Change its header, or remove it, first")
    }
    print("\(script)  \(notebook.count) \(notebook.count == 1 ? "cell" : "cells")\n\(next)")
  }

  /// Names of stages are letters, digits, - and _; in Swift it is a program's name, so _ stands for the rest.
  private static func name(from file: String) -> String {
    let words = file.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.joined(separator: "_")
  }
}
