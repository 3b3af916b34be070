// Binary cross entropy.

import CKernels

extension Loss {
  /// Binary cross entropy, the mean over pixels of -(w t log p + (1 - t) log(1 - p)), where w is
  /// `positiveWeight`; multiplied by the pixel's weight if the batch comes with weights. Targets may
  /// be anything in 0...1.
  public static func bce(positiveWeight: Float = 1) -> Loss {
    Loss(BinaryCrossEntropy(positiveWeight: positiveWeight))
  }
}

struct BinaryCrossEntropy: LossFunction {
  var positiveWeight: Float

  var needsProbabilities: Bool { true }

  func add(_ image: LossImage, _ share: LossShare) -> Double {
    let pixels = image.targets.count
    guard let divisor = share.divisor(pixels) else { return 0 }
    let sum = image.kernels.call.bce(
      pixels, image.z, image.t, image.weights, image.probabilities, image.softplus,
      positiveWeight, share.gradient / Float(divisor), image.g)
    return Double(share.factor) / divisor * sum
  }
}
