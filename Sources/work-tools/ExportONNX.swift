// `work export --onnx`: the trained models as one file that ONNX runtimes take.

import Basics
import Datasets
import Inference
import ONNX
import ToolReports
import Workbench

/// What `work export --onnx` asks for.
struct ONNXSettings: Codable {
  /// Instead of `inference.tta`.
  var tta: TTA?
}

/// Writes the models of all folds as one graph, with the parameters of *predict*, whose order this is.
func exportONNX(_ stage: Stage) throws {
  let settings = try stage.parameters("onnx", as: ONNXSettings.self)
  let inference: InferenceSettings = try stage.parameters("inference")
  // The graph computes in float32, whatever params.yaml says.
  _ = try stage.parameters("engine", as: JSONValue.self)
  let competition = try stage.competition()
  let models = try stage.models()
  var metadata = ["targets": competition.targets.rawValue]
  if let classes = competition.classes?.names {
    metadata["classes"] = classes.joined(separator: ",")
  }
  let export: EnsembleExport
  do {
    export = try EnsembleExport(models, tta: settings.tta ?? inference.tta, metadata: metadata)
  } catch let error as ExportError {
    throw StageFailure("\(error)", exit: .badInput)
  }
  try WholeFile.write(export.bytes, to: stage.output(ONNXReport.graph))
  try ONNXReport(
    models: models.count, tta: (settings.tta ?? inference.tta).rawValue,
    takesAnySize: export.takesAnySize, notes: export.notes
  ).json().write(to: stage.output(ONNXReport.fileName))
}
