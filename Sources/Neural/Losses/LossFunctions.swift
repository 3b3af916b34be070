// The losses as pure functions of one image, over the C kernels. Each adds scale * d(loss)/d(logits)
// to a gradient.

import CKernels

extension Loss {
  /// - Parameter kernelLimit: the instruction set to stop at, for tests.
  package func evaluate(
    logits: [Float], targets: [Float], pixelWeights: [Float], count: Int, kernelLimit: Int = 2
  ) -> (value: Double, gradient: [Float]) {
    precondition(
      count > 0 && logits.count % count == 0 && targets.count % count == 0
        && (isOfClasses
          ? !targets.isEmpty && logits.count % targets.count == 0 : targets.count == logits.count)
        && (pixelWeights.isEmpty || pixelWeights.count == targets.count),
      "\(count) images, \(logits.count) logits, \(targets.count) targets and "
        + "\(pixelWeights.count) pixel weights do not go together")
    let kernels = Kernels(limit: kernelLimit)
    var gradient = [Float](repeating: 0, count: logits.count)
    let (each, pixels) = (logits.count / count, targets.count / count)
    let scratch = Floats(scratchCount(each))
    var values = [Double](repeating: 0, count: count)
    logits.withUnsafeBufferPointer { z in
      targets.withUnsafeBufferPointer { t in
        pixelWeights.withUnsafeBufferPointer { w in
          gradient.withUnsafeMutableBufferPointer { g in
            for image in 0..<count {
              let (logit, target) = (image * each, image * pixels)
              let x = LossPixels(
                kernels: kernels,
                logits: .init(rebasing: z[logit..<(logit + each)]),
                targets: .init(rebasing: t[target..<(target + pixels)]),
                weights: w.isEmpty ? nil : w.baseAddress.map { $0 + target },
                gradient: .init(rebasing: g[logit..<(logit + each)]), scratch: scratch.pointer)
              values[image] = add(x, factor: 1, images: count)
            }
          }
        }
      }
    }
    let value = values.withUnsafeMutableBufferPointer { values in
      values.baseAddress.map { treeSum($0, count) } ?? 0
    }
    return (value / Double(count), gradient)
  }

  /// Floats of scratch memory for an image of so many logits: probabilities, log(1 + exp(z)), and
  /// what one loss needs at a time.
  func scratchCount(_ logits: Int) -> Int { 2 * logits + ownScratchCount(logits) }

  private func ownScratchCount(_ logits: Int) -> Int {
    switch self {
    case .bce, .dice, .focal: 0
    case .lovaszHinge: 4 * logits
    case .crossEntropy: logits
    case .sum(let terms): terms.map { $0.loss.ownScratchCount(logits) }.max() ?? 0
    }
  }

  /// Whether the sigmoid of every logit is needed.
  private var needsProbabilities: Bool {
    switch self {
    case .bce, .dice: true
    case .focal, .lovaszHinge, .crossEntropy: false
    case .sum(let terms): terms.contains { $0.loss.needsProbabilities }
    }
  }

  /// The loss of one image times `factor`; adds the gradient of the mean over `images`.
  func add(_ x: LossPixels, factor: Float, images: Int) -> Double {
    if needsProbabilities {
      x.kernels.call.sigmoid(x.logits.count, x.z, x.probabilities, x.softplus)
    }
    return accumulate(x, factor: factor, images: images)
  }

  private func accumulate(_ x: LossPixels, factor: Float, images: Int) -> Double {
    let scale = factor / Float(images)
    let pixels = x.targets.count
    let each = scale / Float(pixels)
    let mean = Double(factor) / Double(pixels)
    switch self {
    case .bce(let positiveWeight):
      return mean
        * x.kernels.call.bce(
          pixels, x.z, x.t, x.weights, x.probabilities, x.softplus, positiveWeight, each, x.g)
    case .dice(let smooth):
      return Double(factor)
        * x.kernels.call.dice(pixels, x.t, x.probabilities, Double(smooth), scale, x.g)
    case .lovaszHinge(let errors, let symmetric):
      return Double(factor)
        * x.kernels.call.lovasz(
          pixels, x.z, x.t, errors == .elu ? 1 : 0, symmetric ? 1 : 0, scale, x.own, x.g)
    case .focal(let gamma, let alpha):
      return mean
        * x.kernels.call.focal(
          pixels, x.z, x.t, gamma, alpha ?? 1, alpha.map { 1 - $0 } ?? 1, each, x.g)
    case .crossEntropy:
      return mean
        * x.kernels.call.cross_entropy(
          pixels, x.logits.count / pixels, x.z, x.t, x.weights, each, x.own, x.g)
    case .sum(let terms):
      var sum = 0.0
      for term in terms {
        sum += term.loss.accumulate(x, factor: factor * term.weight, images: images)
      }
      return sum
    }
  }
}

/// One image's values.
struct LossPixels {
  var kernels: Kernels
  var logits: UnsafeBufferPointer<Float>
  var targets: UnsafeBufferPointer<Float>
  /// As many as targets; nil for none.
  var weights: UnsafePointer<Float>?
  var gradient: UnsafeMutableBufferPointer<Float>
  /// Room for `scratchCount` values.
  var scratch: UnsafeMutablePointer<Float>

  var z: UnsafePointer<Float>? { logits.baseAddress }
  var t: UnsafePointer<Float>? { targets.baseAddress }
  var g: UnsafeMutablePointer<Float>? { gradient.baseAddress }
  var probabilities: UnsafeMutablePointer<Float> { scratch }
  var softplus: UnsafeMutablePointer<Float> { scratch + logits.count }
  /// For one loss at a time.
  var own: UnsafeMutablePointer<Float> { scratch + 2 * logits.count }
}

/// Adds up `values`, which it overwrites, in a fixed tree, so that the sum does not depend on who
/// computed the parts.
func treeSum(_ values: UnsafeMutablePointer<Double>, _ count: Int) -> Double {
  guard count > 0 else { return 0 }
  treeSumRows(values, rows: count, columns: 1)
  return values[0]
}
