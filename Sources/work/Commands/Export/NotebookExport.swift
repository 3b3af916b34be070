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
    for (instance, record) in records {
      let file = place("\(instance.name).ipynb")
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
