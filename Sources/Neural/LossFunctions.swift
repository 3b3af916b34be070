// The losses as pure functions of one image. Each adds scale * d(loss)/d(logits) to a gradient.

import CKernels
import Foundation

extension Loss {
  func evaluate(
    logits: [Float], targets: [Float], pixelWeights: [Float], count: Int
  ) -> (value: Double, gradient: [Float]) {
    precondition(
      count > 0 && logits.count % count == 0 && targets.count == logits.count
        && (pixelWeights.isEmpty || pixelWeights.count == logits.count),
      "\(count) images, \(logits.count) logits, \(targets.count) targets and "
        + "\(pixelWeights.count) pixel weights do not go together")
    let kernels = Kernels()
    var gradient = [Float](repeating: 0, count: logits.count)
    let pixels = logits.count / count
    let (probabilities, softplus) = (Floats(pixels), Floats(pixels))
    var values: [Double] = []
    logits.withUnsafeBufferPointer { z in
      targets.withUnsafeBufferPointer { t in
        pixelWeights.withUnsafeBufferPointer { w in
          gradient.withUnsafeMutableBufferPointer { g in
            for image in 0..<count {
              let range = (image * pixels)..<((image + 1) * pixels)
              let x = LossPixels(
                kernels: kernels, logits: .init(rebasing: z[range]),
                targets: .init(rebasing: t[range]),
                weights: w.isEmpty ? nil : .init(rebasing: w[range]),
                gradient: .init(rebasing: g[range]), probabilities: probabilities.pointer,
                softplus: softplus.pointer)
              values.append(add(x, factor: 1, images: count))
            }
          }
        }
      }
    }
    return (treeSum(values) / Double(count), gradient)
  }

  /// The loss of one image times `factor`; adds the gradient of the mean over `images`.
  func add(_ x: LossPixels, factor: Float, images: Int) -> Double {
    x.kernels.call.sigmoid(
      x.logits.count, x.logits.baseAddress, x.probabilities, x.softplus)
    return accumulate(x, factor: factor, images: images)
  }

  private func accumulate(_ x: LossPixels, factor: Float, images: Int) -> Double {
    let scale = factor / Float(images)
    switch self {
    case .bce(let positiveWeight):
      return Double(factor) * bceLoss(x, positiveWeight: positiveWeight, scale: scale)
    case .dice(let smooth): return Double(factor) * diceLoss(x, smooth: smooth, scale: scale)
    case .lovaszHinge: return Double(factor) * lovaszHingeLoss(x, scale: scale)
    case .focal(let gamma, let alpha):
      return Double(factor) * focalLoss(x, gamma: gamma, alpha: alpha, scale: scale)
    case .sum(let terms):
      return terms.reduce(0) {
        $0 + $1.loss.accumulate(x, factor: factor * $1.weight, images: images)
      }
    }
  }
}

/// One image's values, with its probabilities and log(1 + exp(z)).
struct LossPixels {
  var kernels: Kernels
  var logits: UnsafeBufferPointer<Float>
  var targets: UnsafeBufferPointer<Float>
  var weights: UnsafeBufferPointer<Float>?
  var gradient: UnsafeMutableBufferPointer<Float>
  /// Room for as many values as `logits`.
  var probabilities: UnsafeMutablePointer<Float>
  var softplus: UnsafeMutablePointer<Float>
}

/// Adds in a fixed tree, so that the sum does not depend on who computed the parts.
func treeSum(_ values: [Double]) -> Double {
  var values = values
  var step = 1
  while step < values.count {
    var index = 0
    while index + step < values.count {
      values[index] += values[index + step]
      index += 2 * step
    }
    step *= 2
  }
  return values.first ?? 0
}

private func sigmoid(_ z: Float) -> Float { 1 / (1 + exp(-z)) }

/// log(1 + exp(z)) without overflow.
private func softplus(_ z: Float) -> Float { max(z, 0) + log1p(exp(-abs(z))) }

private func bceLoss(_ x: LossPixels, positiveWeight: Float, scale: Float) -> Double {
  var sum = 0.0
  let each = scale / Float(x.logits.count)
  for i in x.logits.indices {
    let (z, t) = (x.logits[i], x.targets[i])
    let w = x.weights?[i] ?? 1
    // -log p = log(1 + exp(z)) - z, -log(1 - p) = log(1 + exp(z))
    let factor = 1 + (positiveWeight - 1) * t
    sum += Double(w * (factor * x.softplus[i] - positiveWeight * t * z))
    x.gradient[i] += each * w * (factor * x.probabilities[i] - positiveWeight * t)
  }
  return sum / Double(x.logits.count)
}

private func diceLoss(_ x: LossPixels, smooth: Float, scale: Float) -> Double {
  var overlap = 0.0
  var total = 0.0
  let p = x.probabilities
  for i in x.logits.indices {
    overlap += Double(p[i] * x.targets[i])
    total += Double(p[i] + x.targets[i])
  }
  let smooth = Double(smooth)
  // d/dp of -(2 I + s) / (S + s) is -2 t / (S + s) + (2 I + s) / (S + s)^2
  let slope = Float(-2 / (total + smooth))
  let offset = Float((2 * overlap + smooth) / ((total + smooth) * (total + smooth)))
  for i in x.logits.indices {
    x.gradient[i] += scale * (slope * x.targets[i] + offset) * p[i] * (1 - p[i])
  }
  return 1 - (2 * overlap + smooth) / (total + smooth)
}

private func lovaszHingeLoss(_ x: LossPixels, scale: Float) -> Double {
  let count = x.logits.count
  var positives = 0
  let errors = (0..<count).map { i in
    let sign: Float = x.targets[i] > 0.5 ? 1 : -1
    if sign > 0 { positives += 1 }
    return 1 - x.logits[i] * sign
  }
  // Equal errors keep the order of pixels, so that the result is one function of its input.
  let order = (0..<count).sorted {
    let (a, b) = (errors[$0], errors[$1])
    return a != b ? a > b : $0 < $1
  }
  var sum = 0.0
  var intersection = positives
  var union = positives
  var before = 0.0
  for rank in 0..<count {
    let i = order[rank]
    if x.targets[i] > 0.5 { intersection -= 1 } else { union += 1 }
    let jaccard = 1 - Double(intersection) / Double(union)
    let weight = jaccard - before
    before = jaccard
    guard errors[i] > 0 else { break }
    sum += weight * Double(errors[i])
    x.gradient[i] -= scale * Float(weight) * (x.targets[i] > 0.5 ? 1 : -1)
  }
  return sum
}

private func focalLoss(_ x: LossPixels, gamma: Float, alpha: Float?, scale: Float) -> Double {
  var sum = 0.0
  let each = scale / Float(x.logits.count)
  for i in x.logits.indices {
    let positive = x.targets[i] > 0.5
    let sign: Float = positive ? 1 : -1
    let z = x.logits[i] * sign
    let a = alpha.map { positive ? $0 : 1 - $0 } ?? 1
    let q = sigmoid(z)
    let wrong = sigmoid(-z)
    let cost = softplus(-z)
    let power = pow(wrong, gamma)
    sum += Double(a * power * cost)
    // d/dz of (1 - q)^gamma (-log q) with dq/dz = q (1 - q)
    x.gradient[i] -= each * a * sign * power * (gamma * q * cost + wrong)
  }
  return sum / Double(x.logits.count)
}
