// `work export`: executed stages as Jupyter notebooks.

import ArgumentParser
import Basics
import Foundation
import Notebook
import Pipeline
import Rendering

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write executed stages as Jupyter notebooks (.ipynb).",
    discussion: """
      A notebook holds the prose, code, outputs and figures of the latest record, and the facts of its \
      run (nbformat 4.5). Nothing runs. A stage with several instances gives one notebook for each.
      """)

  @Argument(
    help: "Stages or instances; `all` for every one that has run.", completion: Completions.stages)
  var stages: [String]

  @Option(
    help: ArgumentHelp(
      "A file that ends in .ipynb, or a folder; by default NAME.ipynb in the current folder.",
      valueName: "place"),
    completion: .file())
  var to: String?

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let runner = try Runner(workspace: workspace)
    let records = try stages.flatMap { try Pages.records(of: $0, runner) }
    let folder = URL(
      fileURLWithPath: to ?? FileManager.default.currentDirectoryPath, isDirectory: true)
    let isFile = to?.hasSuffix(".ipynb") ?? false
    guard !isFile || records.count == 1 else {
      throw PipelineError(
        "--to \(to ?? ""): is one file, but there are \(records.count) notebooks; name a folder")
    }
    for (instance, record) in records {
      let file =
        isFile
        ? URL(fileURLWithPath: to ?? "")
        : folder.appendingPathComponent("\(instance.name).ipynb")
      do {
        try JupyterNotebook.write(
          record: Record(contentsOf: record),
          script: Pages.script(of: instance.stage, workspace), to: file)
      } catch let error as RecordError {
        throw PipelineError(error.message)
      }
      print(file.path)
    }
  }
}
