// The focal loss.

import CKernels

extension Loss {
  /// Focal loss (Lin et al., 2017): the mean over pixels of -a (1 - q)^gamma log q, where q is p
  /// for t = 1 and 1 - p for t = 0, and a is `alpha` or 1 - `alpha`; alpha nil leaves a out. Multiplied by the pixel's weight if the
  /// batch comes with weights.
  public static func focal(gamma: Float = 2, alpha: Float? = nil) -> Loss {
    Loss(Focal(gamma: gamma, alpha: alpha))
  }
}

struct Focal: LossFunction {
  var gamma: Float
  var alpha: Float?

  func add(_ image: LossImage, _ share: LossShare) -> Double {
    let pixels = image.targets.count
    guard let divisor = share.divisor(pixels) else { return 0 }
    let sum = image.kernels.call.focal(
      pixels, image.z, image.t, image.weights, gamma, alpha ?? 1, alpha.map { 1 - $0 } ?? 1,
      share.gradient / Float(divisor), image.g)
    return Double(share.factor) / divisor * sum
  }
}
