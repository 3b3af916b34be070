// Greedy selection on scores that are known as a function of the weights.

import Scores
import Testing

@Suite struct GreedySelectionTests {
  /// The nearer the shares to those wanted, the better.
  private func score(_ wanted: [Double]) -> ([Int]) -> Double {
    { counts in
      let sum = Double(counts.reduce(0, +))
      return -zip(counts, wanted).reduce(0) { total, pair in
        let error = Double(pair.0) / sum - pair.1
        return total + error * error
      }
    }
  }

  @Test(arguments: [
    ([1.0, 0, 0], [1, 0, 0]), ([0, 0.5, 0.5], [0, 1, 1]), ([0.25, 0.75, 0], [1, 3, 0]),
    ([0.34, 0.33, 0.33], [1, 1, 1]),
  ])
  func weightsAreFound(_ wanted: [Double], _ counts: [Int]) {
    #expect(GreedySelection.counts(of: 3, score: score(wanted)) == counts)
  }

  @Test func aSingleModelStaysOne() {
    #expect(GreedySelection.counts(of: 1) { _ in 0.5 } == [1])
    // Nothing makes it better, so the first stays.
    #expect(GreedySelection.counts(of: 3) { _ in 0.5 } == [1, 0, 0])
  }

  @Test func roundsAreTheLimit() {
    var seen = 0
    let counts = GreedySelection.counts(of: 2, rounds: 3) { counts in
      seen = max(seen, counts.reduce(0, +))
      return Double(counts[0] + counts[1])
    }
    #expect(seen <= 3 && counts.reduce(0, +) <= 3)
  }
}
