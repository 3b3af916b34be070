// Parallel coordinates: an axis for each of several values side by side, and a line through them for each thing that has
// these values. Made for settings of parameters, with their score on the last axis.

/// Lines over axes that stand side by side.
public struct ParallelPlot: Sendable, Equatable {
  /// One axis.
  public struct Axis: Sendable, Equatable {
    /// What stands on it.
    public enum Values: Sendable, Equatable {
      /// A number for each line.
      case numbers([Double], isLog: Bool)
      /// For each line, a place among names that stand apart evenly.
      case names([String], places: [Int])
    }

    /// Its heading.
    public var label: String
    /// What stands on it.
    public var values: Values

    /// An axis with its heading.
    public init(_ label: String, _ values: Values) {
      self.label = label
      self.values = values
    }
  }

  /// One line.
  public struct Line: Sendable, Equatable {
    /// What it is, in words, for whoever points at it.
    public var title: String
    /// From 0 for the worst to 1 for the best, which is drawn the strongest.
    public var share: Double

    /// A line of a title and a rank.
    public init(_ title: String, share: Double) {
      self.title = title
      self.share = share
    }
  }

  /// What the plot shows, for those that can't see it.
  public var title: String
  /// From left to right.
  public var axes: [Axis]
  /// In any order; values of axes go by it.
  public var lines: [Line]

  /// A plot of lines over axes, each with a value a line.
  public init(title: String, axes: [Axis], lines: [Line]) {
    self.title = title
    self.axes = axes
    self.lines = lines
  }
}

/// Draws a plot as one `svg` element, with colours of the page's style sheet.
struct ParallelSVG {
  private let plot: ParallelPlot
  private let width: Double
  private static let height = 330.0
  private static let (top, bottom) = (40.0, 314.0)
  private static let (least, side) = (118.0, 44.0)

  init(_ plot: ParallelPlot) {
    self.plot = plot
    // As wide as a column of text, and wider where the axes need it.
    width = max(
      DisplayHTML.columnWidth, 2 * Self.side + Self.least * Double(max(1, plot.axes.count - 1)))
  }

  private func x(_ axis: Int) -> Double {
    guard plot.axes.count > 1 else { return width / 2 }
    return Self.side + (width - 2 * Self.side) * Double(axis) / Double(plot.axes.count - 1)
  }

  var svg: String {
    let scales = plot.axes.map(Self.scale)
    var svg = ElementWriter()
    svg.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "chart parallel", "role": "img",
        "aria-label": plot.title, "viewBox": "0 0 \(c(width)) \(c(Self.height))",
        "width": c(width), "height": c(Self.height), "font-size": "12",
        "style": "min-width:\(c(max(560, width * 0.8)))px",
      ]
    ) { svg in
      for index in plot.axes.indices {
        svg.leaf(
          "path", ["class": "axis", "d": "M\(c(x(index))) \(c(Self.top))V\(c(Self.bottom))"])
      }
      lines(scales, &svg)
      for index in plot.axes.indices { labels(index, scales[index], &svg) }
    }
    return svg.text
  }

  /// The weak ones first, so that the best lies above.
  private func lines(_ scales: [Scale?], _ svg: inout ElementWriter) {
    let order = plot.lines.indices.sorted {
      (plot.lines[$0].share, $1) < (plot.lines[$1].share, $0)
    }
    svg.element("g", ["class": "lines s0"]) { svg in
      for index in order {
        let share = max(0, min(1, plot.lines[index].share))
        var path = ""
        for (axis, scale) in zip(plot.axes.indices, scales) {
          guard let y = Self.place(of: index, on: plot.axes[axis], scale) else { continue }
          path += "\(path.isEmpty ? "M" : "L")\(c(x(axis))) \(c(y))"
        }
        svg.element(
          "path",
          [
            "class": share >= 1 ? "best" : "line", "d": path,
            "stroke-opacity": c(share >= 1 ? 1 : 0.16 + 0.5 * share * share),
          ]
        ) { $0.leaf("title", [:], text: plot.lines[index].title) }
      }
    }
  }

  private func labels(_ index: Int, _ scale: Scale?, _ svg: inout ElementWriter) {
    let axis = plot.axes[index]
    let (isFirst, isLast) = (index == 0, index == plot.axes.count - 1)
    let room = plot.axes.count > 1 ? x(1) - x(0) : width
    let anchor = isFirst ? "start" : isLast ? "end" : "middle"
    let short = TextMeasure.truncated(axis.label, to: room - 10, size: 12)
    svg.element(
      "text",
      [
        "class": "axis-title", "x": c(isFirst ? 0 : isLast ? width : x(index)), "y": "16",
        "text-anchor": anchor,
      ]
    ) { svg in
      if short != axis.label { svg.leaf("title", [:], text: axis.label) }
      svg.leaf("tspan", [:], text: short)
    }
    svg.element("g", ["class": "rules"]) { svg in
      for (y, text) in Self.ticks(axis, scale) {
        let short = TextMeasure.truncated(text, to: room * 0.6, size: 12)
        svg.element(
          "text",
          [
            "x": c(x(index) + (isLast ? -7 : 7)), "y": c(y - 5),
            "text-anchor": isLast ? "end" : "start",
          ]
        ) { svg in
          if short != text { svg.leaf("title", [:], text: text) }
          svg.leaf("tspan", [:], text: short)
        }
      }
    }
  }

  // MARK: Places

  /// Nil where there are no two numbers.
  private static func scale(_ axis: ParallelPlot.Axis) -> Scale? {
    guard case .numbers(let values, let isLog) = axis.values else { return nil }
    let finite = values.filter { $0.isFinite && (!isLog || $0 > 0) }
    guard let low = finite.min(), let high = finite.max(), low < high else { return nil }
    return Scale(low: low, high: high, isLog: isLog, start: bottom, end: top)
  }

  private static func place(of line: Int, on axis: ParallelPlot.Axis, _ scale: Scale?) -> Double? {
    switch axis.values {
    case .numbers(let values, _):
      guard line < values.count else { return nil }
      return scale.map { $0(values[line]) } ?? (top + bottom) / 2
    case .names(let names, let places):
      return line < places.count ? place(of: places[line], of: names.count) : nil
    }
  }

  private static func place(of name: Int, of count: Int) -> Double {
    count < 2 ? (top + bottom) / 2 : bottom - (bottom - top) * Double(name) / Double(count - 1)
  }

  private static func ticks(_ axis: ParallelPlot.Axis, _ scale: Scale?) -> [(
    y: Double, text: String
  )] {
    switch axis.values {
    case .names(let names, _):
      let step = max(1, Int((Double(names.count) / 16).rounded(.up)))
      return names.enumerated().filter { $0.offset % step == 0 }
        .map { (place(of: $0.offset, of: names.count), $0.element) }
    case .numbers(let values, _):
      guard let scale else {
        return values.first.map { [((top + bottom) / 2, Format.value($0))] } ?? []
      }
      let ticks = Ticks.fitting(scale: scale, target: 7, gap: 6) { _ in 15 }
      return zip(ticks.values, ticks.labels).compactMap { value, text in
        scale(value).map { ($0, text) }
      }
    }
  }

  private func c(_ value: Double) -> String { Format.coordinate(value) }
}
