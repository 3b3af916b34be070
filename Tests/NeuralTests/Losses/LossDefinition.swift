// The losses by their definitions, in Double and as plainly as can be, beside the engine's.

import Foundation
import Neural

indirect enum LossDefinition: Sendable {
  case bce(positiveWeight: Float = 1)
  case dice(smooth: Float = 1)
  case lovaszHinge(errors: Loss.HingeErrors = .relu, symmetric: Bool = false)
  case focal(gamma: Float = 2, alpha: Float? = nil)
  case crossEntropy
  case sum([Term])

  struct Term {
    var weight: Float
    var loss: LossDefinition
    init(_ weight: Float, _ loss: LossDefinition) {
      self.weight = weight
      self.loss = loss
    }
  }

  /// The engine's.
  var loss: Loss {
    switch self {
    case .bce(let positiveWeight): .bce(positiveWeight: positiveWeight)
    case .dice(let smooth): .dice(smooth: smooth)
    case .lovaszHinge(let errors, let symmetric):
      .lovaszHinge(errors: errors, symmetric: symmetric)
    case .focal(let gamma, let alpha): .focal(gamma: gamma, alpha: alpha)
    case .crossEntropy: .crossEntropy
    case .sum(let terms): .sum(terms.map { .init($0.weight, $0.loss.loss) })
    }
  }

  /// The loss of one image by its definition.
  /// - Parameters:
  ///   - z: logits.
  ///   - t: targets.
  ///   - w: what each pixel weighs.
  ///   - mass: what divides sums over pixels; nil for their number.
  func value(_ z: [Double], _ t: [Double], _ w: [Double], mass: Double? = nil) -> Double {
    let p = z.map { 1 / (1 + exp(-$0)) }
    let n = mass ?? Double(z.count)
    switch self {
    case .bce(let positive):
      return -z.indices.reduce(0) {
        $0 + w[$1] * (Double(positive) * t[$1] * log(p[$1]) + (1 - t[$1]) * log(1 - p[$1]))
      } / n
    case .dice(let smooth):
      let overlap = z.indices.reduce(0) { $0 + w[$1] * p[$1] * t[$1] }
      let s = Double(smooth)
      return 1 - (2 * overlap + s) / (z.indices.reduce(0) { $0 + w[$1] * (p[$1] + t[$1]) } + s)
    case .focal(let gamma, let alpha):
      return -z.indices.reduce(0.0) { sum, i in
        let q = t[i] > 0.5 ? p[i] : 1 - p[i]
        let share = alpha.map { Double($0) }
        let a = share.map { t[i] > 0.5 ? $0 : 1 - $0 } ?? 1
        return sum + w[i] * a * pow(1 - q, Double(gamma)) * log(q)
      } / n
    case .lovaszHinge(let errors, true):
      let plain = LossDefinition.lovaszHinge(errors: errors)
      return
        (plain.value(z, t, w, mass: mass)
        + plain.value(z.map { -$0 }, t.map { 1 - $0 }, w, mass: mass)) / 2
    case .lovaszHinge(let errors, false):
      let heights = z.indices.map { i in
        let error = 1 - z[i] * (t[i] > 0.5 ? 1 : -1)
        return errors == .relu ? max(error, 0) : error > 0 ? error + 1 : exp(error)
      }
      let counting = z.indices.filter { w[$0] > 0 }
      return lovaszExtension(
        errors: counting.map { heights[$0] }, isMarked: counting.map { t[$0] > 0.5 },
        weights: counting.map { w[$0] })
    case .crossEntropy:
      let classes = z.count / t.count
      return t.indices.reduce(0) { sum, i in
        let logits = z[(i * classes)..<((i + 1) * classes)]
        let powers = logits.reduce(0) { $0 + exp($1) }
        return sum + w[i] * (log(powers) - z[i * classes + Int(t[i])])
      } / Double(t.count)
    case .sum(let terms):
      return terms.reduce(0) { $0 + Double($1.weight) * $1.loss.value(z, t, w, mass: mass) }
    }
  }
}
