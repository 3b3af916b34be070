// `work export`: what other programs open: executed stages as Jupyter notebooks, runs for
// TensorBoard and MLflow or as an RO-Crate, trained models as one ONNX graph.

import ArgumentParser
import Basics
import Choices
import Foundation
import Notebook
import Pipeline
import Rendering
import ToolReports

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract:
      "Write what other programs open: Jupyter notebooks, TensorBoard's event files, MLflow, ONNX, RO-Crate.",
    discussion: """
      With stages: notebooks (.ipynb, nbformat 4.5) with the prose, code, outputs and figures of the latest record, \
      and the facts of its run. Nothing runs. A stage with several instances gives one notebook for each.

      With --tensorboard: of each run, the metrics of every step, pictures and parameters, in a folder an instance. \
      Then: tensorboard --logdir DIR

      With --mlflow: of each run, metrics, parameters and tags to a tracking server; runs that it has stay as they are. \
      MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD sign in.

      With --onnx: the models of all folds as one graph, with scaling, padding, test-time augmentation and the mean \
      inside: what predict computes of an image, for any program with an ONNX runtime.

      With --ro-crate: a folder with the record, parameters, pages and logs of a run, described in JSON-LD for catalogues \
      of research data.
      """)

  @Argument(
    help: "Stages or instances; `all` for every one that has run.", completion: Completions.stages)
  var stages: [String] = []

  @Flag(help: "Write the runs for TensorBoard instead, all unless --run names some.")
  var tensorboard = false

  @Option(
    help: ArgumentHelp(
      "Log the runs to MLflow's server at this address, all unless --run names some.",
      valueName: "url"))
  var mlflow: String?

  @Option(
    help: ArgumentHelp(
      "With --mlflow: the experiment; by default the competition's name.", valueName: "name"))
  var experiment: String?

  @Option(
    help: ArgumentHelp(
      "With --tensorboard and --mlflow: a run; may be given several times. With --ro-crate: the run, latest unless given.",
      valueName: "run"))
  var run: [String] = []

  @Flag(help: "Write the trained models instead.")
  var onnx = false

  @Flag(help: "Write a run as an RO-Crate instead.")
  var roCrate = false

  @Option(help: "With --onnx: none, hflip or d4, instead of inference.tta.")
  var tta: TTA?

  @Option(
    help: ArgumentHelp(
      "A file, or a folder; by default NAME.ipynb, tensorboard, model.onnx or run-ID in the current folder.",
      valueName: "place"),
    completion: .file())
  var to: String?

  @Flag(help: "With stages and --onnx: replace a file, whoever wrote it.")
  var force = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    guard [onnx, tensorboard, roCrate, mlflow != nil, !stages.isEmpty].count(where: { $0 }) == 1
    else {
      throw ValidationError(
        "name the stages to write as notebooks, or `all`; or one of --tensorboard, --mlflow, --onnx and --ro-crate, "
          + "which take no stages")
    }
    guard tta == nil || onnx else { throw ValidationError("--tta goes with --onnx") }
    guard experiment == nil || mlflow != nil else {
      throw ValidationError("--experiment goes with --mlflow")
    }
    guard run.isEmpty || tensorboard || roCrate || mlflow != nil else {
      throw ValidationError("--run goes with --tensorboard, --mlflow and --ro-crate")
    }
    guard run.count < 2 || !roCrate else {
      throw ValidationError("--ro-crate writes one run; name one with --run")
    }
    guard !force || onnx || !stages.isEmpty else {
      throw ValidationError("--force goes with stages and --onnx")
    }
    guard to == nil || mlflow == nil else { throw ValidationError("--to doesn't go with --mlflow") }
  }

  @MainActor
  func run() async throws {
    if onnx {
      try writeModels()
    } else if roCrate {
      try writeCrate()
    } else if tensorboard {
      try writeEvents()
    } else if let mlflow {
      try await log(to: mlflow)
    } else {
      try writeNotebooks()
    }
  }

  /// The runs that are meant, newest first.
  func runs(_ history: RunHistory) throws -> [String] {
    run.isEmpty ? history.ids() : try run.map(history.id(of:))
  }

  /// Where a file goes that has this name unless `--to` says another.
  func place(_ name: String) -> URL {
    let folder = FileManager.default.currentDirectoryPath
    guard let to else { return URL(fileURLWithPath: folder).appendingPathComponent(name) }
    let ending = name.split(separator: ".").last.map { ".\($0)" } ?? ""
    return to.hasSuffix(ending)
      ? URL(fileURLWithPath: to)
      : URL(fileURLWithPath: to, isDirectory: true).appendingPathComponent(name)
  }
}
