// Labels of horizontal rules: at the end of the plot where less data lies, apart from each other.

import Notebook

/// Finds places for the labels of rules across y.
enum RuleLabels {
  /// The baseline for the label of each rule, given where the rules lie between `top` and `bottom`:
  /// just above its rule, else below, else moved until it touches no other label and no rule.
  /// Nil where there is no room left.
  static func baselines(_ rules: [Double], top: Double, bottom: Double) -> [Double?] {
    let height = ChartLayout.lineHeight
    var taken: [Double] = []
    var result = [Double?](repeating: nil, count: rules.count)
    // From the top down, so that of two neighbours the upper one is labelled above.
    for index in rules.indices.sorted(by: { (rules[$0], $0) < (rules[$1], $1) }) {
      let steps = (0..<8).flatMap { [-5 - Double($0) * height, 14 + Double($0) * height] }
      result[index] = steps.map { rules[index] + $0 }.first { baseline in
        baseline - 11 >= top - 2 && baseline <= bottom - 2
          && taken.allSatisfy { ($0 - baseline).magnitude >= height }
          && rules.allSatisfy { $0 <= baseline - 12 || $0 >= baseline + 3 }
      }
      if let baseline = result[index] { taken.append(baseline) }
    }
    return result
  }
}

/// Where points and lines run, sampled, to keep labels off them.
struct Crowd {
  private var positions: [(x: Double, y: Double)] = []

  init(_ data: ChartData, _ x: Scale, _ y: Scale) {
    for one in data.series {
      let isLine: Bool
      let rows: [(Double, Double)]
      switch one.layer {
      case .line(let xs, let ys, _): (isLine, rows) = (true, Array(zip(xs, ys)))
      case .points(let xs, let ys, _): (isLine, rows) = (false, Array(zip(xs, ys)))
      case .bars, .band, .rule: continue
      }
      var before: (x: Double, y: Double)?
      for row in rows {
        guard let px = x(row.0), let py = y(row.1) else {
          before = nil
          continue
        }
        if isLine, let before {
          let steps = min(200, Int(max((px - before.x).magnitude, (py - before.y).magnitude) / 6))
          for step in 0..<steps {
            let share = Double(step) / Double(steps)
            positions.append(
              (before.x + share * (px - before.x), before.y + share * (py - before.y)))
          }
        }
        positions.append((px, py))
        before = (px, py)
      }
    }
  }

  /// How much lies in a box.
  func count(in columns: ClosedRange<Double>, _ rows: ClosedRange<Double>) -> Int {
    positions.count { columns.contains($0.x) && rows.contains($0.y) }
  }
}
