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
    var xs = Extent(isLog: chart.x.scale == .log)
    var ys = Extent(isLog: chart.y.scale == .log)
    var left = 0
    var drawn = false
    for one in series {
      switch one.layer {
      case .bars(let edges, let heights, _):
        let places = Self.edges(edges, count: heights.count)
        left += heights.count - places.count
        for (place, height) in zip(places, heights) {
          guard place.0.isFinite, place.1.isFinite, height.isFinite else {
            left += 1
            continue
          }
          drawn = true
          if isHorizontal {
            ys.add(place.0)
            ys.add(place.1)
            xs.addBar(height)
          } else {
            xs.add(place.0)
            xs.add(place.1)
            ys.addBar(height)
          }
        }
      case .line(let x, let y, _), .points(let x, let y, _):
        left += max(x.count, y.count) - min(x.count, y.count)
        for (x, y) in zip(x, y) {
          guard xs.canHold(x), ys.canHold(y) else {
            left += 1
            continue
          }
          drawn = true
          xs.add(x)
          ys.add(y)
          xs.isPadded = true
          ys.isPadded = true
        }
      case .band(let x, let low, let high, _):
        for (x, (low, high)) in zip(x, zip(low, high)) {
          guard xs.canHold(x), ys.canHold(low), ys.canHold(high) else {
            left += 1
            continue
          }
          drawn = true
          xs.add(x)
          ys.add(low)
          ys.add(high)
        }
      case .rule(let x, let y, _):
        if let x { xs.add(x) }
        if let y { ys.add(y) }
      }
    }
    if left > 0 {
      notes.append(
        left == 1
          ? "One value that is missing, not finite or has no place on the axis is left out."
          : "\(Format.count(left)) values that are missing, not finite or have no place on the axis are left out."
      )
    }
    guard drawn else { return }
    x = xs.ends(chart.x)
    y = ys.ends(chart.y)
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

/// The least and greatest of what an axis has to show.
private struct Extent {
  var isLog: Bool
  var low = Double.infinity
  var high = -Double.infinity
  /// Marks have width of their own, so the ends keep a distance.
  var isPadded = false
  var standsOnZero = false

  func canHold(_ value: Double) -> Bool { value.isFinite && (!isLog || value > 0) }

  mutating func add(_ value: Double) {
    guard canHold(value) else { return }
    low = min(low, value)
    high = max(high, value)
  }

  mutating func addBar(_ height: Double) {
    standsOnZero = true
    // Counts on a logarithmic axis: 1 must stand above the ground, and 0 is a bar of no height.
    add(isLog && height > 0 ? height / 2 : 0)
    add(height)
  }

  /// Where the axis begins and ends.
  func ends(_ axis: Chart.Axis) -> (low: Double, high: Double)? {
    if let categories = axis.categories { return (-0.5, max(1, Double(categories.count)) - 0.5) }
    if let domain = axis.domain, domain.count == 2, domain[0] < domain[1],
      domain.allSatisfy(canHold)
    {
      return (domain[0], domain[1])
    }
    guard low <= high else { return isLog ? (1, 10) : (0, 1) }
    if isLog { return low < high ? (low / 1.15, high * 1.15) : (low / 3, high * 3) }
    guard low < high else {
      let room = max(low.magnitude * 0.1, 1e-6)
      return standsOnZero && low == 0 ? (0, 1) : low == 0 ? (-1, 1) : (low - room, high + room)
    }
    let halfRoom = (high / 2 - low / 2) * (isPadded ? 0.04 : 0)
    let barRoom = standsOnZero ? (high / 2 - low / 2) * 0.06 : 0
    let room = max(halfRoom, barRoom) * 2
    let keepsLow = standsOnZero && low == 0
    let keepsHigh = standsOnZero && high == 0
    let newLow = keepsLow ? low : snapped(low - room, .down)
    let newHigh = keepsHigh ? high : snapped(high + room, .up)
    return newLow.isFinite && newHigh.isFinite ? (newLow, newHigh) : (low, high)
  }

  /// An end moved outwards to a round number where that is near, so that the last tick is labelled.
  private func snapped(_ end: Double, _ rule: FloatingPointRoundingRule) -> Double {
    let tenth = (high / 2 - low / 2) / 5
    let round =
      (end / Ticks.niceStep(atLeast: tenth)).rounded(rule) * Ticks.niceStep(atLeast: tenth)
    return (round - end).magnitude <= tenth * 0.35 ? round : end
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
