// A submission's file as rows by what they are of: an image, an image and class, or all instances of an image.

public import Basics
public import Foundation
import Imaging

/// The rows of a submission.
public struct SubmissionTable: Sendable {
  /// The run lengths of all rows with the same other columns.
  struct Masks: Sendable {
    var texts: [String]
    /// Of the first of them.
    var line: Int
  }

  /// The file's name, as errors give it.
  public let name: String
  /// Rows of the file.
  public let count: Int
  /// Rows with an empty mask.
  public let empty: Int
  /// By all columns but that of the masks.
  let masks: [[String]: Masks]
  let layout: SubmissionLayout

  /// Reads a file.
  ///
  /// - Throws: `InputError` where it is no table, or has no column of masks.
  public init(contentsOf url: URL, _ layout: SubmissionLayout) throws {
    try self.init(try CSV(contentsOf: url), layout)
  }

  /// Takes a table apart.
  ///
  /// - Throws: `InputError` where it has no column of masks.
  public init(_ table: CSV, _ layout: SubmissionLayout) throws {
    name = table.name
    self.layout = layout
    count = table.rows.count
    let texts = try table.column(layout.maskColumn)
    let column = table.columns.firstIndex(of: layout.maskColumn) ?? 0
    var masks: [[String]: Masks] = [:]
    for (index, row) in table.rows.enumerated() {
      var key = row
      key.remove(at: column)
      masks[key, default: Masks(texts: [], line: table.lines[index])].texts.append(texts[index])
    }
    self.masks = masks
    empty = texts.count { layout.isEmpty($0) }
  }
}

extension SubmissionLayout {
  /// Whether a cell holds no mask.
  func isEmpty(_ text: String) -> Bool {
    let words = text.split(whereSeparator: \.isWhitespace)
    return words.isEmpty || words == rle.empty.split(whereSeparator: \.isWhitespace)
  }
}
