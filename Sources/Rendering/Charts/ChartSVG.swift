// A chart as inline SVG. Colours and fonts come from the page's style sheet by class, so that one
// drawing serves light, dark and print.

package import Notebook

/// Draws charts.
package enum ChartSVG {
  /// The chart as one `svg` element, laid out for `width` CSS pixels.
  package static func render(_ chart: Chart, width: Double = 680) -> String {
    render(ChartData(chart), width: width, style: "")
  }

  /// What a reader must know of values that aren't drawn, in sentences; empty where all are.
  package static func notes(_ chart: Chart) -> [String] { ChartData(chart).notes }

  static func render(_ data: ChartData, width: Double, style: String) -> String {
    let layout = ChartLayout(data, width: width)
    let height = c(layout.height)
    var svg = ElementWriter()
    svg.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "chart \(style)", "role": "img",
        "aria-label": label(data), "viewBox": "0 0 \(c(width)) \(height)", "width": c(width),
        "height": height, "font-size": "12",
      ]
    ) { svg in
      legend(data, layout, &svg)
      axes(data, layout, &svg)
      if let x = layout.x, let y = layout.y {
        plot(data, layout, x, y, &svg)
        rules(data, layout, x, y, &svg)
      } else {
        let frame = "M\(c(layout.left)) \(c(layout.bottom))H\(c(layout.right))"
        svg.leaf("path", ["class": "axis", "d": frame])
        svg.leaf(
          "text",
          [
            "class": "nodata", "x": c((layout.left + layout.right) / 2),
            "y": c((layout.top + layout.bottom) / 2 + 4), "text-anchor": "middle",
          ], text: "no data")
      }
    }
    return svg.text
  }

  private static func label(_ data: ChartData) -> String {
    let axes = [data.chart.y.label, data.chart.x.label].filter { !$0.isEmpty }
    let title = data.chart.title.isEmpty ? "Chart" : data.chart.title
    return axes.isEmpty ? title : "\(title): \(axes.joined(separator: " against "))"
  }

  private static func legend(
    _ data: ChartData, _ layout: ChartLayout, _ svg: inout ElementWriter
  ) {
    for entry in layout.legend {
      let (name, series) = data.legend[entry.index]
      svg.element("g", ["class": "legend s\(series.colour % 6)"]) { svg in
        let x = entry.x
        let y = entry.y
        switch series.layer {
        case .line:
          let dashed = series.colour >= 6 ? "swatch line dashed" : "swatch line"
          svg.leaf("path", ["class": dashed, "d": "M\(c(x + 1)) \(c(y))h14"])
        case .points:
          svg.leaf("circle", ["class": "swatch", "cx": c(x + 8), "cy": c(y), "r": "4"])
        default:
          let isBand = if case .band = series.layer { true } else { false }
          svg.leaf(
            "rect",
            [
              "class": isBand ? "swatch area" : "swatch", "x": c(x + 2), "y": c(y - 6),
              "width": "12", "height": "12",
              "rx": "2",
            ])
        }
        svg.element("text", ["x": c(x + 22), "y": c(y + 4)]) { svg in
          if entry.text != name { svg.leaf("title", [:], text: name) }
          svg.leaf("tspan", [:], text: entry.text)
        }
      }
    }
  }

  private static func axes(_ data: ChartData, _ layout: ChartLayout, _ svg: inout ElementWriter) {
    svg.element("g", ["class": "grid"]) { svg in
      for tick in layout.yTicks where data.chart.y.categories == nil {
        svg.leaf("path", ["d": "M\(c(layout.left)) \(c(tick.position))H\(c(layout.right))"])
      }
      for tick in layout.xTicks where data.isHorizontal {
        svg.leaf("path", ["d": "M\(c(tick.position)) \(c(layout.top))V\(c(layout.bottom))"])
      }
    }
    svg.element("g", ["class": "ticks"]) { svg in
      for tick in layout.yTicks {
        text(tick.label, anchor: "end", y: tick.position + 4, &svg)
      }
      for tick in layout.xTicks {
        let y = layout.bottom + 8 + 11
        if layout.xAngle != 0 {
          let turn = "rotate(\(c(layout.xAngle)) \(c(tick.position + 4)) \(c(layout.bottom + 12)))"
          svg.element("g", ["transform": turn]) { svg in
            var label = tick.label
            label.x = tick.position + 4
            text(label, anchor: "end", y: layout.bottom + 14, &svg)
          }
        } else {
          text(tick.label, anchor: "middle", y: y, &svg)
        }
      }
    }
    for (row, line) in layout.yTitle.enumerated() {
      let y = layout.yTitleBaseline + Double(row) * ChartLayout.lineHeight
      svg.leaf("text", ["class": "axis-title", "x": "0", "y": c(y)], text: line)
    }
    for (row, line) in layout.xTitle.enumerated() {
      let y = layout.xTitleBaseline + Double(row) * ChartLayout.lineHeight
      svg.leaf(
        "text",
        [
          "class": "axis-title", "x": c((layout.left + layout.right) / 2), "y": c(y),
          "text-anchor": "middle",
        ], text: line)
    }
  }

  private static func text(
    _ label: ChartLayout.Label, anchor: String, y: Double, _ svg: inout ElementWriter
  ) {
    svg.element("text", ["x": c(label.x), "y": c(y), "text-anchor": anchor]) { svg in
      if let full = label.full { svg.leaf("title", [:], text: full) }
      for (row, line) in label.lines.enumerated() {
        svg.leaf(
          "tspan", ["x": c(label.x), "y": c(y + Double(row) * ChartLayout.lineHeight)], text: line)
      }
    }
  }

  /// The marks, cut at the plot's edge by a nested `svg` (which needs no id, unlike a clip path).
  private static func plot(
    _ data: ChartData, _ layout: ChartLayout, _ x: Scale, _ y: Scale, _ svg: inout ElementWriter
  ) {
    let room = 4.0
    var inner = (x: x, y: y)
    inner.x.start += room - layout.left
    inner.x.end += room - layout.left
    inner.y.start += room - layout.top
    inner.y.end += room - layout.top
    svg.element(
      "svg",
      [
        "x": c(layout.left - room), "y": c(layout.top - room),
        "width": c(layout.plotWidth + 2 * room), "height": c(layout.plotHeight + 2 * room),
      ]
    ) { ChartMarks(data: data, x: inner.x, y: inner.y).draw(into: &$0) }
    // Bars stand on zero; for everything else the axis is the plot's lower edge.
    let base = !data.hasBars || y.isLog || !y.shows(0) ? layout.bottom : y.baseline
    if data.isHorizontal && data.hasBars {
      svg.leaf(
        "path", ["class": "axis", "d": "M\(c(x.baseline)) \(c(layout.top))V\(c(layout.bottom))"])
    } else {
      svg.leaf("path", ["class": "axis", "d": "M\(c(layout.left)) \(c(base))H\(c(layout.right))"])
    }
  }

  private static func rules(
    _ data: ChartData, _ layout: ChartLayout, _ x: Scale, _ y: Scale, _ svg: inout ElementWriter
  ) {
    var across: [(position: Double, label: String)] = []
    svg.element("g", ["class": "rules"]) { svg in
      for one in data.series {
        guard case .rule(let ruleX, let ruleY, let label) = one.layer else { continue }
        if let value = ruleX, x.shows(value), let position = x(value) {
          svg.leaf("path", ["d": "M\(c(position)) \(c(layout.top))V\(c(layout.bottom))"])
        }
        if let value = ruleY, y.shows(value), let position = y(value) {
          svg.leaf("path", ["d": "M\(c(layout.left)) \(c(position))H\(c(layout.right))"])
          if !label.isEmpty { across.append((position, label)) }
        }
      }
      for label in layout.ruleLabels {
        text(label, anchor: "middle", y: label.y, &svg)
      }
      let baselines = RuleLabels.baselines(
        across.map(\.position), top: layout.top, bottom: layout.bottom)
      let crowd = Crowd(data, x, y)
      for (rule, baseline) in zip(across, baselines) {
        guard let baseline else { continue }
        let short = TextMeasure.truncated(
          rule.label, to: layout.plotWidth, size: ChartLayout.fontSize)
        let width = TextMeasure.width(short, size: ChartLayout.fontSize)
        let rows = baseline - 12...baseline + 4
        let onRight = crowd.count(in: layout.right - 2 - width...layout.right, rows)
        let onLeft = crowd.count(in: layout.left...layout.left + 4 + width, rows)
        let isLeft = onLeft < onRight
        text(
          ChartLayout.Label(lines: [short], x: isLeft ? layout.left + 4 : layout.right - 2, y: 0),
          anchor: isLeft ? "start" : "end", y: baseline, &svg)
      }
    }
  }

  private static func c(_ value: Double) -> String { Format.coordinate(value) }
}
