// `work export`: what other programs open: executed stages as Jupyter notebooks, runs for
// TensorBoard, trained models as one ONNX graph.

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
    abstract: "Write what other programs open: Jupyter notebooks, TensorBoard's event files, ONNX.",
    discussion: """
      With stages: notebooks (.ipynb, nbformat 4.5) with the prose, code, outputs and figures of the latest record, \
      and the facts of its run. Nothing runs. A stage with several instances gives one notebook for each.

      With --tensorboard: of each run, the metrics of every step, pictures and parameters, in a folder an instance. \
      Then: tensorboard --logdir DIR

      With --onnx: the models of all folds as one graph, with scaling, padding, test-time augmentation and the mean \
      inside: what predict computes of an image, for any program with an ONNX runtime.
      """)

  @Argument(
    help: "Stages or instances; `all` for every one that has run.", completion: Completions.stages)
  var stages: [String] = []

  @Flag(help: "Write the runs for TensorBoard instead, all unless --run names some.")
  var tensorboard = false

  @Option(
    help: ArgumentHelp("With --tensorboard: a run; may be given several times.", valueName: "run"))
  var run: [String] = []

  @Flag(help: "Write the trained models instead.")
  var onnx = false

  @Option(help: "With --onnx: none, hflip or d4, instead of inference.tta.")
  var tta: TTA?

  @Option(
    help: ArgumentHelp(
      "A file, or a folder; by default NAME.ipynb, tensorboard or model.onnx in the current folder.",
      valueName: "place"),
    completion: .file())
  var to: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    guard [onnx, tensorboard, !stages.isEmpty].count(where: { $0 }) == 1 else {
      throw ValidationError(
        "name the stages to write as notebooks, or `all`; or one of --tensorboard and --onnx, which take no stages"
      )
    }
    guard tta == nil || onnx else { throw ValidationError("--tta goes with --onnx") }
    guard run.isEmpty || tensorboard else { throw ValidationError("--run goes with --tensorboard") }
  }

  @MainActor
  func run() async throws {
    if onnx {
      try writeModels()
    } else if tensorboard {
      try writeEvents()
    } else {
      try writeNotebooks()
    }
  }

  /// Where a file goes that has this name unless `--to` says another.
  private func place(_ name: String) -> URL {
    let folder = FileManager.default.currentDirectoryPath
    guard let to else { return URL(fileURLWithPath: folder).appendingPathComponent(name) }
    let ending = name.split(separator: ".").last.map { ".\($0)" } ?? ""
    return to.hasSuffix(ending)
      ? URL(fileURLWithPath: to)
      : URL(fileURLWithPath: to, isDirectory: true).appendingPathComponent(name)
  }

  // MARK: Models

  @MainActor
  private func writeModels() throws {
    let workspace = try workspace.find()
    let runner = try Runner(workspace: workspace)
    guard runner.graph["predict"] != nil else {
      throw PipelineError("this workspace has no stage predict, whose models --onnx writes")
    }
    let stale = try runner.status(runner.graph.instances.filter { $0.stage == "train" }.map(\.name))
      .filter { $0.state != .fresh && $0.state != .frozen }
    if let first = stale.first {
      Console.warning(
        "\(first.instance) is stale, so that the models are not those of params.yaml and the code as they are; "
          + "work why \(first.instance) says more")
    }
    let result = try Tool.onnx.start(
      in: workspace, options: tta.map { [.init("tta", .string($0.rawValue))] } ?? [],
      outputs: [ONNXReport.graph], data: (runner, "predict"), quiet: output.quiet || output.json)
    let report = try ONNXReport(json: result.output(ONNXReport.fileName))
    let file = place(ONNXReport.graph)
    let graph = try result.output(ONNXReport.graph)
    try WholeFile.write(graph, to: file)
    if output.json { return try Console.json(Answer(found: report, file: file.path)) }
    guard !output.quiet else { return print(file.path) }
    print(
      "\(file.path)  \(Readable.bytes(graph.count)), \(report.models) models, test-time augmentation \(report.tta)"
    )
    for note in report.notes { print("  \(note)") }
  }

  private struct Answer: Encodable {
    var found: ONNXReport
    var file: String

    enum CodingKeys: CodingKey { case file }

    func encode(to encoder: any Encoder) throws {
      try found.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(file, forKey: .file)
    }
  }

  // MARK: Event files

  private func writeEvents() throws {
    let workspace = try workspace.find()
    let history = RunHistory(workspace)
    let ids = run.isEmpty ? history.ids() : try run.map(history.id(of:))
    let folder = URL(fileURLWithPath: to ?? "tensorboard", isDirectory: true)
    var written = 0
    for id in ids {
      for (instance, record) in history.executedRecords(of: id) {
        guard let record = try? Record(contentsOf: record), let events = record.eventFile(group: id)
        else { continue }
        let place = folder.appendingPathComponent("\(id)/\(instance)", isDirectory: true)
        let file = place.appendingPathComponent(
          "events.out.tfevents.\(Int(record.header.startedAt.timeIntervalSince1970)).work")
        try WholeFile.makeFolder(place)
        try WholeFile.write(events, to: file)
        written += 1
      }
    }
    guard written > 0 else {
      throw PipelineError(
        "no run has metrics by step or pictures yet; `work run train` makes some")
    }
    if output.json {
      try Console.json(["folder": folder.path, "files": "\(written)"])
    } else {
      print(folder.path)
      if !output.quiet {
        print("\(written) files; look at them: tensorboard --logdir \(folder.path)")
      }
    }
  }

  // MARK: Notebooks

  private func writeNotebooks() throws {
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
