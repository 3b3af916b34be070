// Whether a submission has what Kaggle wants of it: the columns and the ids of the sample submission, each as often.

public import Basics
public import Foundation

/// How a submission differs from the sample submission in what has to be the same.
public struct SampleCheck: Sendable, Equatable {
  /// Rows of the submission.
  public let rows: Int
  /// What differs, a sentence each; empty where nothing does.
  public let problems: [String]

  /// Compares two files. The order of rows may differ: Kaggle goes by the ids.
  ///
  /// - Parameters:
  ///   - predicted: the column of the predictions; the others together name a row.
  ///   - mayRepeat: whether a row's name may come more than once, as where each row is an instance.
  /// - Throws: `InputError` where a file is no table, or the sample has no such column.
  public init(_ submission: URL, sample: URL, predicted: String, mayRepeat: Bool) throws {
    try self.init(
      try CSV(contentsOf: submission), sample: try CSV(contentsOf: sample), predicted: predicted,
      mayRepeat: mayRepeat)
  }

  /// Compares two tables.
  public init(_ table: CSV, sample: CSV, predicted: String, mayRepeat: Bool) throws {
    _ = try sample.column(predicted)
    rows = table.rows.count
    guard table.columns == sample.columns else {
      problems = [
        "the columns are \(Self.list(table.columns)), and should be \(Self.list(sample.columns))"
      ]
      return
    }
    let here = Self.names(of: table, without: predicted)
    let wanted = Self.names(of: sample, without: predicted)
    let missing = wanted.filter { here[$0.key] == nil }
    let extra = here.filter { wanted[$0.key] == nil }
    let repeated =
      mayRepeat
      ? [:] : here.filter { name, place in wanted[name].map { place.count > $0.count } ?? false }
    let scarce =
      mayRepeat
      ? [:] : here.filter { name, place in wanted[name].map { place.count < $0.count } ?? false }
    problems = [
      Self.problem(
        missing, of: sample, "of the sample \(missing.count == 1 ? "is" : "are") missing"),
      Self.problem(extra, of: table, "\(extra.count == 1 ? "isn't" : "aren't") in the sample"),
      Self.problem(
        repeated, of: table,
        "\(repeated.count == 1 ? "comes" : "come") more often than in the sample"),
      Self.problem(
        scarce, of: table, "\(scarce.count == 1 ? "comes" : "come") less often than in the sample"),
    ].compactMap { $0 }
  }

  private struct Place {
    var line: Int
    var count = 1
  }

  private static func names(of table: CSV, without predicted: String) -> [[String]: Place] {
    let column = table.columns.firstIndex(of: predicted) ?? 0
    var names: [[String]: Place] = [:]
    for (row, line) in zip(table.rows, table.lines) {
      var name = row
      name.remove(at: column)
      names[name, default: Place(line: line, count: 0)].count += 1
    }
    return names
  }

  /// "12 rows of the sample are missing, such as “a1b2” (sample_submission.csv:7)"; nil where there are none.
  private static func problem(_ names: [[String]: Place], of table: CSV, _ what: String) -> String?
  {
    guard let first = names.min(by: { $0.value.line < $1.value.line }) else { return nil }
    let name = first.key.joined(separator: ", ")
    let count = names.count == 1 ? "a row" : "\(names.count.formatted()) rows"
    let file = table.name.lastPathName
    return "\(count) \(what), such as “\(name.prefix(60))” (\(file):\(first.value.line))"
  }

  private static func list(_ columns: [String]) -> String {
    columns.map { "“\($0.prefix(40))”" }.joined(separator: ", ")
  }
}
