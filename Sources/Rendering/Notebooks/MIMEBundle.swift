// A display in the forms that Jupyter knows: the richest first, and always as plain text too.

import Basics
import Foundation
import Notebook

/// Turns displays into Jupyter's data by MIME type.
struct MIMEBundle {
  let displays: DisplayHTML

  /// Pictures beside each other in a gallery's table.
  private static let galleryColumns = 6

  /// The data of a display by MIME type.
  func data(_ display: Display) -> [String: JSONValue] {
    switch display {
    case .text(let text): ["text/plain": Self.lines(text)]
    case .markdown(let text): ["text/markdown": Self.lines(text), "text/plain": Self.lines(text)]
    case .table(let table):
      ["text/html": Self.lines(displays.html(table)), "text/plain": Self.lines(Self.plain(table))]
    case .chart(let chart):
      [
        "image/svg+xml": Self.lines(StandaloneChart.svg(chart)),
        "text/plain": Self.lines(Self.plain(chart)),
      ]
    case .picture(let picture):
      [
        "image/png": .string(picture.png.base64EncodedString()),
        "text/plain": .string(picture.label.isEmpty ? "picture" : picture.label),
      ]
    case .grid(let grid):
      ["text/html": Self.lines(Self.html(grid)), "text/plain": Self.lines(Self.plain(grid))]
    case .figures(let figures):
      [
        "text/html": Self.lines(displays.html(Self.table(figures))),
        "text/plain": Self.lines(
          figures.map { "\($0.name): \($0.value)" + ($0.note.map { " (\($0))" } ?? "") }
            .joined(separator: "\n")),
      ]
    }
  }

  /// What a display's data don't say themselves: how large a picture is.
  func metadata(_ display: Display) -> [String: JSONValue] {
    guard case .picture(let picture) = display else { return [:] }
    return [
      "image/png": .object(["width": .int(picture.width), "height": .int(picture.height)])
    ]
  }

  /// Text of several lines as Jupyter stores it: line by line, each with its end.
  static func lines(_ text: String) -> JSONValue {
    let lines = text.components(separatedBy: "\n")
    return .array(
      lines.enumerated().compactMap { index, line in
        let isLast = index == lines.count - 1
        return isLast && line.isEmpty ? nil : .string(isLast ? line : line + "\n")
      })
  }

  private static func table(_ figures: [Figure]) -> Table {
    let hasNotes = figures.contains { $0.note?.isEmpty == false }
    return Table(
      columns: figures.map(\.name),
      rows: [figures.map(\.value)] + (hasNotes ? [figures.map { $0.note ?? "" }] : []))
  }

  private static func plain(_ chart: Chart) -> String {
    let axes = [chart.y.label, chart.x.label].filter { !$0.isEmpty }.joined(separator: " against ")
    return [chart.title, axes, chart.caption ?? ""].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func plain(_ table: Table) -> String {
    let rows = ([table.columns] + table.rows.prefix(DisplayHTML.rowLimit))
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    let text = rows.map { row in
      (0..<count).map { column in
        let cell = column < row.count ? row[column] : ""
        let pad = String(repeating: " ", count: widths[column] - cell.count)
        return table.numeric.contains(column) ? pad + cell : cell + pad
      }.joined(separator: "  ").trimmingSuffix { $0 == " " }
    }
    return ([table.title].compactMap { $0 } + text + [table.caption].compactMap { $0 })
      .joined(separator: "\n")
  }

  private static func plain(_ grid: PictureGrid) -> String {
    let count = grid.rows.reduce(0) { $0 + $1.count }
    let labels = grid.rows.joined().map(\.label).filter { !$0.isEmpty }
    return (["\(grid.title): \(Format.count(count)) pictures", grid.caption ?? ""] + labels)
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// A grid as a plain table, since Jupyter has none of the page's styles.
  private static func html(_ grid: PictureGrid) -> String {
    let isGallery = grid.columns.isEmpty && grid.rows.count <= 1
    let all = grid.rows.first ?? []
    let rows =
      isGallery
      ? stride(from: 0, to: all.count, by: galleryColumns).map {
        Array(all[$0..<min(all.count, $0 + galleryColumns)])
      } : grid.rows
    var html = ElementWriter()
    if !grid.title.isEmpty { html.leaf("strong", [:], text: grid.title) }
    html.element("table", [:]) { html in
      if !grid.columns.isEmpty {
        html.element("thead", [:]) {
          $0.element("tr", [:]) { row in
            for column in grid.columns { row.leaf("th", [:], text: column) }
          }
        }
      }
      html.element("tbody", [:]) { html in
        for row in rows {
          html.element("tr", [:]) { html in
            for picture in row { html.element("td", [:]) { write(picture, &$0) } }
          }
        }
      }
    }
    if let caption = grid.caption { html.leaf("p", [:], text: caption) }
    return html.text
  }

  private static func write(_ picture: Picture, _ html: inout ElementWriter) {
    html.leaf(
      "img",
      [
        "src": "data:image/png;base64," + picture.png.base64EncodedString(),
        "width": "\(max(1, picture.width))", "height": "\(max(1, picture.height))",
        "alt": picture.label,
      ])
    if !picture.label.isEmpty {
      html.leaf("br", [:])
      html.leaf("small", [:], text: picture.label)
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(_ isTrimmed: (Character) -> Bool) -> String {
    String(self[..<(lastIndex { !isTrimmed($0) }.map(index(after:)) ?? startIndex)])
  }
}
