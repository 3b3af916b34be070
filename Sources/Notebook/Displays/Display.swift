// What a cell can show, as data: text, Markdown, a table, a chart, pictures, key figures.

public import Foundation

/// A PNG picture and how large it is meant to be seen.
public struct Picture: Codable, Sendable, Equatable {
  /// The PNG file's bytes.
  public var png: Data
  /// The picture's own width in pixels.
  public var width: Int
  /// The picture's own height in pixels.
  public var height: Int
  /// What the picture shows, in words: the caption below it and the text for those who can't see
  /// it.
  public var label: String

  /// A picture from the bytes of a PNG file.
  public init(png: Data, width: Int, height: Int, label: String) {
    self.png = png
    self.width = width
    self.height = height
    self.label = label
  }
}

/// Pictures in rows under named columns, as in "image | mask | overlay".
public struct PictureGrid: Codable, Sendable, Equatable {
  /// The heading.
  public var title: String
  /// What to see, in words.
  public var caption: String?
  /// Heads of the columns; empty for a plain gallery that wraps as the page is wide.
  public var columns: [String]
  /// The pictures, row by row.
  public var rows: [[Picture]]
  /// What sets it apart from others of the same title that a cell shows, such as "epoch 4": a page has them all in one
  /// place, and one at a time is seen. nil for one by itself.
  public var step: String?

  /// A grid of rows under column heads.
  public init(
    title: String, caption: String? = nil, columns: [String] = [], rows: [[Picture]],
    step: String? = nil
  ) {
    self.title = title
    self.caption = caption
    self.columns = columns
    self.rows = rows
    self.step = step
  }

  /// A gallery that wraps.
  public init(title: String, caption: String? = nil, gallery: [Picture]) {
    self.init(title: title, caption: caption, rows: [gallery])
  }
}

/// A table of text; columns of numbers are set to the right.
public struct Table: Codable, Sendable, Equatable {
  /// The heading, if any.
  public var title: String?
  /// What to see, in words.
  public var caption: String?
  /// Heads of the columns.
  public var columns: [String]
  /// The cells, row by row; a short row is filled up with empty ones.
  public var rows: [[String]]
  /// Which columns hold numbers and are set to the right.
  public var numeric: [Int]

  /// A table; columns in which every filled cell reads as a number are set to the right.
  public init(title: String? = nil, caption: String? = nil, columns: [String], rows: [[String]]) {
    self.title = title
    self.caption = caption
    self.columns = columns
    self.rows = rows
    numeric = columns.indices.filter { column in
      let cells = rows.compactMap { column < $0.count && !$0[column].isEmpty ? $0[column] : nil }
      return !cells.isEmpty
        && cells.allSatisfy { cell in
          Double(cell.filter { !",%+ ×".contains($0) }) != nil
        }
    }
  }
}

/// One key figure of a page, such as "out-of-fold score" 0.7312 "mean precision, 3 folds".
public struct Figure: Codable, Sendable, Equatable {
  /// What the value is.
  public var name: String
  /// The value as it is set.
  public var value: String
  /// A few words on it, set small.
  public var note: String?

  /// A named value with an optional note.
  public init(_ name: String, _ value: String, note: String? = nil) {
    self.name = name
    self.value = value
    self.note = note
  }
}

/// Anything that a cell can show.
public enum Display: Codable, Sendable, Equatable {
  case text(String)
  case markdown(String)
  case table(Table)
  case chart(Chart)
  case picture(Picture)
  case grid(PictureGrid)
  case figures([Figure])
}
