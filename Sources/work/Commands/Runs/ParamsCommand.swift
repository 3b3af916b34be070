// `work params`: parameters of now against those of the outputs in place, or of runs.

import ArgumentParser
import Pipeline

struct ParamsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "params", abstract: "Compare parameters.",
    subcommands: [ParamsDiffCommand.self])
}

struct ParamsDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show which parameters differ.",
    discussion: """
      Without a run, compares what the outputs in place were made with to params.yaml. With one, compares \
      that run to params.yaml; with two, the first to the second.
      """)

  @Argument(help: "Runs, two at most: ids, tags, latest or latest~1.")
  var targets: [String] = []

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    if targets.count > 2 { throw ValidationError("name two runs at most") }
  }

  func run() throws {
    let workspace = try workspace.find()
    let history = RunHistory(workspace)
    let runner = try Runner(workspace: workspace)
    let runs = try targets.map(history.id(of:))
    let changes =
      switch runs.count {
      case 0: try runner.parameterChanges()
      case 1: try runner.parameterChanges(since: runs[0])
      default: try runner.parameterChanges(from: runs[0], to: runs[1])
      }
    if output.json { return try Console.json(changes) }
    if changes.isEmpty {
      if !output.quiet { print("no parameter differs") }
      return
    }
    TextTable(
      columns: [
        .init(title: "parameter", importance: 4),
        .init(title: "old", isElastic: true, importance: 3),
        .init(title: "new", isElastic: true, importance: 3),
        .init(title: runs.isEmpty ? "made with the old one" : "", isElastic: true),
      ],
      rows: changes.map {
        [
          $0.name, ($0.old ?? "none") + ($0.wasOverridden ? " (override)" : ""), $0.new ?? "none",
          $0.instances.joined(separator: ", "),
        ]
      }
    ).print()
  }
}
