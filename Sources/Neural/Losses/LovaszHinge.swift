// The Lovász hinge.

import CKernels

extension Loss {
  /// How the errors of a Lovász hinge count.
  public enum HingeErrors: String, Sendable, Equatable, Codable {
    /// max(e, 0), as in the paper: pixels that are right by a margin don't count.
    case relu
    /// elu(e) + 1, that is e + 1 for e above 0, else exp(e): every pixel has a gradient.
    case elu
  }

  /// Lovász hinge of each image (Berman et al., 2018): the convex surrogate of 1 - IoU, of the
  /// errors 1 - z for t above 0.5 and 1 + z elsewhere. If symmetric, the mean of it and of the same
  /// with background and foreground swapped (-z and 1 - t), so that images without foreground have a
  /// say in more than their worst pixel. With pixel weights, the Jaccard loss is of sums of weights.
  public static func lovaszHinge(errors: HingeErrors = .relu, symmetric: Bool = false) -> Loss {
    Loss(LovaszHinge(errors: errors, symmetric: symmetric))
  }
}

struct LovaszHinge: LossFunction {
  var errors: Loss.HingeErrors
  var symmetric: Bool

  func scratchCount(pixels: Int, channels: Int) -> Int { 4 * pixels * channels }

  func add(_ image: LossImage, _ share: LossShare) -> Double {
    Double(share.factor)
      * image.kernels.call.lovasz(
        image.targets.count, image.z, image.t, image.weights, errors == .elu ? 1 : 0,
        symmetric ? 1 : 0,
        share.gradient, image.own, image.g)
  }
}
