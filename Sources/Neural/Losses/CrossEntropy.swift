// Cross entropy over classes.

import CKernels

extension Loss {
  /// Cross entropy over two or more classes: the mean over pixels of -log softmax(z)[t], multiplied
  /// by the pixel's weight if the batch comes with weights. Targets are 0, 1 … as `Float`; one that
  /// is no class makes the loss NaN.
  public static let crossEntropy = Loss(CrossEntropy())
}

struct CrossEntropy: LossFunction {
  var isOfClasses: Bool { true }

  func scratchCount(_ logits: Int) -> Int { logits }

  func problem(channels: Int) -> String? {
    channels < 2
      ? "cross entropy needs two classes or more, the network's output has \(channels) channel"
      : nil
  }

  func add(_ image: LossImage, _ share: LossShare) -> Double {
    let pixels = image.targets.count
    let sum = image.kernels.call.cross_entropy(
      pixels, image.logits.count / pixels, image.z, image.t, image.weights,
      share.gradient / Float(pixels), image.own, image.g)
    return Double(share.factor) / Double(pixels) * sum
  }
}
