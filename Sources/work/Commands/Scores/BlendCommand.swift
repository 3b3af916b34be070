// `work blend`: a submission from the predictions of several runs, weighed by what they predict out of fold.

import ArgumentParser
import Basics
import Foundation
import Hashing
import Pipeline
import Scores
import ToolReports

struct BlendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blend",
    abstract: "Blend the predictions of several runs into a submission.",
    discussion: """
      Weights are whole numbers, found by greedy selection with replacement on out-of-fold predictions. The score \
      that is told is cross-validated: each fold is judged with weights and thresholds that were chosen on the \
      others. The runs' predictions are taken from their places or from the run cache; they must be of the images \
      of now. Writes submissions/blend.csv and records it (`work scores`).
      """)

  @Argument(help: "Two runs or more: ids, beginnings of ids, tags, latest or latest~1.")
  var runs: [String]

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  private static let file = "blend.csv"
  private static let evaluation = "data/evaluation/oof.safetensors"
  private static let prediction = "data/predictions/test.safetensors"

  func validate() throws {
    if runs.count < 2 { throw ValidationError("name two runs or more; `work runs` lists them") }
  }

  @MainActor
  func run() async throws {
    let workspace = try workspace.find()
    let runner = try Runner(workspace: workspace)
    let history = RunHistory(workspace)
    let ids = try runs.map(history.id(of:))
    if let twice = ids.first(where: { id in ids.count { $0 == id } > 1 }) {
      throw InputError("work blend: the run \(twice) is named twice")
    }
    let inputs = try ids.map { id in
      JSONValue.object([
        .init("name", .string(id)),
        .init("oof", .string(try runner.earlierOutput(Self.evaluation, of: id).path)),
        .init("test", .string(try runner.earlierOutput(Self.prediction, of: id).path)),
      ])
    }
    guard runner.graph["evaluate"] != nil else {
      throw PipelineError("this workspace has no stage evaluate, whose data a blend is judged with")
    }
    var sample = JSONValue.null
    if case .string(let path)? = runner.parameters["competition.files.sample_submission"] {
      sample = .string(workspace.url(of: path).path)
    }
    let result = try Tool.blend.start(
      in: workspace, options: [.init("runs", .array(inputs)), .init("sample", sample)],
      outputs: [Self.file], data: (runner, "evaluate"), quiet: output.quiet || output.json)
    let report = try BlendReport(json: result.output(BlendReport.fileName))
    let file = workspace.url(of: "submissions/\(Self.file)")
    try WholeFile.write(try result.output(Self.file), to: file)
    let entry = try record(report, file, runner)
    if output.json {
      try Console.json(Answer(report, entry, file))
    } else {
      show(report, entry, file)
    }
  }

  /// Records the blend in the ledger.
  private func record(_ report: BlendReport, _ file: URL, _ runner: Runner) throws
    -> SubmissionLedger.Entry
  {
    let layout = try SubmissionLayout(runner.parameters["competition"] ?? .null)
    let name = "blend of \(report.runs.joined(separator: ", "))"
    var entry = SubmissionLedger.Entry(
      sha256: Digest.hex(of: [UInt8](try Data(contentsOf: file))), recorded: Date(), run: name,
      rows: report.rows)
    entry.blend = Dictionary(uniqueKeysWithValues: zip(report.runs, report.counts))
    entry.empty = report.empty
    if !report.decisions.isEmpty {
      entry.decisions = .object(report.decisions.mapValues { JSONValue.double($0) })
    }
    entry.estimate = .init(
      mean: report.blend.mean, folds: report.blend.folds, instance: "blend", run: name)
    if let board = layout.board {
      (entry.rank, entry.teams) = (board.rank(of: report.blend.mean), board.teams)
    }
    var ledger = try SubmissionLedger(runner.workspace)
    entry = try ledger.add(entry)
    try ledger.keep(file, of: entry)
    return entry
  }

  private func show(_ report: BlendReport, _ entry: SubmissionLedger.Entry, _ file: URL) {
    func row(_ name: String, _ score: BlendReport.Score, _ weight: String) -> [String] {
      [
        name, weight, Readable.number(score.mean),
        score.folds.map(Readable.number).joined(separator: " "),
      ]
    }
    let total = report.counts.reduce(0, +)
    TextTable(
      columns: [
        .init(title: "run", isElastic: true, importance: 3),
        .init(title: "weight", isNumber: true, importance: 3),
        .init(title: "cv", isNumber: true, importance: 4), .init(title: "folds", importance: 1),
      ],
      rows: report.runs.indices.map {
        row(report.runs[$0], report.singles[$0], "\(report.counts[$0])/\(total)")
      } + [row("blend", report.blend, "")]
    ).print()
    if let gain = Self.gain(report) {
      print("\ngain        \(MetricTable.text(gain)) over the best run, over \(gain.count) images")
    }
    print("submission  \(file.path)")
    print("ledger      submission \(entry.number)")
  }

  /// Over the best single run, image by image.
  private static func gain(_ report: BlendReport) -> PairedDifference? {
    report.singles.max { $0.mean < $1.mean }.map { best in
      PairedDifference(zip(report.blend.images, best.images).map { $0 - $1 })
    }
  }

  /// What is printed with `--json`.
  private struct Answer: Encodable {
    struct Run: Encodable {
      var run: String
      var count: Int
      var score: Double
      var folds: [Double]
    }
    var runs: [Run]
    var foldCounts: [[Int]]
    var score: Double
    var folds: [Double]
    /// Over the best single run.
    var gain: PairedDifference?
    var file: String
    var submission: Int

    init(_ report: BlendReport, _ entry: SubmissionLedger.Entry, _ file: URL) {
      runs = report.runs.indices.map {
        Run(
          run: report.runs[$0], count: report.counts[$0], score: report.singles[$0].mean,
          folds: report.singles[$0].folds)
      }
      (foldCounts, score, folds) = (report.foldCounts, report.blend.mean, report.blend.folds)
      gain = BlendCommand.gain(report)
      self.file = file.path
      submission = entry.number
    }
  }
}
