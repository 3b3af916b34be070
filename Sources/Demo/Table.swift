// Tables of a synthetic competition as bytes.

import Basics
import Foundation

/// A table as CSV in UTF-8.
func table(_ columns: [String], _ rows: [[String]]) -> Data {
  Data(CSV(columns: columns, rows: rows).text.utf8)
}
