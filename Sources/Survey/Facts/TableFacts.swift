// What tables are for: the one of run lengths, the one of depths, the one of classes.

import Basics
import Foundation

extension ServedTable {
  /// The fields of a column by its place.
  func column(at index: Int) -> [String] { csv.rows.map { $0[index] } }

  /// The column that most rows name an image of `ids` in, and the share of rows that do; nil below a half.
  func idColumn(among ids: Set<String>) -> (index: Int, share: Double)? {
    guard !csv.rows.isEmpty else { return nil }
    var best: (index: Int, share: Double)?
    for index in csv.columns.indices {
      let share = Double(csv.rows.count { ids.contains($0[index]) }) / Double(csv.rows.count)
      if share >= 0.5, share > best?.share ?? 0 { best = (index, share) }
    }
    return best
  }

  /// The column of run lengths: by what its fields look like or, where all are empty, by its name.
  func runLengthColumn(besides id: Int) -> Int? {
    var named: Int?
    for index in csv.columns.indices where index != id {
      let fields = column(at: index).filter { !$0.allSatisfy(\.isWhitespace) }
      let look = Sample.spread(fields.count, over: 200).count { RunLengthLook.hasRuns(fields[$0]) }
      let isNamed = RunLengthLook.isName(csv.columns[index])
      if look > 0, isNamed || 2 * look > min(fields.count, 200) { return index }
      // Fields that are empty, or hold a token for an empty mask.
      if isNamed, Set(fields).count <= 1, named == nil { named = index }
    }
    return named
  }

  /// A column of few values that come back from image to image: classes.
  func classColumn(besides taken: [Int], id: Int) -> Int? {
    let images = Set(column(at: id)).count
    return csv.columns.indices.first { index in
      guard !taken.contains(index) else { return false }
      let values = Set(column(at: index))
      let isNamed =
        Words.of(csv.columns[index]).contains {
          $0.hasPrefix("class") || $0.hasPrefix("categor") || $0 == "label" || $0 == "organ"
        } || csv.columns[index].lowercased().contains("class")
      return isNamed && values.count > 1 && values.count <= 256 && values.count < max(3, images)
    }
  }

  /// A column of numbers; nil where there is none.
  func numberColumn(besides taken: [Int]) -> Int? {
    csv.columns.indices.first { index in
      !taken.contains(index) && !csv.rows.isEmpty
        && csv.rows.allSatisfy { Double($0[index])?.isFinite == true }
    }
  }
}

/// What run lengths look like, before their dialect is known.
enum RunLengthLook {
  /// Whether a field holds runs: numbers in pairs, a list, or COCO's compressed text.
  static func hasRuns(_ text: String) -> Bool {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard let first = words.first else { return false }
    if words.count >= 2 {
      return words.count.isMultiple(of: 2)
        && words.allSatisfy { $0.utf8.allSatisfy { (48...57).contains($0) } }
        || first.hasPrefix("[") || first.hasPrefix("(") || first.hasPrefix("{")
    }
    return text.count > 8 && !text.contains("-") && text.contains { !$0.isNumber && !$0.isLetter }
  }

  /// Whether a column's name speaks of masks.
  static func isName(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["rle", "mask", "pixel", "encod", "segment", "annotation", "predict"].contains {
      name.contains($0)
    }
  }
}

/// The table with the run lengths of the training images.
struct TrainingTable: Sendable {
  var table: ServedTable
  var id: Int
  var mask: Int
  var classes: Int?
  /// Run lengths by image, in the order of rows.
  var texts: [String: [String]] = [:]
  /// The most rows that an image has, of one class where there are classes.
  var mostRows = 0
  /// Names of classes, sorted.
  var classNames: [String] = []

  /// The table that names most training images beside run lengths.
  init?(among tables: [ServedTable], ids: Set<String>) {
    var best: (table: ServedTable, id: Int, mask: Int, share: Double)?
    for table in tables {
      guard let (id, share) = table.idColumn(among: ids), share > best?.share ?? 0,
        let mask = table.runLengthColumn(besides: id)
      else { continue }
      best = (table, id, mask, share)
    }
    guard let best else { return nil }
    (table, id, mask) = (best.table, best.id, best.mask)
    classes = table.classColumn(besides: [id, mask], id: id)
    var rows: [String: Int] = [:]
    for row in table.csv.rows {
      texts[row[id], default: []].append(row[mask])
      rows[row[id] + "\u{0}" + (classes.map { row[$0] } ?? ""), default: 0] += 1
    }
    mostRows = rows.values.max() ?? 0
    if let classes { classNames = Numbered.sorted(Set(table.column(at: classes))) }
  }
}

/// Names in the order that people expect.
enum Numbered {
  /// By number where all are numbers, else by name.
  static func sorted(_ names: Set<String>) -> [String] {
    let numbers = names.compactMap { name in Int(name).map { ($0, name) } }
    return numbers.count == names.count
      ? numbers.sorted { $0 < $1 }.map(\.1) : names.sorted()
  }
}

/// A table of classes: values or colours of label maps, and names.
struct ClassTable<Value: Hashable & Comparable & Sendable>: Sendable {
  var table: ServedTable
  /// Values with their names: numbers ascending, colours as the table has them.
  var classes: [(value: Value, name: String)]

  /// The column of the classes' names.
  fileprivate static func names(of table: ServedTable) -> Int? {
    let named = table.csv.columns.indices.filter { index in
      let names = table.column(at: index)
      return Set(names).count == names.count
        && names.allSatisfy { $0.contains(where: \.isLetter) }
    }
    return named.first {
      table.csv.columns[$0].lowercased().contains("name")
        || table.csv.columns[$0].lowercased().contains("class")
    } ?? named.first
  }

  /// The columns of red, green and blue, in this order; nil where there are none.
  fileprivate static func colours(of table: ServedTable) -> [Int]? {
    let columns = table.csv.columns.map { $0.lowercased().filter(\.isLetter) }
    let found = [["r", "red"], ["g", "green"], ["b", "blue"]].compactMap { names in
      columns.firstIndex(where: names.contains)
    }
    return found.count == 3 ? found : nil
  }
}

extension ClassTable<Int> {
  /// A small table of a column of whole numbers, each once, and one of names.
  init?(among tables: [ServedTable]) {
    for table in tables where (2...256).contains(table.csv.rows.count) {
      let colours = Self.colours(of: table) ?? []
      let values = table.csv.columns.indices.first { index in
        let numbers = table.column(at: index).compactMap { Int($0) }
        return !colours.contains(index) && numbers.count == table.csv.rows.count
          && Set(numbers).count == numbers.count
          && numbers.allSatisfy { (0...65535).contains($0) }
      }
      guard let values, let names = Self.names(of: table) else { continue }
      self.table = table
      classes = table.csv.rows.compactMap { row in Int(row[values]).map { ($0, row[names]) } }
        .sorted { $0.value < $1.value }
      return
    }
    return nil
  }
}

extension ClassTable<UInt32> {
  /// A small table of columns of red, green and blue, each colour once, and one of names.
  init?(among tables: [ServedTable]) {
    for table in tables where (2...256).contains(table.csv.rows.count) {
      guard let columns = Self.colours(of: table), let names = Self.names(of: table) else {
        continue
      }
      let classes = table.csv.rows.compactMap { row -> (value: UInt32, name: String)? in
        let parts = columns.compactMap { UInt8(row[$0].trimmingCharacters(in: .whitespaces)) }
        guard parts.count == 3 else { return nil }
        return (parts.reduce(0) { $0 << 8 | UInt32($1) }, row[names])
      }
      guard classes.count == table.csv.rows.count, Set(classes.map(\.value)).count == classes.count
      else { continue }
      (self.table, self.classes) = (table, classes)
      return
    }
    return nil
  }
}
