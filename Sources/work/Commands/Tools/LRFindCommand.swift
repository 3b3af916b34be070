// `work lr-find`: a learning-rate range test on the workspace's data, as a page and one suggestion.

import ArgumentParser
import Basics
import Foundation
import Pipeline
import ToolReports

struct LRFindCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lr-find", abstract: "Suggest a learning rate by a range test on the data.",
    discussion: """
      Trains for a few steps with a rate that grows from tiny to huge, with the network and the \
      settings of params.yaml, and keeps nothing but a page with the curve.
      """)

  @Option(help: ArgumentHelp("The fold that is left out.", valueName: "n"))
  var fold: Int = 0

  @Option(help: ArgumentHelp("At most this many steps.", valueName: "n"))
  var steps: Int = 200

  @Option(help: ArgumentHelp("The first step's learning rate.", valueName: "rate"))
  var from: Double = 1e-6

  @Option(help: ArgumentHelp("The last step's learning rate.", valueName: "rate"))
  var to: Double = 1

  @OptionGroup var overrides: OverrideOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    guard steps >= 10 else { throw ValidationError("--steps \(steps): should be 10 or more") }
    guard from > 0, from < to, to.isFinite else {
      throw ValidationError(
        "--from \(from) --to \(to): should be two rates above 0, the lower one first")
    }
  }

  @MainActor
  func run() async throws {
    let workspace = try workspace.find()
    let runner = try overrides.runner(workspace)
    let instance = "train@\(fold)"
    guard runner.graph[instance] != nil else {
      let folds = runner.graph.instances.filter { $0.stage == "train" }.map(\.name)
      throw ValidationError(
        "lr-find takes the data and the settings of the stage train, and there is no \(instance)"
          + (folds.isEmpty ? "" : " (there are: \(folds.joined(separator: ", ")))"))
    }
    try ChosenNames.check(runner)
    try await PretrainedWeights.bring(for: runner, output)
    try await prepare(runner, for: instance)

    let result = try Tool.rangeTest.start(
      in: workspace,
      options: [
        .init("steps", .int(steps)), .init("from", .double(from)), .init("to", .double(to)),
      ], data: (try overrides.runner(workspace), instance), quiet: output.quiet || output.json)
    let page = try Pages.keep(result.record, of: .rangeTest, workspace)
    try Pages.writeIndex(overrides.runner(workspace))
    try show(LearningRateReport(json: result.output(LearningRateReport.fileName)), page)
  }

  /// Runs what the training stage's inputs come from, where it is stale.
  @MainActor
  private func prepare(_ runner: Runner, for instance: String) async throws {
    let needed = runner.graph.dependencies(of: instance)
    guard !needed.isEmpty else { return }
    let fresh = try runner.status(needed).allSatisfy { $0.state == .fresh || $0.state == .frozen }
    guard !fresh else { return }
    // The result is the range test's, so the run says nothing where the result is to be read.
    var ownOutput = output
    ownOutput.quiet = output.quiet || output.json
    ownOutput.json = false
    try await RunOutcome.running(
      overrides.runner(workspace.find()), RunOptions(targets: needed), ownOutput
    ).check()
  }

  private func show(_ report: LearningRateReport, _ page: URL) throws {
    if output.json {
      try Console.json(ToolAnswer(found: report, key: "page", path: page.path))
      return
    }
    if let suggestion = report.suggestion {
      let rate = LearningRateReport.text(rate: suggestion)
      print(
        """
        suggestion  \(rate)  (the loss is least at \(Self.text(report.minimum)); now \
        \(Self.text(report.current)))
        use it      work run train -S train.learning_rate=\(rate)
        page        \(page.path)
        """)
    } else {
      print(
        """
        suggestion  none: the loss never fell; try more --steps, or other rates (--from, --to)
        page        \(page.path)
        """)
    }
  }

  private static func text(_ rate: Double?) -> String {
    rate.map(LearningRateReport.text(rate:)) ?? "–"
  }
}
