// Comma-separated tables (RFC 4180), read whole, with errors that name the file and the line. Own
// code, since the Swift packages for it report neither, and a competition's tables are where bad
// input starts.

public import Foundation

/// A table with named columns. Every row has a field for every column.
public struct CSV: Sendable {
  /// The file's name as errors give it.
  public let name: String
  /// The columns' names, from left to right.
  public let columns: [String]
  /// The rows below the header, each with a field for every column.
  public private(set) var rows: [[String]]
  /// The line (1-based) at which each row begins.
  public private(set) var lines: [Int]

  /// A table without rows, to be filled and written.
  public init(columns: [String]) {
    name = "(new table)"
    self.columns = columns
    rows = []
    lines = []
  }

  /// Adds a row, with a field for every column.
  public mutating func append(_ row: [String]) {
    precondition(row.count == columns.count, "a row needs a field for every column")
    rows.append(row)
    lines.append(rows.count + 1)
  }

  /// A table with rows, to be written.
  public init(columns: [String], rows: some Sequence<[String]>) {
    self.init(columns: columns)
    for row in rows { append(row) }
  }

  /// The table as text, with line ends of `\n`. Fields are quoted where they must be.
  public var text: String { ([columns] + rows).map { Self.line($0) + "\n" }.joined() }

  /// One record, without a line end. Fields are quoted where they must be.
  public static func line(_ fields: [String]) -> String {
    // By bytes, since a quotation mark and an accent after it are one character.
    func quoted(_ field: String) -> String {
      guard field.utf8.contains(where: { ",\"\n\r".utf8.contains($0) }) else { return field }
      let quote = UInt8(ascii: "\"")
      let doubled = field.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }
      return "\"" + String(decoding: doubled, as: UTF8.self) + "\""
    }
    // A lone empty field is quoted, since an empty line is no row.
    return fields == [""] ? "\"\"" : fields.map(quoted).joined(separator: ",")
  }

  /// Writes the table in UTF-8, whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func write(to url: URL) throws { try WholeFile.write(text, to: url) }

  /// Reads a table from a file in UTF-8 (with or without a byte-order mark; any line ending). Empty
  /// lines are no rows.
  ///
  /// - Throws: `InputError` with file and line: not readable, not UTF-8, no header, a column named
  ///   twice, a row with too few or too many fields, a quote that never ends.
  public init(contentsOf url: URL) throws {
    let data: Data
    do { data = try Data(contentsOf: url) } catch {
      throw InputError(
        "\(url.path): can't be read (\(systemReason(error)))")
    }
    try self.init(data, name: url.path)
  }

  /// Reads a table from bytes; `name` is for errors.
  public init(_ data: Data, name: String) throws {
    guard let text = String(data: data, encoding: .utf8) else {
      throw InputError("\(name): not a text in UTF-8")
    }
    var records = try Self.records(of: text, name: name)
    guard !records.isEmpty else { throw InputError("\(name): is empty") }
    let head = records.removeFirst()
    let header = head.fields
    for (index, column) in header.enumerated() where header[..<index].contains(column) {
      guard !column.isEmpty else {
        throw InputError(
          "\(name):\(head.line): \(header.count { $0.isEmpty }) of its \(header.count) columns have no name, as a spreadsheet "
            + "leaves empty ones behind; delete these columns and save it again")
      }
      throw InputError(
        "\(name):\(head.line): the column “\(column)” appears twice")
    }
    for record in records where record.fields.count != header.count {
      throw InputError(
        "\(name):\(record.line): \(record.fields.count) fields where the header has \(header.count)"
      )
    }
    self.name = name
    columns = header
    rows = records.map(\.fields)
    lines = records.map(\.line)
  }

  /// The fields of one column, from top to bottom.
  ///
  /// - Throws: `InputError` naming the columns that there are.
  public func column(_ name: String) throws -> [String] {
    guard let index = columns.firstIndex(of: name) else {
      throw InputError(
        "\(self.name): no column “\(name)” (there are: \(columnNames)); "
          + (separatorHint ?? "its name is set under competition.columns in params.yaml"))
    }
    return rows.map { $0[index] }
  }

  /// The names of its columns, for messages.
  public var columnNames: String {
    columns.map {
      $0.isEmpty ? "one without a name, as of an index of pandas (index=False leaves it out)" : $0
    }
    .joined(separator: ", ")
  }

  /// What to do where something else than commas stands between the fields; nil where it doesn't.
  private var separatorHint: String? {
    guard columns.count == 1, let header = columns.first else { return nil }
    let others = [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")]
    return others.first { header.contains($0.0) }.map {
      "\($0.1) stand between its fields, should be commas: save it again as CSV with commas"
    }
  }

  /// One column as numbers.
  ///
  /// - Throws: `InputError` with the line of the first field that isn't a number.
  public func numbers(_ name: String) throws -> [Double] {
    try zip(column(name), lines).map { field, line in
      guard let number = Double(field), number.isFinite else {
        throw InputError(
          "\(self.name):\(line): “\(field)” in \(name) is not a number")
      }
      return number
    }
  }

  /// Values of one column by another's.
  ///
  /// - Throws: `InputError` where a key appears twice.
  public func dictionary(_ key: String, _ value: String) throws -> [String: String] {
    var found: [String: String] = [:]
    for (index, (key, value)) in zip(try column(key), try column(value)).enumerated() {
      guard found.updateValue(value, forKey: key) == nil else {
        throw InputError("\(name):\(lines[index]): “\(key)” appears twice")
      }
    }
    return found
  }

  private struct Row {
    var fields: [String]
    var line: Int
  }

  private static func records(of text: String, name: String) throws -> [Row] {
    let quote = UInt8(ascii: "\""), comma = UInt8(ascii: ","), newline = UInt8(ascii: "\n")
    let carriageReturn = UInt8(ascii: "\r")
    let bytes = Array(text.utf8)
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var rows: [Row] = []
    var fields: [String] = [], field: [UInt8] = []
    var line = 1, rowLine = 1, quoteLine = 0
    var quoted = false, closed = false
    var index = 0

    func fail(_ line: Int, _ what: String) -> InputError {
      InputError("\(name):\(line): \(what)")
    }
    /// Whether a line feed comes next, which makes one line end with a carriage return before it.
    func lineFeedFollows() -> Bool { index < bytes.count && bytes[index] == newline }
    func endField() {
      fields.append(String(decoding: field, as: UTF8.self))
      field.removeAll(keepingCapacity: true)
      closed = false
    }
    func endRow() {
      if fields.isEmpty && field.isEmpty && !closed { return }
      endField()
      rows.append(Row(fields: fields, line: rowLine))
      fields = []
    }

    while index < bytes.count {
      // A byte order mark, which may also come behind empty lines.
      if rows.isEmpty, fields.isEmpty, field.isEmpty, !quoted, !closed,
        bytes[index...].starts(with: mark)
      {
        index += mark.count
        continue
      }
      let byte = bytes[index]
      index += 1
      if quoted {
        if byte == quote {
          if index < bytes.count, bytes[index] == quote {
            field.append(quote)
            index += 1
          } else {
            quoted = false
            closed = true
          }
        } else {
          if byte == newline || byte == carriageReturn && !lineFeedFollows() { line += 1 }
          field.append(byte)
        }
        continue
      }
      switch byte {
      case quote where field.isEmpty && !closed:
        quoted = true
        quoteLine = line
      case quote: throw fail(line, "a quotation mark in the middle of a field")
      case comma: endField()
      case newline, carriageReturn:
        if byte == carriageReturn, lineFeedFollows() { index += 1 }
        endRow()
        line += 1
        rowLine = line
      default:
        guard !closed else { throw fail(line, "text after a quoted field") }
        field.append(byte)
      }
    }
    guard !quoted else { throw fail(quoteLine, "a quotation mark that is never closed") }
    endRow()
    return rows
  }
}
