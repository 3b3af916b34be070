// Labels of horizontal rules: at the right end of the plot, apart from each other.

import Notebook

/// Finds places for the labels of rules across y.
enum RuleLabels {
  /// The baseline for the label of each rule, given where the rules lie between `top` and `bottom`:
  /// just above its rule, or moved until no two labels touch. Nil where there is no room left.
  static func baselines(_ rules: [Double], top: Double, bottom: Double) -> [Double?] {
    let height = ChartLayout.lineHeight
    var taken: [Double] = []
    return rules.map { rule in
      let steps = (0..<8).flatMap { [-5 - Double($0) * height, 13 + Double($0) * height] }
      for offset in steps {
        let baseline = rule + offset
        guard baseline - 11 >= top - 2, baseline <= bottom - 2 else { continue }
        if taken.allSatisfy({ ($0 - baseline).magnitude >= height }) {
          taken.append(baseline)
          return baseline
        }
      }
      return nil
    }
  }
}
