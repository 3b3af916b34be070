// The marks of a chart's layers: bars, lines, points, bands.

import Notebook

/// Draws layers into a plot whose scales are given in the plot's own coordinates.
struct ChartMarks {
  let data: ChartData
  let x: Scale
  let y: Scale

  func draw(into svg: inout ElementWriter) {
    for (index, one) in data.series.enumerated() {
      let colour = "s\(one.colour % 6)"
      switch one.layer {
      case .bars(let edges, let heights, let name):
        bars(edges, heights, name, at: index, colour, &svg)
      case .line(let xs, let ys, let name): line(xs, ys, name, one.colour, colour, &svg)
      case .points(let xs, let ys, _): points(xs, ys, colour, &svg)
      case .band(let xs, let low, let high, _): band(xs, low, high, colour, &svg)
      case .rule: break  // Drawn by ChartSVG, over everything.
      }
    }
  }

  // MARK: Bars

  private func bars(
    _ edges: [Double], _ heights: [Double], _ name: String?, at index: Int, _ colour: String,
    _ svg: inout ElementWriter
  ) {
    let along = data.isHorizontal ? y : x
    let across = data.isHorizontal ? x : y
    let axis = data.isHorizontal ? data.chart.y : data.chart.x
    let position = data.barsPosition(index)
    let isGrouped = edges.isEmpty
    let isOverlaid = !isGrouped && position.count > 1
    let base = across.baseline
    var outline = ""
    svg.element("g", ["class": "bars \(colour)" + (isOverlaid ? " overlaid" : "")]) { svg in
      for (bar, (span, height)) in zip(ChartData.edges(edges, count: heights.count), heights)
        .enumerated()
      {
        guard let from = along(span.0), let to = along(span.1), height.isFinite else { continue }
        let tip = across(height) ?? base
        let (start, size) = Self.room(from, to, position, isGrouped: isGrouped)
        if isOverlaid {
          outline += outline.isEmpty ? "M\(c(start)) \(c(base))" : ""
          outline += "V\(c(tip))H\(c(start + size))"
        }
        let low = min(base, tip)
        let length = (base - tip).magnitude
        guard length > 0 else { continue }
        let title = barTitle(axis, bar, span, isGrouped, height, name)
        let box: ElementWriter.Attributes =
          data.isHorizontal
          ? ["x": c(low), "y": c(start), "width": c(length), "height": c(size)]
          : ["x": c(start), "y": c(low), "width": c(size), "height": c(length)]
        svg.element("rect", box) { $0.leaf("title", [:], text: title) }
      }
      if isOverlaid, !outline.isEmpty {
        svg.leaf("path", ["class": "outline", "d": outline + "V\(c(base))Z"])
      }
    }
  }

  /// Where a bar begins along its axis, and how wide it is: bars of several layers stand side by side on a
  /// named place, and over each other on measured ones.
  private static func room(
    _ from: Double, _ to: Double, _ position: (index: Int, count: Int), isGrouped: Bool
  ) -> (start: Double, size: Double) {
    let start = min(from, to)
    let size = (to - from).magnitude
    if isGrouped {
      let room = min(size * 0.76, 90 * Double(position.count))
      let each = room / Double(max(1, position.count))
      return (
        start + ((size - room) / 2 + each * Double(position.index)),
        max(1, each - (position.count > 1 ? 1 : 0))
      )
    }
    return position.count == 1 && size > 4 ? (start + 0.5, size - 1) : (start, size)
  }

  private func barTitle(
    _ axis: Chart.Axis, _ bar: Int, _ span: (Double, Double), _ isGrouped: Bool, _ height: Double,
    _ name: String?
  ) -> String {
    let label: String
    if let categories = axis.categories, isGrouped {
      label = bar < categories.count ? categories[bar] : "\(bar)"
    } else if isGrouped {
      label = "\(bar)"
    } else {
      label = "\(Format.value(span.0)) to \(Format.value(span.1))"
    }
    return (name.map { "\($0), " } ?? "") + "\(label): \(Format.value(height))"
  }

  // MARK: Lines and bands

  private func line(
    _ xs: [Double], _ ys: [Double], _ name: String?, _ number: Int, _ colour: String,
    _ svg: inout ElementWriter
  ) {
    let runs = connected(zip(xs, ys).map { ($0, [$1]) })
    let count = runs.reduce(0) { $0 + $1.count }
    let style = (number >= 6 ? " dashed" : "") + (count > 1500 ? " dense" : "")
    svg.element("g", ["class": "line \(colour)\(style)"]) { svg in
      let path = runs.map { run in
        if run.count == 1 { return "M\(c(run[0].x)) \(c(run[0].y[0]))h0" }
        return "M" + thinned(run).map { "\(c($0.0)) \(c($0.1))" }.joined(separator: "L")
      }
      svg.leaf("path", ["d": path.joined()])
      guard count <= 60 else { return }
      for (x, y) in zip(xs, ys) {
        guard let px = self.x(x), let py = self.y(y) else { continue }
        svg.element("circle", ["cx": c(px), "cy": c(py), "r": count <= 24 ? "2.5" : "1.5"]) {
          $0.leaf(
            "title", [:], text: (name.map { "\($0), " } ?? "") + "\(label(x)): \(Format.value(y))")
        }
      }
    }
  }

  private func band(
    _ xs: [Double], _ low: [Double], _ high: [Double], _ colour: String, _ svg: inout ElementWriter
  ) {
    let rows = zip(xs, zip(low, high)).map { ($0, [$1.0, $1.1]) }
    let paths = connected(rows).map { run in
      let there = run.map { "\(c($0.x)) \(c($0.y[1]))" }
      let back = run.reversed().map { "\(c($0.x)) \(c($0.y[0]))" }
      return "M" + (there + back).joined(separator: "L") + "Z"
    }
    svg.leaf("path", ["class": "band \(colour)", "d": paths.joined()])
  }

  /// The runs of neighbours that have a place, as a value without one breaks a line.
  private func connected(_ rows: [(Double, [Double])]) -> [[(x: Double, y: [Double])]] {
    var runs: [[(x: Double, y: [Double])]] = []
    var isOpen = false
    for (rowX, rowY) in rows {
      let ys = rowY.compactMap { y($0) }
      guard let px = x(rowX), ys.count == rowY.count else {
        isOpen = false
        continue
      }
      if !isOpen { runs.append([]) }
      isOpen = true
      runs[runs.count - 1].append((px, ys))
    }
    return runs
  }

  /// The first, lowest, highest and last place of every pixel column: what can be seen of a long line.
  private func thinned(_ run: [(x: Double, y: [Double])]) -> [(Double, Double)] {
    guard run.count > 1500, zip(run, run.dropFirst()).allSatisfy({ $0.x <= $1.x }) else {
      return run.map { ($0.x, $0.y[0]) }
    }
    var result: [(Double, Double)] = []
    var index = 0
    while index < run.count {
      let column = run[index].x.rounded(.down)
      let end = run[index...].firstIndex { $0.x.rounded(.down) != column } ?? run.count
      let range = index..<end
      let low = range.min { (run[$0].y[0], $0) < (run[$1].y[0], $1) } ?? index
      let high = range.max { (run[$0].y[0], $0) < (run[$1].y[0], $1) } ?? index
      for kept in Set([index, low, high, end - 1]).sorted() {
        result.append((run[kept].x, run[kept].y[0]))
      }
      index = end
    }
    return result
  }

  // MARK: Points

  private func points(_ xs: [Double], _ ys: [Double], _ colour: String, _ svg: inout ElementWriter)
  {
    let positions = zip(xs, ys).compactMap { px, py -> (Double, Double, Double, Double)? in
      guard let left = x(px), let top = y(py) else { return nil }
      return (left, top, px, py)
    }
    guard positions.count > 200 else {
      svg.element("g", ["class": "points \(colour)"]) { svg in
        for (left, top, px, py) in positions {
          svg.element("circle", ["cx": c(left), "cy": c(top), "r": "3"]) {
            $0.leaf("title", [:], text: "\(label(px)), \(Format.value(py))")
          }
        }
      }
      return
    }
    // Dots of one path don't add up where they overlap, dots of several do: so density stays visible.
    let paths = 32
    svg.element("g", ["class": "dots \(colour)" + (positions.count > 1000 ? " many" : "")]) { svg in
      for part in 0..<paths {
        let dots = stride(from: part, to: positions.count, by: paths).map {
          "M\(c(positions[$0].0)) \(c(positions[$0].1))h0"
        }
        if !dots.isEmpty { svg.leaf("path", ["d": dots.joined()]) }
      }
    }
  }

  private func label(_ value: Double) -> String {
    if let categories = data.chart.x.categories, value >= 0, value < Double(categories.count) {
      return categories[Int(value)]
    }
    return Format.value(value)
  }

  private func c(_ value: Double) -> String { Format.coordinate(value) }
}
