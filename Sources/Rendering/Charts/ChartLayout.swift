// Where the parts of a chart stand: legend, titles, labels of ticks and rules, and the plot between them.

import Notebook

/// Label sizes and places for one chart at one width; nothing overlaps by estimated text widths.
struct ChartLayout {
  /// A text with its place; `lines` are set below each other.
  struct Label {
    var lines: [String]
    var x: Double
    var y: Double
    /// The whole text, where `lines` doesn't hold all of it.
    var full: String?
  }

  static let fontSize = 12.0
  static let lineHeight = 15.0

  let width: Double
  private(set) var height: Double
  private(set) var left = 0.0
  private(set) var right = 0.0
  private(set) var top = 0.0
  private(set) var bottom = 0.0
  private(set) var x: Scale?
  private(set) var y: Scale?
  private(set) var xTicks: [(position: Double, label: Label)] = []
  /// The x labels are turned by this many degrees; 0 for upright.
  private(set) var xAngle = 0.0
  private(set) var yTicks: [(position: Double, label: Label)] = []
  /// Entries of the legend: the index in `ChartData.legend` and the place of the swatch.
  private(set) var legend: [(index: Int, text: String, x: Double, y: Double)] = []
  private(set) var yTitle: [String] = []
  private(set) var xTitle: [String] = []
  private(set) var ruleLabels: [Label] = []

  /// The plot's own size.
  var plotWidth: Double { right - left }
  var plotHeight: Double { bottom - top }
  var yTitleBaseline = 0.0

  init(_ data: ChartData, width: Double) {
    self.width = width
    let chart = data.chart
    let plotHeight =
      data.x == nil
      ? 110
      : data.isHorizontal
        ? max(80, Double(chart.y.categories?.count ?? 1) * 26) : width < 480 ? 220 : 280
    height = plotHeight
    right = width - 10
    if data.x != nil { layLegend(data) }
    layYTitle(chart)
    // The bottom isn't known before the x labels are; the height of the plot is.
    layYAxis(data, plotHeight: plotHeight)
    layXAxis(data)
    layRules(data)
    bottom = top + plotHeight
    // Named rows are read from the top, measured values rise from the bottom.
    y?.start = chart.y.categories == nil ? bottom : top
    y?.end = chart.y.categories == nil ? top : bottom
    if let y {
      yTicks = yTicks.compactMap { tick in
        y(tick.position).map { position in
          var label = tick.label
          label.y = position
          return (position, label)
        }
      }
    }
    let labels =
      xAngle != 0
      ? rotatedDepth : Double(xTicks.map(\.label.lines.count).max() ?? 0) * Self.lineHeight
    let titleHeight = Double(xTitle.count) * Self.lineHeight
    height = bottom + 8 + labels + (xTitle.isEmpty ? 4 : titleHeight + 8)
  }

  /// The baseline of the x title's first line.
  var xTitleBaseline: Double { height - Double(xTitle.count) * Self.lineHeight + 9 }

  private mutating func layLegend(_ data: ChartData) {
    var x = 0.0
    var row = 0
    for (index, entry) in data.legend.enumerated() {
      let text = TextMeasure.truncated(entry.name, to: width - 40, size: Self.fontSize)
      let size = 22 + TextMeasure.width(text, size: Self.fontSize) + 16
      if x > 0, x + size > width {
        x = 0
        row += 1
      }
      legend.append((index, text, x, Double(row) * 20 + 10))
      x += size
    }
    top = legend.isEmpty ? 0 : Double(row + 1) * 20 + 6
  }

  private mutating func layYTitle(_ chart: Chart) {
    guard !chart.y.label.isEmpty else {
      top += 8
      return
    }
    yTitle = Self.title(chart.y.label, width: width)
    yTitleBaseline = top + 12
    top += Double(yTitle.count) * Self.lineHeight + 11
  }

  private static func title(_ text: String, width: Double) -> [String] {
    TextMeasure.wrapped(text, to: width, size: fontSize, lines: 2)
      ?? [TextMeasure.truncated(text, to: width, size: fontSize)]
  }

  private mutating func layYAxis(_ data: ChartData, plotHeight: Double) {
    left = 8
    guard let ends = data.y else { return }
    let scale = Scale(
      low: ends.low, high: ends.high,
      isLog: data.chart.y.scale == .log && data.chart.y.categories == nil,
      start: plotHeight, end: 0)
    y = scale
    let texts: [(value: Double, text: String, full: String?)]
    if let categories = data.chart.y.categories {
      let room = plotHeight / Double(max(1, categories.count))
      let step = max(1, Int((Self.lineHeight / room).rounded(.up)))
      texts = categories.enumerated().filter { $0.offset % step == 0 }.map { index, name in
        let short = TextMeasure.truncated(name, to: width * 0.34, size: Self.fontSize)
        return (Double(index), short, short == name ? nil : name)
      }
    } else {
      let ticks = Ticks.fitting(
        scale: scale, target: max(2, Int(plotHeight / 36)), gap: 4, size: { _ in Self.lineHeight })
      texts = zip(ticks.values, ticks.labels).map { ($0, $1, nil) }
    }
    let widest = texts.map { TextMeasure.width($0.text, size: Self.fontSize) }.max() ?? 0
    left = max(left, widest + 10)
    yTicks = texts.map {
      ($0.value, Label(lines: [$0.text], x: left - 8, y: 0, full: $0.full))
    }
  }

  private mutating func layXAxis(_ data: ChartData) {
    if !data.chart.x.label.isEmpty { xTitle = Self.title(data.chart.x.label, width: plotWidth) }
    guard let ends = data.x else { return }
    let isLog = data.chart.x.scale == .log && data.chart.x.categories == nil
    let scale = Scale(low: ends.low, high: ends.high, isLog: isLog, start: left, end: right)
    x = scale
    if let categories = data.chart.x.categories {
      layCategories(categories, scale)
      return
    }
    let measure = { (text: String) in TextMeasure.width(text, size: Self.fontSize) }
    let ticks = Ticks.fitting(
      scale: scale, target: max(2, Int(plotWidth / 75)), gap: 10, whole: data.countsX, size: measure
    )
    xTicks = zip(ticks.values, ticks.labels).compactMap { value, text in
      scale(value).map { position in
        // A label at the end of the axis moves inwards instead of being cut.
        let half = measure(text) / 2
        return (position, Label(lines: [text], x: max(half, min(width - half, position)), y: 0))
      }
    }
  }

  /// Names below their places: upright, else broken into lines, else turned, else every k-th turned.
  private mutating func layCategories(_ names: [String], _ scale: Scale) {
    let room = plotWidth / Double(max(1, names.count))
    let positions = names.indices.map { scale(Double($0)) ?? left }
    let wrapped = names.map {
      TextMeasure.wrapped($0, to: room - 8, size: Self.fontSize, lines: 2)
    }
    if !wrapped.contains(where: { $0 == nil }) {
      xTicks = zip(positions, wrapped).map { position, lines in
        (position, Label(lines: lines ?? [], x: position, y: 0))
      }
      return
    }
    xAngle = -40
    let step = max(1, Int((Self.lineHeight * 1.6 / room).rounded(.up)))
    for (index, name) in names.enumerated() where index % step == 0 {
      // A turned label reaches to the left of its place, at most to the chart's edge.
      let longest = min(120, (positions[index] + 4) / 0.766)
      let short = TextMeasure.truncated(name, to: longest, size: Self.fontSize)
      xTicks.append(
        (
          positions[index],
          Label(lines: [short], x: positions[index], y: 0, full: short == name ? nil : name)
        ))
    }
  }

  /// How far turned labels reach down.
  private var rotatedDepth: Double {
    let widest = xTicks.map { TextMeasure.width($0.label.lines.first ?? "", size: Self.fontSize) }
    return (widest.max() ?? 0) * 0.643 + 12
  }

  /// Labels of rules across x stand above the plot, in as many rows as keep them apart; labels of
  /// rules across y stand at the right end, above or below their rule.
  private mutating func layRules(_ data: ChartData) {
    var labels: [(text: String, half: Double, position: Double, centre: Double)] = []
    for one in data.series {
      guard case .rule(let value?, _, let label) = one.layer, !label.isEmpty,
        let x, x.shows(value), let position = x(value)
      else { continue }
      let text = TextMeasure.truncated(label, to: plotWidth, size: Self.fontSize)
      labels.append((text, TextMeasure.width(text, size: Self.fontSize) / 2, position, position))
    }
    labels.sort { ($0.position, $0.text) < ($1.position, $1.text) }
    // Neighbours that would touch make room for each other: one ends at its rule, one begins there.
    for index in labels.indices.dropFirst() {
      let (one, two) = (labels[index - 1], labels[index])
      if two.centre - one.centre < one.half + two.half + 10 {
        if one.centre == one.position { labels[index - 1].centre = one.position - one.half + 5 }
        labels[index].centre = two.position + two.half - 5
      }
    }
    var rows: [[(Double, Double)]] = []
    var above: [(row: Int, text: String, x: Double)] = []
    for label in labels {
      let centre = max(left + label.half, min(right - label.half, label.centre))
      let span = (centre - label.half - 5, centre + label.half + 5)
      let free = rows.firstIndex { $0.allSatisfy { $0.1 <= span.0 || $0.0 >= span.1 } }
      if free == nil { rows.append([]) }
      let row = free ?? rows.count - 1
      rows[row].append(span)
      above.append((row, label.text, centre))
    }
    let depth = Double(rows.count) * Self.lineHeight
    for label in above {
      ruleLabels.append(
        Label(
          lines: [label.text], x: label.x, y: top + depth - Double(label.row) * Self.lineHeight - 3)
      )
    }
    top += rows.isEmpty ? 0 : depth + 3
  }
}
