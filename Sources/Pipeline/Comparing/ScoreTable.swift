// A table of scores, one a row, as a run keeps it: CSV whose first column names the row (an image), with a
// column `score` and perhaps a column `fold`.

import Foundation

/// Scores by name.
struct ScoreTable {
  struct Row {
    var fold: String?
    var score: Double
  }

  private(set) var rows: [String: Row] = [:]

  /// Reads CSV as RFC 4180 has it; nil where it has no column `score`, or a damaged row.
  init?(csv text: String) {
    var lines = Self.records(text)
    guard let header = lines.first, let score = header.firstIndex(of: "score"), score > 0 else {
      return nil
    }
    let fold = header.firstIndex(of: "fold")
    lines.removeFirst()
    for line in lines {
      guard line.count == header.count, let number = Double(line[score]), number.isFinite else {
        return nil
      }
      rows[line[0]] = Row(fold: fold.map { line[$0] }, score: number)
    }
  }

  private static func records(_ text: String) -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var wasQuote = false
    func close() {
      record.append(String(decoding: field, as: UTF8.self))
      field = []
    }
    for byte in text.utf8 {
      if isQuoted, byte != 0x22 {
        field.append(byte)
        continue
      }
      switch byte {
      case 0x22:
        // Two quotation marks within a field stand for one.
        if !isQuoted, wasQuote { field.append(byte) }
        isQuoted.toggle()
        wasQuote = !isQuoted
        continue
      case 0x2C: close()
      case 0x0A:
        close()
        records.append(record)
        record = []
      case 0x0D: break
      default: field.append(byte)
      }
      wasQuote = false
    }
    if !field.isEmpty || !record.isEmpty {
      close()
      records.append(record)
    }
    return records.filter { $0 != [""] }
  }
}
