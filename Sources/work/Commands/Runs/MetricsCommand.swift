// `work metrics`: what was measured, and how it differs between runs.

import ArgumentParser
import Pipeline

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "Show and compare metrics.",
    subcommands: [MetricsShowCommand.self, MetricsDiffCommand.self],
    defaultSubcommand: MetricsShowCommand.self)
}

struct MetricsShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the metrics of the outputs in place, or of a run.",
    discussion: "--json gives the values by step, too, such as those of every epoch.")

  @Argument(help: "A run: an id, a tag, latest or latest~1.")
  var target: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let history = RunHistory(workspace)
    let metrics =
      if let target {
        try history.metrics(of: history.id(of: target))
      } else {
        try Runner(workspace: workspace).currentMetrics()
      }
    if output.json { return try Console.json(metrics) }
    if metrics.isEmpty {
      if !output.quiet { Console.write("nothing has been measured\n") }
      return
    }
    TextTable(
      columns: [
        .init(title: "instance", importance: 3),
        .init(title: "metric", isElastic: true, importance: 3),
        .init(title: "value", isNumber: true, importance: 3), .init(title: "run"),
      ],
      rows: metrics.flatMap { item in
        item.metrics.sorted { $0.key < $1.key }.map {
          [item.instance, $0.key, Readable.number($0.value), item.run]
        }
      }
    ).print()
  }
}

struct MetricsDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compare the metrics of two runs.",
    discussion: "Without a run, compares the last two; with one, compares that run to the last.")

  @Argument(help: "The old run: an id, a tag, latest or latest~1.")
  var old: String = "latest~1"

  @Argument(help: "The new run.")
  var new: String = "latest"

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let history = RunHistory(try workspace.find())
    let metrics = try history.metricChanges(from: history.id(of: old), to: history.id(of: new))
    if output.json { return try Console.json(metrics) }
    if metrics.isEmpty {
      if !output.quiet { Console.write("nothing has been measured\n") }
      return
    }
    MetricTable.print(metrics)
  }
}
