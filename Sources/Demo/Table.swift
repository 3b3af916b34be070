// The demo's tables: comma-separated, one row a line.

import Foundation

/// A table's bytes. Ids, run lengths and numbers need no quotes.
func table(_ columns: [String], _ rows: [[String]]) -> Data {
  Data(([columns] + rows).map { $0.joined(separator: ",") + "\n" }.joined().utf8)
}
