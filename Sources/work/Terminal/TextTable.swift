// Tables on standard output, as wide as the terminal: columns that can be shortened are, then the least
// important ones are left out, and it is said that they are.

import Foundation

struct TextTable {
  struct Column {
    var title: String
    var isNumber = false
    /// Whether it may be shortened, down to its title or eight characters.
    var isElastic = false
    /// The higher, the longer it stays.
    var importance = 0
  }

  var columns: [Column]
  var rows: [[String]]
  /// What shows the columns that a narrow terminal has no room for, as in "--csv has all".
  var elsewhere: String?

  /// Prints the table.
  ///
  /// - Parameter width: columns of the terminal; nil for as many as there are.
  func print(width: Int? = Console.outputColumns) {
    let (lines, left) = lines(width: width)
    let titles = lines.prefix(1).map { Console.output($0, Console.bold) }
    Console.line((titles + lines.dropFirst()).joined(separator: "\n"))
    if !left.isEmpty {
      Console.write(
        Console.dim(
          "too narrow for: \(left.joined(separator: ", "))" + (elsewhere.map { " (\($0))" } ?? ""))
          + "\n")
    }
  }

  /// The lines, titles first, and the titles of the columns that were left out.
  func lines(width limit: Int?) -> (lines: [String], left: [String]) {
    var shown = Array(columns.indices)
    var widths = columns.indices.map { index in
      max(Self.width(columns[index].title), rows.map { Self.width($0[index]) }.max() ?? 0)
    }
    var left: [String] = []
    if let limit {
      let natural = widths
      for index in shown where columns[index].isElastic {
        widths[index] = min(natural[index], max(8, Self.width(columns[index].title)))
      }
      func total() -> Int { shown.reduce(0) { $0 + widths[$1] } + 2 * max(0, shown.count - 1) }
      while total() > limit, shown.count > 1 {
        let least = shown.map { columns[$0].importance }.min()
        guard let last = shown.last(where: { columns[$0].importance == least }) else { break }
        shown.removeAll { $0 == last }
        left.append(columns[last].title)
      }
      // What room there is goes to those that were shortened, the most important first.
      for index in shown.sorted(by: { columns[$0].importance > columns[$1].importance }) {
        widths[index] += max(0, min(natural[index] - widths[index], limit - total()))
      }
    }
    func line(_ cells: [String]) -> String {
      var line = ""
      // Blanks that are owed to what follows, so that no line ends in any.
      var owed = 0
      for index in shown {
        let text = Self.shortened(cells[index], to: widths[index])
        let blanks = widths[index] - Self.width(text)
        if columns[index].isNumber { owed += blanks }
        if !text.isEmpty {
          line += String(repeating: " ", count: owed) + text
          owed = 0
        }
        owed += 2 + (columns[index].isNumber ? 0 : blanks)
      }
      return line
    }
    return ([line(columns.map(\.title))] + rows.map(line), left.reversed())
  }

  private static func shortened(_ text: String, to width: Int) -> String {
    Self.width(text) <= width ? text : text.prefix(max(0, width - 1)) + "…"
  }

  /// Characters of a text, without looking for those of several parts where there can be none.
  private static func width(_ text: String) -> Int {
    text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.count
  }
}
