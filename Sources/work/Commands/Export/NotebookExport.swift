// `work export STAGE`: executed stages as Jupyter notebooks.

import Basics
import Foundation
import Notebook
import Pipeline
import Rendering

extension ExportCommand {
  func writeNotebooks() throws {
    let workspace = try workspace.find()
    let runner = try Runner(workspace: workspace)
    let records = try stages.flatMap { try Pages.records(of: $0, runner) }
    guard !(to?.hasSuffix(".ipynb") ?? false) || records.count == 1 else {
      throw PipelineError(
        "--to \(to ?? ""): is one file, but there are \(records.count) notebooks; name a folder")
    }
    var exported = ExportedFiles(workspace)
    let files = records.map { place("\($0.instance.name).ipynb") }
    for file in files { try exported.check(file, force: force) }
    for ((instance, record), file) in zip(records, files) {
      do {
        try JupyterNotebook.write(
          record: Record(contentsOf: record),
          script: Pages.script(of: instance.stage, workspace), to: file)
      } catch let error as RecordError {
        throw PipelineError(error.message)
      }
      try exported.note(file)
      if !output.json { print(file.path) }
    }
    if output.json { try Console.json(["files": files.map(\.path)]) }
  }
}
