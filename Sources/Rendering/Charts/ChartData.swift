// What of a chart can be drawn: its layers with series numbers, the axes' ends, and what is left out.

package import Notebook

/// A chart prepared for drawing on any size.
struct ChartData {
  /// A layer and the number of its colour; layers of the same name share one.
  struct Series {
    var layer: Chart.Layer
    var colour: Int
  }

  var chart: Chart
  var series: [Series] = []
  /// Names for the legend with colour and layer, each name once.
  var legend: [(name: String, series: Series)] = []
  /// Ends of the axes; nil where nothing can be drawn.
  var x: (low: Double, high: Double)?
  var y: (low: Double, high: Double)?
  /// Bars lie, on named places of the y axis.
  var isHorizontal: Bool
  /// Some layer has bars.
  var hasBars: Bool { barsPosition(0).count > 0 }
  /// All lines stand at whole numbers along the x axis, which counts epochs, say: nothing lies between.
  var countsX: Bool {
    let lines = series.compactMap { if case .line(let x, _, _) = $0.layer { x } else { nil } }
    return lines.count == series.count && lines.contains { !$0.isEmpty }
      && lines.allSatisfy { $0.allSatisfy { $0 == $0.rounded() } }
  }
  /// What the reader must know of values that aren't drawn, in sentences.
  var notes: [String] = []

  /// The greatest number of points drawn of one layer.
  static let pointLimit = 4000

  init(_ chart: Chart) {
    self.chart = chart
    isHorizontal = chart.y.categories != nil && chart.x.categories == nil
    var colours: [String: Int] = [:]
    var next = 0
    for (index, layer) in chart.layers.enumerated() {
      if case .rule = layer {
        series.append(Series(layer: layer, colour: 0))
        continue
      }
      let name = layer.name ?? ""
      let colour = name.isEmpty ? next : colours[name] ?? next
      if colour == next, !isBand(layer, of: chart.layers.dropFirst(index + 1).first) { next += 1 }
      let one = Series(layer: layer, colour: colour)
      if !name.isEmpty, colours[name] == nil {
        colours[name] = colour
        legend.append((name, one))
      }
      series.append(one)
    }
    thinPoints()
    findEnds()
  }

  /// Whether a layer is a band without a name around the line that follows, and takes its colour.
  private func isBand(_ layer: Chart.Layer, of next: Chart.Layer?) -> Bool {
    if case .band(_, _, _, let name) = layer, name ?? "" == "", case .line? = next {
      true
    } else {
      false
    }
  }

  /// The index of a bars layer among the bars layers, and how many of these there are.
  func barsPosition(_ index: Int) -> (index: Int, count: Int) {
    let bars = series.indices.filter {
      if case .bars = series[$0].layer { true } else { false }
    }
    return (bars.firstIndex(of: index) ?? 0, bars.count)
  }

  /// Where bars begin and end along their axis.
  static func edges(_ edges: [Double], count: Int) -> [(Double, Double)] {
    if edges.isEmpty { return (0..<count).map { (Double($0) - 0.5, Double($0) + 0.5) } }
    return (0..<min(count, max(0, edges.count - 1))).map { (edges[$0], edges[$0 + 1]) }
  }

  /// Keeps at most `pointLimit` points of a layer, spread evenly over their order but not periodic.
  private mutating func thinPoints() {
    for index in series.indices {
      guard case .points(let x, let y, let name) = series[index].layer else { continue }
      let count = min(x.count, y.count)
      guard count > Self.pointLimit else { continue }
      // A multiplicative hash of the index: the same choice always, and no beat with a period in the data.
      let kept = (0..<count)
        .map { (hash: UInt32(truncatingIfNeeded: $0) &* 2_654_435_761, index: $0) }
        .sorted { ($0.hash, $0.index) < ($1.hash, $1.index) }
        .prefix(Self.pointLimit).map(\.index).sorted()
      series[index].layer = .points(x: kept.map { x[$0] }, y: kept.map { y[$0] }, name: name)
      notes.append(
        "\(Format.count(Self.pointLimit)) of \(Format.count(count)) points are drawn.")
    }
  }

  private mutating func findEnds() {
    var ends = ChartEnds(
      x: AxisExtent(isLog: chart.x.scale == .log), y: AxisExtent(isLog: chart.y.scale == .log),
      isHorizontal: isHorizontal)
    for one in series { ends.add(one.layer) }
    if ends.left > 0 {
      notes.append(
        ends.left == 1
          ? "One value that is missing, not finite or has no place on the axis is left out."
          : "\(Format.count(ends.left)) values that are missing, not finite or have no place on the axis are left out."
      )
    }
    guard ends.isDrawn else { return }
    x = ends.x.ends(chart.x)
    y = ends.y.ends(chart.y)
    countOutside()
  }

  /// Says how many points lie outside of ends that were set by hand.
  private mutating func countOutside() {
    guard let x, let y, chart.x.domain != nil || chart.y.domain != nil else { return }
    var outside = 0
    for one in series {
      guard case .points(let xs, let ys, _) = one.layer else { continue }
      for (px, py) in zip(xs, ys) where px.isFinite && py.isFinite {
        if px < x.low || px > x.high || py < y.low || py > y.high { outside += 1 }
      }
    }
    if outside > 0 {
      notes.append(
        outside == 1
          ? "One point lies outside the axes."
          : "\(Format.count(outside)) points lie outside the axes.")
    }
  }
}

extension Chart.Layer {
  /// The layer's name in the legend.
  package var name: String? {
    switch self {
    case .bars(_, _, let name), .line(_, _, let name), .points(_, _, let name),
      .band(_, _, _, let name):
      name
    case .rule: nil
    }
  }
}
