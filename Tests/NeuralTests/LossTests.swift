// Losses: gradients against central differences of plain definitions in Double, known values, and
// logits so large that a careless formula overflows.

import Foundation
import Neural
import Testing

@Suite struct LossTests {
  static let losses: [Loss] = [
    .bce(), .bce(positiveWeight: 3), .dice(), .dice(smooth: 0.5), .lovaszHinge, .focal(),
    .focal(gamma: 1.5, alpha: 0.3), .bceDice,
    .sum([.init(0.5, .lovaszHinge), .init(2, .bce()), .init(0.25, .focal())]),
  ]
  let count = 3
  let pixels = 20
  let logits: [Float]
  let targets: [Float]

  init() {
    var generator = GoldenGenerator(state: 4)
    logits = generator.values(count * pixels, scale: 4)
    // The last image is empty.
    targets = generator.values(count * pixels).enumerated().map {
      $0.offset < 2 * 20 && $0.element > 0 ? 1 : 0
    }
  }

  /// One image's loss by its definition.
  static func plain(_ loss: Loss, _ z: [Double], _ t: [Double], _ w: [Double]) -> Double {
    let p = z.map { 1 / (1 + exp(-$0)) }
    let n = Double(z.count)
    switch loss {
    case .bce(let positive):
      return -z.indices.reduce(0) {
        $0 + w[$1] * (Double(positive) * t[$1] * log(p[$1]) + (1 - t[$1]) * log(1 - p[$1]))
      } / n
    case .dice(let smooth):
      let overlap = zip(p, t).reduce(0) { $0 + $1.0 * $1.1 }
      let s = Double(smooth)
      return 1 - (2 * overlap + s) / (p.reduce(0, +) + t.reduce(0, +) + s)
    case .focal(let gamma, let alpha):
      return -z.indices.reduce(0.0) { sum, i in
        let q = t[i] > 0.5 ? p[i] : 1 - p[i]
        let share = alpha.map { Double($0) }
        let a = share.map { t[i] > 0.5 ? $0 : 1 - $0 } ?? 1
        return sum + a * pow(1 - q, Double(gamma)) * log(q)
      } / n
    case .lovaszHinge:
      // The Lovász extension as a sum over thresholds of the errors: pixels with larger errors
      // count as mispredicted, and the Jaccard loss of that set is weighted by the error's step.
      let errors = z.indices.map { 1 - z[$0] * (t[$0] > 0.5 ? 1 : -1) }
      let levels = errors.filter { $0 > 0 }.sorted(by: >)
      var sum = 0.0
      for (rank, level) in levels.enumerated() {
        let wrong = errors.map { $0 >= level }
        let missed = z.indices.filter { wrong[$0] && t[$0] > 0.5 }.count
        let extra = z.indices.filter { wrong[$0] && t[$0] < 0.5 }.count
        let positives = t.filter { $0 > 0.5 }.count
        let jaccard = 1 - Double(positives - missed) / Double(positives + extra)
        sum += (level - (rank + 1 < levels.count ? levels[rank + 1] : 0)) * jaccard
      }
      return sum
    case .sum(let terms):
      return terms.reduce(0) { $0 + Double($1.weight) * plain($1.loss, z, t, w) }
    }
  }

  func plain(_ loss: Loss, _ z: [Double], _ weights: [Double]) -> Double {
    (0..<count).reduce(0) {
      let range = ($1 * pixels)..<(($1 + 1) * pixels)
      return $0
        + Self.plain(
          loss, Array(z[range]), targets[range].map(Double.init), Array(weights[range]))
    } / Double(count)
  }

  @Test(arguments: losses) func valueAndGradient(_ loss: Loss) {
    let result = loss.valueAndGradient(logits: logits, targets: targets, count: count)
    var z = logits.map(Double.init)
    let ones = [Double](repeating: 1, count: z.count)
    #expect(abs(result.value - plain(loss, z, ones)) < 1e-6)
    let scale = Double(result.gradient.map(abs).max()!)
    for i in z.indices {
      let at = z[i]
      z[i] = at + 1e-6
      let above = plain(loss, z, ones)
      z[i] = at - 1e-6
      let below = plain(loss, z, ones)
      z[i] = at
      let expected = (above - below) / 2e-6
      #expect(abs(Double(result.gradient[i]) - expected) < 1e-4 * scale, "pixel \(i)")
    }
  }

  @Test func pixelWeights() {
    var generator = GoldenGenerator(state: 9)
    let weights = generator.values(logits.count).map { $0 + 1.5 }
    let value = Loss.bce().value(
      logits: logits, targets: targets, pixelWeights: weights, count: count)
    let expected = plain(.bce(), logits.map(Double.init), weights.map(Double.init))
    #expect(abs(value - expected) < 1e-6)
  }

  @Test(arguments: losses) func largeLogits(_ loss: Loss) {
    let z: [Float] = [500, -500, 90, -90, 0, 500, -500, 30]
    let t: [Float] = [0, 1, 1, 0, 1, 1, 0, 0]
    let result = loss.valueAndGradient(logits: z, targets: t, count: 1)
    #expect(result.value.isFinite)
    #expect(result.gradient.filter { !$0.isFinite }.isEmpty)
  }

  @Test func bceOfLargeLogitsIsLinear() {
    #expect(abs(Loss.bce().value(logits: [80], targets: [0], count: 1) - 80) < 1e-4)
    #expect(abs(Loss.bce().value(logits: [-80], targets: [1], count: 1) - 80) < 1e-4)
    #expect(Loss.bce().value(logits: [80], targets: [1], count: 1) < 1e-6)
  }

  @Test(arguments: losses) func betterPredictionsLoseLess(_ loss: Loss) {
    let good = targets.map { $0 > 0 ? Float(3) : -3 }
    let bad = good.map { -$0 }
    #expect(
      loss.value(logits: good, targets: targets, count: count)
        < loss.value(logits: bad, targets: targets, count: count))
  }
}
