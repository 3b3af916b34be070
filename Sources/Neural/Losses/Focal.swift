// The focal loss.

import CKernels

extension Loss {
  /// Focal loss (Lin et al., 2017): the mean over pixels of -a (1 - q)^gamma log q, where q is p
  /// for t = 1 and 1 - p for t = 0, and a is `alpha` or 1 - `alpha`; alpha nil leaves a out.
  public static func focal(gamma: Float = 2, alpha: Float? = nil) -> Loss {
    Loss(Focal(gamma: gamma, alpha: alpha))
  }
}

struct Focal: LossFunction {
  var gamma: Float
  var alpha: Float?

  func add(_ image: LossImage, _ share: LossShare) -> Double {
    let pixels = image.targets.count
    let sum = image.kernels.call.focal(
      pixels, image.z, image.t, gamma, alpha ?? 1, alpha.map { 1 - $0 } ?? 1,
      share.gradient / Float(pixels), image.g)
    return Double(share.factor) / Double(pixels) * sum
  }
}
