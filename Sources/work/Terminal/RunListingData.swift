// The table of runs for programs: CSV and JSON.

import Basics
import Pipeline

extension RunListing {
  func csv(_ chosen: [RunColumn]?) -> [String] {
    let columns =
      chosen ?? RunColumn.Fact.allCases.map(RunColumn.fact) + metrics.map(RunColumn.metric)
      + parameters.map(RunColumn.parameter)
    return [CSV.line(columns.map(\.name))]
      + table.rows.map { row in
        CSV.line(
          columns.map { column in
            column == .fact(.overrides)
              ? Self.overrides(row) : RunTable.value(row, column)?.plainText ?? ""
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
      case .list(let list): try container.encode(list)
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
        overrides: row.overrides.reduce(into: [:]) { overrides, one in
          overrides[one.key] = RunTable.value(row, .parameter(one.key)).map { Value(value: $0) }
        },
        parameters: values,
        metrics: onlyChanged ? row.metrics.filter { metrics.contains($0.key) } : row.metrics,
        tags: row.tags, note: row.note, commit: row.git)
    }
  }
}
