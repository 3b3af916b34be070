// Where a chart's axes begin and end: far enough for all that can be drawn.

import Notebook

/// What both axes of a chart have to show, collected layer by layer.
struct ChartEnds {
  var x: AxisExtent
  var y: AxisExtent
  /// Bars lie, on named places of the y axis.
  let isHorizontal: Bool
  /// How many values can't be drawn.
  private(set) var left = 0
  /// Whether anything can be drawn.
  private(set) var isDrawn = false

  init(x: AxisExtent, y: AxisExtent, isHorizontal: Bool) {
    self.x = x
    self.y = y
    self.isHorizontal = isHorizontal
  }

  mutating func add(_ layer: Chart.Layer) {
    switch layer {
    case .bars(let edges, let heights, _): addBars(edges, heights)
    case .line(let xs, let ys, _), .points(let xs, let ys, _): addPoints(xs, ys)
    case .band(let xs, let low, let high, _): addBand(xs, low, high)
    case .rule(let x, let y, _):
      if let x { self.x.add(x) }
      if let y { self.y.add(y) }
    }
  }

  private mutating func addBars(_ edges: [Double], _ heights: [Double]) {
    let positions = ChartData.edges(edges, count: heights.count)
    left += heights.count - positions.count
    for (position, height) in zip(positions, heights) {
      guard position.0.isFinite, position.1.isFinite, height.isFinite else {
        left += 1
        continue
      }
      isDrawn = true
      if isHorizontal {
        y.add(position.0)
        y.add(position.1)
        x.addBar(height)
      } else {
        x.add(position.0)
        x.add(position.1)
        y.addBar(height)
      }
    }
  }

  private mutating func addPoints(_ xs: [Double], _ ys: [Double]) {
    left += max(xs.count, ys.count) - min(xs.count, ys.count)
    for (px, py) in zip(xs, ys) {
      guard x.canHold(px), y.canHold(py) else {
        left += 1
        continue
      }
      isDrawn = true
      x.add(px)
      y.add(py)
      x.isPadded = true
      y.isPadded = true
    }
  }

  private mutating func addBand(_ xs: [Double], _ low: [Double], _ high: [Double]) {
    for (px, (low, high)) in zip(xs, zip(low, high)) {
      guard x.canHold(px), y.canHold(low), y.canHold(high) else {
        left += 1
        continue
      }
      isDrawn = true
      x.add(px)
      y.add(low)
      y.add(high)
    }
  }
}

/// The least and greatest of what an axis has to show.
struct AxisExtent {
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
