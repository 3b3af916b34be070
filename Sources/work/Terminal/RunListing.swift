// The table of runs as `work runs` prints it for people: which columns, under which names, how exact.
// RunListingData.swift has the forms for programs.

import Basics
import Foundation
import Pipeline

/// Runs, and which of their parameters and metrics are of interest.
struct RunListing {
  let table: RunTable
  let metrics: [String]
  let onlyChanged: Bool
  var parameters: [String] { onlyChanged ? table.changedParameters : table.parameters }

  init(_ table: RunTable, onlyChanged: Bool) {
    self.table = table
    self.onlyChanged = onlyChanged
    let present = table.metrics.filter { name in table.rows.contains { $0.metrics[name] != nil } }
    metrics =
      onlyChanged
      ? present.filter { name in Set(table.rows.map { $0.metrics[name] }).count > 1 } : present
  }

  func table(_ chosen: [RunColumn]?) -> TextTable {
    let columns = chosen ?? standard
    let shorts = shortNames(columns)
    return TextTable(
      columns: columns.map { column in
        TextTable.Column(
          title: shorts[column] ?? column.name, isNumber: isNumber(column),
          isElastic: Self.isElastic(column), importance: importance(column))
      },
      rows: table.rows.map { row in columns.map { Self.text(row, $0) } },
      elsewhere: "--csv has all")
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
    case .fact(.started): return Readable.time(row.started)
    case .fact(.duration): return row.seconds.map(Readable.duration) ?? ""
    case .fact(.cpu): return row.cpuSeconds.map(Readable.duration) ?? ""
    case .fact(.memory): return row.peakMemory.map { Readable.bytes($0) } ?? ""
    case .fact(.targets): return row.targets.isEmpty ? "all" : row.targets.joined(separator: " ")
    case .fact(.overrides): return overrides(row)
    case .fact(.commit): return String((row.git ?? "").prefix(10))
    case .metric(let name): return row.metrics[name].map(Readable.number) ?? ""
    default: return RunTable.value(row, column)?.plainText ?? ""
    }
  }

  static func overrides(_ row: RunRow) -> String {
    row.overrides.keys.sorted().map { key in
      let short = key.split(separator: ".").last ?? ""
      return "\(short)=\(RunTable.value(row, .parameter(key))?.plainText ?? "null")"
    }.joined(separator: " ")
  }
}
