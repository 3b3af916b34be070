// The losses of classes by their definitions, over a whole batch, in Double and as plainly as can be.

import Foundation
import Neural

struct ClassLossDefinition: Sendable {
  var crossEntropy = 0.0
  var dice = 0.0
  var lovasz = 0.0
  var focal = 0.0
  var gamma = 2.0
  var smooth = 1.0
  var weights: [Double]?

  /// The engine's.
  var loss: Loss {
    let weights = weights?.map { Float($0) }
    let terms: [(Double, Loss)] = [
      (crossEntropy, .crossEntropy(weights: weights)),
      (dice, .softmaxDice(smooth: Float(smooth), weights: weights)),
      (lovasz, .lovaszSoftmax(weights: weights)),
      (focal, .softmaxFocal(gamma: Float(gamma), weights: weights)),
    ]
    return .sum(terms.filter { $0.0 > 0 }.map { .init(Float($0.0), $0.1) })
  }

  /// - Parameters:
  ///   - z: logits of `count` images.
  ///   - t: numbers of classes.
  ///   - w: what each pixel weighs.
  func value(_ z: [Double], _ t: [Int], _ w: [Double], count: Int) -> Double {
    let (classes, pixels) = (z.count / t.count, t.count / count)
    let w = t.indices.map { t[$0] == 255 ? 0 : w[$0] }
    let p = t.indices.map { i -> [Double] in
      let powers = z[(i * classes)..<((i + 1) * classes)].map { exp($0) }
      return powers.map { $0 / powers.reduce(0, +) }
    }
    func classWeight(_ k: Int) -> Double { weights?[k] ?? 1 }
    let counting = t.indices.filter { w[$0] > 0 }
    var sum = 0.0
    if !counting.isEmpty {
      sum = counting.reduce(0.0) { sum, i in
        let q = p[i][t[i]]
        return sum + w[i] * classWeight(t[i]) * (crossEntropy + focal * pow(1 - q, gamma)) * -log(q)
      }
      sum /= counting.reduce(0) { $0 + classWeight(t[$1]) }
    }
    for image in 0..<count {
      let own = counting.filter { $0 / pixels == image }
      let present = (0..<classes).filter { k in own.contains { t[$0] == k } }
      let total = present.reduce(0) { $0 + classWeight($1) }
      for k in present where total > 0 {
        let share = classWeight(k) / total / Double(count)
        sum += share * dice * diceLoss(own, k, p, t, w)
        sum += share * lovasz * lovaszLoss(own, k, p, t, w)
      }
    }
    return sum
  }

  private func diceLoss(_ own: [Int], _ k: Int, _ p: [[Double]], _ t: [Int], _ w: [Double])
    -> Double
  {
    let overlap = own.filter { t[$0] == k }.reduce(0) { $0 + w[$1] * p[$1][k] }
    let both = own.reduce(0) { $0 + w[$1] * (p[$1][k] + (t[$1] == k ? 1 : 0)) }
    return 1 - (2 * overlap + smooth) / (both + smooth)
  }

  private func lovaszLoss(
    _ own: [Int], _ k: Int, _ p: [[Double]], _ t: [Int], _ w: [Double]
  ) -> Double {
    lovaszExtension(
      errors: own.map { t[$0] == k ? 1 - p[$0][k] : p[$0][k] }, isMarked: own.map { t[$0] == k },
      weights: own.map { w[$0] })
  }
}

/// The Lovász extension of the Jaccard loss as a sum over thresholds of errors of 0 or more: pixels with
/// larger errors count as mispredicted, and the Jaccard loss of that set is weighted by the error's step.
func lovaszExtension(errors: [Double], isMarked: [Bool], weights: [Double]) -> Double {
  let order = errors.indices.sorted { errors[$0] > errors[$1] }
  let positives = errors.indices.filter { isMarked[$0] }.reduce(0) { $0 + weights[$1] }
  var (missed, extra, sum) = (0.0, 0.0, 0.0)
  for (rank, i) in order.enumerated() {
    if isMarked[i] { missed += weights[i] } else { extra += weights[i] }
    let jaccard = 1 - (positives - missed) / (positives + extra)
    sum += (errors[i] - (rank + 1 < order.count ? errors[order[rank + 1]] : 0)) * jaccard
  }
  return sum
}
