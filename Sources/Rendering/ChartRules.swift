// Labels of horizontal rules: at the right end of the plot, apart from each other.

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
