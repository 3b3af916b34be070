// `work runs`: the table of runs, and what can be done with runs.

import ArgumentParser
import Foundation
import Pipeline

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List runs with their metrics; compare, tag, note or remove them.",
    discussion: """
      `work runs` by itself lists, and takes the options of `work runs list`. A run is named by its id, the \
      unique beginning of it, a tag, `latest`, or `latest~1` for the one before.
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
      An expression compares metrics and parameters, by full name or as much of its end as is unique, with \
      numbers and texts: `score > 0.8 and (filters == 16 or backend == "onednn")`. Names with blanks take _ \
      for them, or stand in backticks. Facts of the run are \
      \(RunColumn.Fact.allCases.map(\.rawValue).joined(separator: ", ")); duration and cpu are in seconds, \
      memory in bytes. What a run doesn't have never matches.
      """)

  @Option(help: ArgumentHelp("Only runs of which this holds.", valueName: "expression"))
  var `where`: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Sort by this column; -KEY downwards.", valueName: "[-]key"))
  var sort: String?

  @Flag(help: "Show parameters and metrics in which the runs differ, and no others.")
  var onlyChanged = false

  @Option(help: ArgumentHelp("Show so many runs at most.", valueName: "n"))
  var limit: Int?

  @Option(help: ArgumentHelp("Show just these columns, separated by commas.", valueName: "keys"))
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

/// The table of runs in the forms in which it is printed.
struct RunListing {
  let table: RunTable
  private let metrics: [String]
  private let onlyChanged: Bool
  private var parameters: [String] { onlyChanged ? table.changedParameters : table.parameters }

  init(_ table: RunTable, onlyChanged: Bool) {
    self.table = table
    self.onlyChanged = onlyChanged
    let present = table.metrics.filter { name in table.rows.contains { $0.metrics[name] != nil } }
    metrics =
      onlyChanged
      ? present.filter { name in Set(table.rows.map { $0.metrics[name] }).count > 1 } : present
  }

  // MARK: Text

  func table(_ chosen: [RunColumn]?) -> TextTable {
    let columns = chosen ?? standard
    let shorts = shortNames(columns)
    return TextTable(
      columns: columns.map { column in
        TextTable.Column(
          title: shorts[column] ?? column.name, isNumber: isNumber(column),
          isElastic: Self.isElastic(column), importance: importance(column))
      },
      rows: table.rows.map { row in columns.map { Self.text(row, $0) } })
  }

  private var standard: [RunColumn] {
    // Times and the like are looked up where they are wanted; what ranks runs is always of interest.
    let scores = metrics.filter { $0.contains("score") }
    let measured = (scores.isEmpty ? Array(metrics.prefix(3)) : scores).map(RunColumn.metric)
    var columns: [RunColumn] = [.fact(.id), .fact(.started)]
    if !onlyChanged { columns.append(.fact(.targets)) }
    columns += [.fact(.outcome), .fact(.duration)]
    columns += onlyChanged ? parameters.map(RunColumn.parameter) : [.fact(.overrides)]
    columns += onlyChanged ? metrics.map(RunColumn.metric) : measured
    if table.rows.contains(where: { !$0.tags.isEmpty }) { columns.append(.fact(.tags)) }
    if table.rows.contains(where: { $0.note != nil }) { columns.append(.fact(.note)) }
    return columns
  }

  /// The end of a name, where no other column has the same.
  private func shortNames(_ columns: [RunColumn]) -> [RunColumn: String] {
    var names: [RunColumn: String] = [:]
    for column in columns {
      var short = String(column.name.split(separator: ".").last ?? "")
      if case .metric(let name) = column, let at = name.firstIndex(of: "@"),
        let dot = name[at...].firstIndex(of: ".")
      {
        short = String(name[name.index(after: dot)...] + name[at..<dot])
      }
      names[column] = short
    }
    let counts = Dictionary(grouping: names.values, by: { $0 }).mapValues(\.count)
    for (column, short) in names where counts[short] != 1 || short.isEmpty {
      names[column] = column.name
    }
    return names
  }

  private func isNumber(_ column: RunColumn) -> Bool {
    switch column {
    case .metric, .fact(.duration), .fact(.cpu), .fact(.memory): true
    case .fact: false
    case .parameter:
      table.rows.allSatisfy { row in
        switch RunTable.value(row, column) {
        case nil, .number?: true
        default: false
        }
      }
    }
  }

  private static func isElastic(_ column: RunColumn) -> Bool {
    switch column {
    case .fact(.targets), .fact(.overrides), .fact(.note), .fact(.tags): true
    default: false
    }
  }

  private func importance(_ column: RunColumn) -> Int {
    switch column {
    case .fact(.id): 100
    case .metric(let name): name.contains("@") ? 5 : name.hasSuffix("score") ? 90 : 40
    case .fact(.outcome): 80
    case .parameter: 70
    case .fact(.overrides): 60
    case .fact(.tags): 50
    case .fact(.duration): 45
    case .fact(.note): 30
    case .fact(.targets): 20
    case .fact(.started): 10
    case .fact: 35
    }
  }

  private static func text(_ row: RunRow, _ column: RunColumn) -> String {
    switch column {
    case .fact(.started): return Console.time(row.started)
    case .fact(.duration): return row.seconds.map(Console.duration) ?? ""
    case .fact(.cpu): return row.cpuSeconds.map(Console.duration) ?? ""
    case .fact(.memory): return row.peakMemory.map { Console.amount(Double($0), "bytes") } ?? ""
    case .fact(.targets): return row.targets.isEmpty ? "all" : row.targets.joined(separator: " ")
    case .fact(.overrides): return overrides(row)
    case .fact(.commit): return String((row.git ?? "").prefix(10))
    case .metric(let name): return row.metrics[name].map(Console.number) ?? ""
    default: return RunTable.value(row, column)?.words ?? ""
    }
  }

  private static func overrides(_ row: RunRow) -> String {
    row.overrides.keys.sorted().map { key in
      let short = key.split(separator: ".").last ?? ""
      return "\(short)=\(RunTable.value(row, .parameter(key))?.words ?? "null")"
    }.joined(separator: " ")
  }

  // MARK: For programs

  func csv(_ chosen: [RunColumn]?) -> [String] {
    let columns =
      chosen ?? RunColumn.Fact.allCases.map(RunColumn.fact) + metrics.map(RunColumn.metric)
      + parameters.map(RunColumn.parameter)
    return [Console.csv(columns.map(\.name))]
      + table.rows.map { row in
        Console.csv(
          columns.map { column in
            column == .fact(.overrides)
              ? Self.overrides(row) : RunTable.value(row, column)?.words ?? ""
          })
      }
  }

  struct Line: Encodable {
    var id: String
    var started: String
    var ended: String?
    var outcome: String
    var exit: Int32?
    var targets: [String]
    var ran: [String]
    var seconds: Double?
    var cpuSeconds: Double?
    var peakMemoryBytes: Int?
    var overrides: [String: Value]
    var parameters: [String: Value]
    var metrics: [String: Double]
    var tags: [String]
    var note: String?
    var commit: String?
  }

  /// A parameter's value; a list is a text in JSON.
  struct Value: Encodable {
    var value: RunValue

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch value {
      case .number(let number):
        if number == number.rounded(), abs(number) < 1e15 {
          try container.encode(Int(number))
        } else {
          try container.encode(number)
        }
      case .flag(let flag): try container.encode(flag)
      case .text(let text): try container.encode(text)
      case .words(let words): try container.encode(words)
      }
    }
  }

  var json: [Line] {
    let parameters = parameters
    return table.rows.map { row in
      var values: [String: Value] = [:]
      for key in parameters {
        values[key] = RunTable.value(row, .parameter(key)).map { Value(value: $0) }
      }
      return Line(
        id: row.id, started: row.started, ended: row.ended, outcome: row.outcome, exit: row.exit,
        targets: row.targets, ran: row.ran, seconds: row.seconds, cpuSeconds: row.cpuSeconds,
        peakMemoryBytes: row.peakMemory,
        overrides: values.filter { row.overrides[$0.key] != nil },
        parameters: values,
        metrics: onlyChanged ? row.metrics.filter { metrics.contains($0.key) } : row.metrics,
        tags: row.tags, note: row.note, commit: row.git)
    }
  }
}
