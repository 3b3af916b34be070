// `work runs`: the table of runs, and what can be done with runs.

import ArgumentParser
import Basics
import Foundation
import Pipeline

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List runs with their metrics; compare, tag, note or remove them.",
    discussion: """
      `work runs` alone is `work runs list` and takes its options. Name a run by its id, by a beginning of \
      the id that is unique, by a tag, as `latest`, or as `latest~1` for the run before.
      """,
    subcommands: [
      RunsListCommand.self, RunsDiffCommand.self, RunsTagCommand.self, RunsNoteCommand.self,
      RunsRemoveCommand.self,
    ], defaultSubcommand: RunsListCommand.self)
}

struct RunsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List runs, newest first.",
    discussion: """
      An expression compares metrics and parameters with numbers and texts: \
      `score > 0.8 and (filters == 16 or backend == "onednn")`. A name may be shortened to its end where that \
      is unique. In a name with blanks, write _ for them, or put the name in backticks. The facts of a run are \
      \(RunColumn.Fact.allCases.map(\.rawValue).joined(separator: ", ")); duration and cpu are in seconds, \
      memory in bytes. A value that a run doesn't have never matches.
      """)

  @Option(help: ArgumentHelp("List only runs for which this is true.", valueName: "expression"))
  var `where`: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Sort by this column; -KEY for descending order.", valueName: "[-]key"))
  var sort: String?

  @Flag(help: "Show only parameters and metrics that differ between the runs.")
  var onlyChanged = false

  @Option(help: ArgumentHelp("Show at most this many runs.", valueName: "n"))
  var limit: Int?

  @Option(help: ArgumentHelp("Show only these columns, separated by commas.", valueName: "keys"))
  var columns: String?

  @Flag(help: "Print CSV with all columns.")
  var csv = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    if csv, output.json { throw ValidationError("--csv and --json exclude each other") }
    if let limit, limit < 1 { throw ValidationError("--limit \(limit): should be 1 or more") }
  }

  func run() throws {
    var table = RunTable(RunHistory(try workspace.find()))
    if table.rows.isEmpty, !output.json, !csv {
      if !output.quiet { Console.write("no run is recorded yet; `work run` makes one\n") }
      return
    }
    if let expression = `where` { table = try table.filtered(expression) }
    if let sort { try table.sort(by: sort) }
    if let limit { table.limit(to: limit) }
    let listing = RunListing(table, onlyChanged: onlyChanged)
    let chosen = try columns.map { names in
      try names.split(separator: ",").map {
        try table.column($0.trimmingCharacters(in: .whitespaces))
      }
    }
    if output.json {
      try Console.json(listing.json)
    } else if csv {
      for line in listing.csv(chosen) { print(line) }
    } else if table.rows.isEmpty {
      if !output.quiet { Console.write("no run matches\n") }
    } else {
      listing.table(chosen).print()
    }
  }
}
