// Soft Dice.

import CKernels

extension Loss {
  /// Soft Dice of each image (Milletari et al., 2016, with p and t to the first power):
  /// 1 - (2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth). With pixel weights, sums of w p t, w p and
  /// w t.
  public static func dice(smooth: Float = 1) -> Loss { Loss(Dice(smooth: smooth)) }
}

struct Dice: LossFunction {
  var smooth: Float

  var needsProbabilities: Bool { true }

  func add(_ image: LossImage, _ share: LossShare) -> Double {
    Double(share.factor)
      * image.kernels.call.dice(
        image.targets.count, image.t, image.weights, image.probabilities, Double(smooth),
        share.gradient, image.g)
  }
}
