// What a cell shows, as HTML: each kind of display by its template.

import Foundation
import Notebook

/// Renders displays.
struct DisplayHTML {
  let templates: Templates
  /// The width of the text column in CSS pixels, and that of a phone's.
  static let columnWidth = 704.0
  static let phoneWidth = 350.0
  /// Room right of a picture in a grid, and between two tracks of rows; the style sheet has the same.
  static let pictureGap = 10.0
  static let trackGap = 16.0
  static let rowLimit = 500

  func html(_ display: Display) -> String {
    switch display {
    case .text(let text): Self.printed(text)
    case .markdown(let text):
      "<div class=\"prose\">" + Markdown(text, level: 4, id: { _ in "" }).html + "</div>\n"
    case .table(let table): html(table)
    case .chart(let chart): html(chart)
    case .picture(let picture):
      templates.fill(
        "grid",
        [
          "isGallery": true,
          "gallery": [["pictureHTML": html(picture, scale: scale(picture, wanted: 320))]],
        ])
    case .grid(let grid): html(grid)
    case .figures(let figures): html(figures)
    }
  }

  /// Text as a terminal shows it.
  static func printed(_ text: String) -> String {
    let lines = PrintedText.lines(text)
    return lines.isEmpty
      ? ""
      : "<pre class=\"printed\" tabindex=\"0\">"
        + HTML.escape(lines.joined(separator: "\n")) + "</pre>\n"
  }

  func html(_ chart: Chart) -> String {
    let data = ChartData(chart)
    let caption = ([chart.caption ?? ""] + data.notes).filter { !$0.isEmpty }
    return templates.fill(
      "chart",
      [
        "title": chart.title, "caption": caption.joined(separator: " "),
        "wideHTML": ChartSVG.render(data, width: Self.columnWidth, style: "wide"),
        "narrowHTML": ChartSVG.render(data, width: Self.phoneWidth, style: "narrow"),
      ])
  }

  func html(_ table: Table) -> String {
    let numeric = Set(table.numeric)
    let count = max(table.columns.count, table.rows.lazy.map(\.count).max() ?? 0)
    func cells(_ row: [String]) -> [[String: Any]] {
      (0..<count).map {
        ["text": $0 < row.count ? row[$0] : "", "numeric": numeric.contains($0)]
      }
    }
    var caption = table.caption ?? ""
    if table.rows.count > Self.rowLimit {
      caption +=
        (caption.isEmpty ? "" : " ")
        + "The first \(Format.count(Self.rowLimit)) of \(Format.count(table.rows.count)) rows."
    }
    return templates.fill(
      "table",
      [
        "title": table.title, "caption": caption, "heads": cells(table.columns),
        "rows": table.rows.prefix(Self.rowLimit).map { ["cells": cells($0)] },
      ])
  }

  func html(_ figures: [Figure]) -> String {
    guard !figures.isEmpty else { return "" }
    return templates.fill(
      "figures",
      [
        "figures": figures.map { figure -> [String: Any] in
          var fields: [String: Any] = ["name": figure.name, "value": figure.value]
          if let note = figure.note, !note.isEmpty { fields["remark"] = note }
          return fields
        }
      ])
  }

  // MARK: Pictures

  /// The steps of a series that a page can hold.
  static let mostSteps = 40

  /// Grids of one title, of which one at a time is seen, the last at first. Which one, a row of radio buttons says, so
  /// that arrow keys go from step to step; the style sheet does the rest.
  /// - Parameter name: unique on the page.
  func html(_ grids: [PictureGrid], name: String) -> String {
    let grids = Self.thinned(grids)
    guard grids.count > 1 else { return grids.map { html($0) }.joined() }
    return templates.fill(
      "series",
      [
        "title": grids[0].title, "caption": grids[0].caption,
        "steps": grids.enumerated().map { index, grid in
          var bare = grid
          (bare.title, bare.caption) = ("", nil)
          return [
            "group": name, "id": "\(name)-\(index + 1)", "label": grid.step ?? "\(index + 1)",
            "isLast": index == grids.count - 1, "gridHTML": html(bare),
          ] as [String: Any]
        },
      ])
  }

  /// As many as the style sheet knows, the last among them.
  private static func thinned(_ grids: [PictureGrid]) -> [PictureGrid] {
    let step = (grids.count + mostSteps - 1) / mostSteps
    return grids.enumerated().filter { (grids.count - 1 - $0.offset) % max(1, step) == 0 }
      .map(\.element)
  }

  func html(_ grid: PictureGrid) -> String {
    let isGallery = grid.columns.isEmpty && grid.rows.count <= 1
    var fields: [String: Any?] = [
      "title": grid.title, "caption": grid.caption, "isGallery": isGallery,
    ]
    if isGallery {
      let pictures = grid.rows.first ?? []
      let wanted = pictures.count <= 3 ? 220.0 : 101
      fields["gallery"] = pictures.map {
        ["pictureHTML": html($0, scale: scale($0, wanted: wanted))]
      }
    } else {
      let columns = max(1, grid.columns.count, grid.rows.map(\.count).max() ?? 1)
      fields["columnCount"] = columns
      fields["tracks"] = tracks(grid, columns: columns)
    }
    return templates.fill("grid", fields)
  }

  /// The rows in one or more tables beside each other, so that small pictures use the page's width.
  private func tracks(_ grid: PictureGrid, columns: Int) -> [[String: Any]] {
    let widest = grid.rows.joined().map(\.width).max() ?? 1
    let room = (Self.columnWidth - Double(columns) * Self.pictureGap) / Double(columns)
    let isTall = grid.rows.count > 3
    let wanted = min(room, isTall ? 128 : 208)
    let example = Picture(png: Data(), width: widest, height: widest, label: "")
    let scale = scale(example, wanted: wanted)
    let trackWidth = Double(columns) * (Double(widest) * scale + Self.pictureGap) + Self.trackGap
    let fitting = Int((Self.columnWidth + Self.trackGap) / trackWidth)
    let count = max(1, min(grid.rows.count / 2, fitting))
    let each = max(1, (grid.rows.count + count - 1) / count)
    return stride(from: 0, to: grid.rows.count, by: each).map { first in
      let rows = grid.rows[first..<min(grid.rows.count, first + each)]
      return [
        "heads": grid.columns, "hasHeads": !grid.columns.isEmpty,
        "rows": rows.map { row in
          // One label for the whole row may run on below its neighbours.
          let isSpread = row.dropFirst().allSatisfy { $0.label.isEmpty }
          return [
            "cells": row.enumerated().map { index, picture in
              let column = index < grid.columns.count ? grid.columns[index] : ""
              return [
                "pictureHTML": html(picture, scale: scale, column: column, isSpread: isSpread)
              ]
            }
          ]
        },
      ]
    }
  }

  /// How much larger a picture is shown: whole steps up to about `wanted` pixels, so that its own
  /// pixels stay squares; larger ones are shrunk by the style sheet where they must be.
  private func scale(_ picture: Picture, wanted: Double) -> Double {
    max(1, (wanted / Double(max(1, picture.width))).rounded(.down))
  }

  private func html(
    _ picture: Picture, scale: Double, column: String = "", isSpread: Bool = false
  ) -> String {
    let width = max(1, picture.width)
    let height = max(1, picture.height)
    var figure = ElementWriter()
    let size = Format.coordinate(Double(width) * scale)
    let style = isSpread ? "picture spread" : "picture"
    figure.element("figure", ["class": style, "style": "--w:\(size)px"]) {
      $0.leaf(
        "img",
        [
          "src": "data:image/png;base64," + picture.png.base64EncodedString(),
          "width": size, "height": Format.coordinate(Double(height) * scale),
          "alt": picture.label.isEmpty ? column : picture.label,
          "loading": "lazy", "decoding": "async",
          "class": width <= 512 ? "pixels" : "smooth",
        ])
      if !picture.label.isEmpty { $0.leaf("figcaption", [:], text: picture.label) }
    }
    return figure.text
  }
}
