// A chart as an SVG file of its own: with its title, its caption and the page's light colours, for places
// that have no style sheet of ours.

import Notebook

/// Charts that stand for themselves.
enum StandaloneChart {
  private static let margin = 16.0
  private static let titleSize = 15.0

  /// The chart as a whole SVG document of `width` pixels, on white.
  static func svg(_ chart: Chart, width: Double = 680) -> String {
    let data = ChartData(chart)
    let inner = width - 2 * margin
    let layout = ChartLayout(data, width: inner)
    let caption = ([chart.caption ?? ""] + data.notes).filter { !$0.isEmpty }
      .joined(separator: " ")
    let captionLines = caption.isEmpty ? [] : lines(caption, width: inner)
    let top = margin + (chart.title.isEmpty ? 0 : titleSize + 12)
    let bottom = top + layout.height
    let height = bottom + Double(captionLines.count) * 17 + (captionLines.isEmpty ? 0 : 8) + margin
    let (w, h) = (Format.coordinate(width), Format.coordinate(height))
    var svg = ElementWriter()
    svg.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "work-chart", "viewBox": "0 0 \(w) \(h)",
        "width": w, "height": h, "font-family": "sans-serif", "font-size": "12",
      ]
    ) { svg in
      svg.raw("<style>\(style)</style>")
      svg.leaf("rect", ["width": w, "height": h, "fill": "#fff"])
      if !chart.title.isEmpty {
        svg.leaf(
          "text",
          [
            "class": "chart-title", "x": Format.coordinate(margin),
            "y": Format.coordinate(margin + titleSize - 3),
          ], text: chart.title)
      }
      svg.raw(
        "<g transform=\"translate(\(Format.coordinate(margin)) \(Format.coordinate(top)))\">"
          + ChartSVG.render(data, width: inner, style: "") + "</g>")
      for (row, line) in captionLines.enumerated() {
        svg.leaf(
          "text",
          [
            "class": "chart-caption", "x": Format.coordinate(margin),
            "y": Format.coordinate(bottom + 20 + Double(row) * 17),
          ], text: line)
      }
    }
    return svg.text
  }

  private static func lines(_ caption: String, width: Double) -> [String] {
    TextMeasure.wrapped(caption, to: width, size: 12, lines: 12)
      ?? [TextMeasure.truncated(caption, to: width, size: 12)]
  }

  /// The page's rules for charts with the light colours put in, held to this drawing by its class: a
  /// notebook is one document, and its rules hold for all of it.
  private static let style =
    Style.lightCharts.split(separator: "\n")
    .filter { $0.hasPrefix(".chart ") || $0.hasPrefix(".s") }
    .flatMap { $0.split(separator: "}").map { ".work-chart \($0)}" } }
    .joined(separator: "\n")
    + "\n.work-chart .chart-title{font-size:15px;font-weight:600;fill:\(Style.light("ink"))}"
    + "\n.work-chart .chart-caption{font-size:12px;fill:\(Style.light("soft"))}"
}
