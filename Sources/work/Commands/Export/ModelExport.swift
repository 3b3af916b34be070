// `work export --onnx`: the trained models as one graph.

import Basics
import Choices
import Foundation
import Pipeline
import ToolReports

extension ExportCommand {
  @MainActor
  func writeModels() throws {
    let workspace = try workspace.find()
    let runner = try Runner(workspace: workspace)
    guard runner.graph["predict"] != nil else {
      throw PipelineError("this workspace has no stage predict, whose models --onnx writes")
    }
    let trained = runner.graph.instances.filter { $0.stage == "train" }.map(\.name)
    // Their dependencies are told of, too, but make no difference to models that are there.
    let stale = try runner.status(trained)
      .filter { trained.contains($0.instance) && $0.state != .fresh && $0.state != .frozen }
    if let first = stale.first {
      Console.warning(
        "\(first.instance) is stale, so that the models are not those of params.yaml and the code as they are; "
          + "work status \(first.instance) says why")
    }
    let file = place(ONNXReport.graph)
    var exported = ExportedFiles(workspace)
    try exported.check(file, force: force)
    let result = try Tool.onnx.start(
      in: workspace, options: tta.map { [.init("tta", .string($0.rawValue))] } ?? [],
      outputs: [ONNXReport.graph], data: (runner, "predict"), quiet: output.quiet || output.json)
    let report = try ONNXReport(json: result.output(ONNXReport.fileName))
    let graph = try result.output(ONNXReport.graph)
    try WholeFile.write(graph, to: file)
    try exported.note(file)
    if output.json {
      return try Console.json(ToolAnswer(found: report, key: "file", path: file.path))
    }
    guard !output.quiet else { return print(file.path) }
    print(
      "\(file.path)  \(Readable.bytes(graph.count)), \(report.models) models, test-time augmentation \(report.tta)"
    )
    for note in report.notes { print("  \(note)") }
  }
}
