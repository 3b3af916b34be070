// The runs as a table whose columns are facts of the run, parameters and metrics, each by a full name or
// by as much of its end as tells it from the others.

import Basics
import Foundation

/// What a cell of the table holds.
public enum RunValue: Sendable, Equatable {
  case number(Double)
  case text(String)
  case flag(Bool)
  /// Tags, or names.
  case list([String])
}

/// A column of the table of runs.
public enum RunColumn: Sendable, Hashable {
  /// A fact of the run itself.
  public enum Fact: String, Sendable, CaseIterable {
    case id, started, outcome, targets, duration, cpu, memory, overrides, tags, note, commit
  }

  case fact(Fact)
  /// By dotted key.
  case parameter(String)
  /// By "INSTANCE.NAME" or "STAGE.NAME".
  case metric(String)

  /// Its full name.
  public var name: String {
    switch self {
    case .fact(let fact): fact.rawValue
    case .parameter(let key), .metric(let key): key
    }
  }
}

/// Runs, with all columns that any of them has.
public struct RunTable: Sendable {
  /// Newest first, unless sorted.
  public private(set) var rows: [RunRow]
  /// Sorted.
  public let metrics: [String]

  /// Reads the runs of a workspace.
  public init(_ history: RunHistory) { self.init(rows: RunIndex.rows(history)) }

  package init(rows: [RunRow]) {
    self.rows = rows
    metrics = Set(rows.flatMap(\.metrics.keys)).sorted(by: Self.isBefore)
  }

  /// Keys of all parameters that any run has, sorted.
  public var parameters: [String] {
    var keys: Set<String> = []
    for row in rows {
      for key in row.parameters.keys where !keys.contains(key) { keys.insert(key) }
    }
    return keys.sorted()
  }

  /// What an instance told stands behind what its stage did, and "@2" before "@10".
  private static func isBefore(_ a: String, _ b: String) -> Bool {
    if a.contains("@") != b.contains("@") { return b.contains("@") }
    return a.compare(b, options: .numeric) == .orderedAscending
  }

  // MARK: Columns

  /// The column that a name stands for: a fact, a metric or parameter by full name, or by the part behind
  /// one of its dots where that is the only such one. An instance's own metric needs its full name where its
  /// stage has the metric, too; `_` stands for a blank as well.
  ///
  /// - Throws: `PipelineError` with what there is.
  public func column(_ name: String) throws -> RunColumn {
    if let fact = RunColumn.Fact(rawValue: name) { return .fact(fact) }
    let all = metrics.map { RunColumn.metric($0) } + parameters.map { RunColumn.parameter($0) }
    let wanted = Self.plain(name)
    if let exact = all.first(where: { Self.plain($0.name) == wanted }) { return exact }
    let ends = all.filter { Self.plain($0.name).hasSuffix("." + wanted) }
    let shared = ends.filter { !$0.name.contains("@") }
    let found = shared.isEmpty ? ends : shared
    if found.count == 1 { return found[0] }
    guard found.isEmpty else {
      let some = found.prefix(4).map(\.name).joined(separator: ", ")
      throw PipelineError(
        "“\(name)” may be \(some)\(found.count > 4 ? ", …" : ""): write more of the name")
    }
    let short = all.map { String($0.name.split(separator: ".").last ?? "") }
    throw PipelineError(
      "no run has a metric or parameter “\(name)”"
        + Spelling.didYouMean(
          name, among: RunColumn.Fact.allCases.map(\.rawValue) + short + all.map(\.name))
    )
  }

  private static func plain(_ name: String) -> String { name.replacing(" ", with: "_") }

  /// What a run has in a column, or nil.
  public static func value(_ row: RunRow, _ column: RunColumn) -> RunValue? {
    switch column {
    case .metric(let name): return row.metrics[name].map { .number($0) }
    // Of runtime parameters, which change no result, only what was overridden is known.
    case .parameter(let key):
      return (row.parameters[key] ?? row.overrides[key]).flatMap(value(json:))
    case .fact(let fact):
      switch fact {
      case .id: return .text(row.id)
      case .started: return .text(row.started)
      case .outcome: return .text(row.outcome)
      case .targets: return .list(row.targets)
      case .duration: return row.seconds.map { .number($0) }
      case .cpu: return row.cpuSeconds.map { .number($0) }
      case .memory: return row.peakMemory.map { .number(Double($0)) }
      case .overrides: return .list(overrides(row))
      case .tags: return .list(row.tags)
      case .note: return row.note.map { .text($0) }
      case .commit: return row.git.map { .text($0) }
      }
    }
  }

  /// What was overridden, in the ways that people write it: `train.lr`, `train.lr=0.4`, `lr=0.4`.
  private static func overrides(_ row: RunRow) -> [String] {
    row.overrides.sorted { $0.key < $1.key }.flatMap { key, json in
      let words = value(json: json)?.plainText ?? "null"
      return [key, "\(key)=\(words)", "\(key.split(separator: ".").last ?? "")=\(words)"]
    }
  }

  private static func value(json: String) -> RunValue? {
    switch json {
    case "null": return nil
    case "true": return .flag(true)
    case "false": return .flag(false)
    default: break
    }
    if let number = Double(json) { return .number(number) }
    guard json.hasPrefix("\"") else { return .text(json) }
    let text = try? JSONDecoder().decode(String.self, from: Data(json.utf8))
    return .text(text ?? json)
  }

  /// Parameters of which not all runs have the same value, or some have none.
  public var changedParameters: [String] {
    parameters.filter { key in
      let first = rows.first?.parameters[key]
      return rows.contains { $0.parameters[key] != first }
    }
  }

  // MARK: Choosing and sorting

  /// Keeps the runs of which an expression holds; see `RunQuery`.
  public func filtered(_ expression: String) throws -> RunTable {
    let query = try RunQuery(expression, self)
    return RunTable(rows: rows.filter(query.holds))
  }

  /// Sorts by a column, downwards where its name begins with `-`; runs without a value come last.
  public mutating func sort(by name: String) throws {
    let isDown = name.hasPrefix("-")
    let column = try column(isDown ? String(name.dropFirst()) : name)
    let keyed = rows.enumerated().map { (index: $0, value: Self.value($1, column), row: $1) }
    rows = keyed.sorted { a, b in
      guard let x = a.value, let y = b.value else {
        return a.value != nil || (b.value == nil && a.index < b.index)
      }
      if Self.isLess(x, y) { return !isDown }
      if Self.isLess(y, x) { return isDown }
      return a.index < b.index
    }.map(\.row)
  }

  /// Keeps the first so many rows.
  public mutating func limit(to count: Int) { rows = Array(rows.prefix(count)) }

  /// Numbers come before texts.
  private static func isLess(_ a: RunValue, _ b: RunValue) -> Bool {
    switch (a, b) {
    case (.number(let a), .number(let b)): a < b
    case (.number, _): true
    case (_, .number): false
    default: a.plainText.compare(b.plainText, options: .numeric) == .orderedAscending
    }
  }
}

extension RunValue {
  /// The value as a person would write it.
  public var plainText: String {
    switch self {
    case .number(let number):
      number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
    case .text(let text): text
    case .flag(let flag): String(flag)
    case .list(let list): list.joined(separator: " ")
    }
  }
}
