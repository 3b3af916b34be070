// Losses: gradients against central differences of plain definitions in Double, known values, and
// logits so large that a careless formula overflows.

import Foundation
import Neural
import TestSupport
import Testing

@Suite struct LossTests {
  static let losses: [LossDefinition] = [
    .bce(), .bce(positiveWeight: 3), .dice(), .dice(smooth: 0.5), .lovaszHinge(),
    .lovaszHinge(errors: .elu), .lovaszHinge(symmetric: true),
    .lovaszHinge(errors: .elu, symmetric: true), .focal(), .focal(gamma: 0),
    .focal(gamma: 1.5, alpha: 0.3), .sum([.init(1, .bce()), .init(1, .dice())]),
    .sum([.init(0.5, .lovaszHinge()), .init(2, .bce()), .init(0.25, .focal())]),
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

  /// The mean over images.
  func plain(_ loss: LossDefinition, _ z: [Double], _ t: [Float], _ weights: [Double]) -> Double {
    let (logits, pixels) = (z.count / count, t.count / count)
    return (0..<count).reduce(0) {
      let range = ($1 * pixels)..<(($1 + 1) * pixels)
      return $0
        + loss.value(
          Array(z[($1 * logits)..<(($1 + 1) * logits)]), t[range].map(Double.init),
          Array(weights[range]))
    } / Double(count)
  }

  /// Value and gradient of all instruction sets against the definition and its differences.
  func compare(
    _ loss: LossDefinition, _ logits: [Float], _ targets: [Float], _ weights: [Float] = []
  ) {
    let w =
      weights.isEmpty ? [Double](repeating: 1, count: targets.count) : weights.map(Double.init)
    let z = logits.map(Double.init)
    let expected = plain(loss, z, targets, w)
    let slopes = differences(at: Array(z.indices), of: z) { plain(loss, $0, targets, w) }
    for limit in 0...2 {
      let result = loss.loss.evaluate(
        logits: logits, targets: targets, pixelWeights: weights, count: count, kernelLimit: limit)
      #expect(abs(result.value - expected) < 1e-6 * max(1, expected))
      #expect(relativeError(result.gradient, slopes) < 1e-4)
    }
  }

  @Test(arguments: losses) func valueAndGradient(_ loss: LossDefinition) {
    compare(loss, logits, targets)
  }

  @Test func pixelWeights() {
    var generator = GoldenGenerator(state: 9)
    compare(.bce(positiveWeight: 2), logits, targets, generator.values(60).map { $0 + 1.5 })
  }

  @Test(arguments: [2, 3, 7]) func crossEntropy(classes: Int) {
    var generator = GoldenGenerator(state: 5)
    let z = generator.values(count * pixels * classes, scale: 4)
    let t = generator.values(count * pixels).map { (($0 + 1) / 2 * Float(classes)).rounded(.down) }
    compare(.crossEntropy, z, t)
    compare(.crossEntropy, z, t, generator.values(count * pixels).map { $0 + 1.5 })
  }

  @Test func crossEntropyOfLargeLogitsAndOfNoClass() {
    func result(_ z: [Float], _ t: Float) -> (value: Double, gradient: [Float]) {
      Loss.crossEntropy.valueAndGradient(logits: z, targets: [t], count: 1)
    }
    #expect(abs(result([500, -500, 0], 1).value - 1000) < 1e-3)
    #expect(result([500, -500, 0], 0).value == 0)
    #expect(relativeError(result([500, -500, 0], 1).gradient, [1, -1, 0]) < 1e-7)
    for wrong in [-1, 3, 0.5, Float.nan, .infinity] {
      #expect(result([1, 2, 3], wrong).value.isNaN)
    }
    #expect(result([1, .nan, 3], 0).value.isNaN)
  }

  /// A whole image, where only a few errors differ: the order of equals is that of pixels.
  @Test(arguments: [Loss.HingeErrors.relu, .elu], [false, true])
  func lovaszOfManyEqualErrors(errors: Loss.HingeErrors, symmetric: Bool) {
    let loss = Loss.lovaszHinge(errors: errors, symmetric: symmetric)
    var generator = GoldenGenerator(state: 6)
    let z = generator.values(3000, scale: 2).map { ($0 * 4).rounded() / 4 }
    let t: [Float] = generator.values(3000).map { $0 > 0.3 ? 1 : 0 }
    let result = loss.valueAndGradient(logits: z, targets: t, count: 1)
    var gradient = [Float](repeating: 0, count: z.count)
    var sum = 0.0
    // Berman's algorithm, over a sort that keeps the order of equals.
    for isSwapped in symmetric ? [false, true] : [false] {
      let isMarked = t.map { ($0 > 0.5) != isSwapped }
      let error = z.indices.map { 1 - Double(z[$0]) * (t[$0] > 0.5 ? 1 : -1) }
      var (both, either) = (isMarked.filter { $0 }.count, isMarked.filter { $0 }.count)
      var before = 0.0
      for i in z.indices.sorted(by: { (-error[$0], $0) < (-error[$1], $1) }) {
        if isMarked[i] { both -= 1 } else { either += 1 }
        let jaccard = 1 - Double(both) / Double(either)
        let weight = (jaccard - before) / (symmetric ? 2 : 1)
        before = jaccard
        let e = error[i]
        let (height, slope) =
          errors == .elu ? (e > 0 ? e + 1 : exp(e), e > 0 ? 1 : exp(e)) : (max(e, 0), e > 0 ? 1 : 0)
        sum += weight * height
        gradient[i] -= Float(weight * slope * (t[i] > 0.5 ? 1 : -1))
      }
    }
    #expect(abs(result.value - sum) < 1e-6 * sum)
    #expect(relativeError(result.gradient, gradient) < 1e-5)
  }

  @Test(arguments: losses) func whatIsNoNumberIsNotHidden(_ loss: LossDefinition) {
    let (z, t): ([Float], [Float]) = ([1, .nan, 2, -1], [1, 1, 0, 0])
    #expect(loss.loss.value(logits: z, targets: t, count: 1).isNaN)
    #expect(loss.loss.value(logits: z, targets: t.reversed(), count: 1).isNaN)
  }

  @Test(arguments: losses) func largeLogits(_ loss: LossDefinition) {
    let z: [Float] = [500, -500, 90, -90, 0, 500, -500, 30]
    let t: [Float] = [0, 1, 1, 0, 1, 1, 0, 0]
    let result = loss.loss.valueAndGradient(logits: z, targets: t, count: 1)
    #expect(result.value.isFinite)
    #expect(result.gradient.filter { !$0.isFinite }.isEmpty)
  }

  @Test func bceOfLargeLogitsIsLinear() {
    #expect(abs(Loss.bce().value(logits: [80], targets: [0], count: 1) - 80) < 1e-4)
    #expect(abs(Loss.bce().value(logits: [-80], targets: [1], count: 1) - 80) < 1e-4)
    #expect(Loss.bce().value(logits: [80], targets: [1], count: 1) < 1e-6)
  }

  @Test(arguments: losses) func betterPredictionsLoseLess(_ loss: LossDefinition) {
    let good = targets.map { $0 > 0 ? Float(3) : -3 }
    let bad = good.map { -$0 }
    #expect(
      loss.loss.value(logits: good, targets: targets, count: count)
        < loss.loss.value(logits: bad, targets: targets, count: count))
  }

  @Test func lossesAreEqualWithEqualSettings() {
    func loss(_ alpha: Float?) -> Loss {
      .sum([.init(1, .bce()), .init(0.5, .focal(gamma: 2, alpha: alpha))])
    }
    #expect(loss(0.25) == loss(0.25))
    #expect(loss(0.25) != loss(nil))
    #expect(Loss.bce() != .dice())
    #expect(Loss.bceDice == .sum([.init(1, .bce()), .init(1, .dice())]))
  }
}
