// Losses for binary segmentation as values; how they are computed is in LossFunctions.swift.

/// A loss of logits z [n, h, w, 1] against targets t in 0...1 of the same shape. With p the sigmoid
/// of z, and the mean over the batch's images taken of each:
public indirect enum Loss: Sendable, Equatable, Codable {
  /// Binary cross entropy, the mean over pixels of -(w t log p + (1 - t) log(1 - p)), where w is
  /// `positiveWeight`; multiplied by the pixel's weight if the batch comes with weights.
  case bce(positiveWeight: Float = 1)
  /// Soft Dice of each image: 1 - (2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth).
  case dice(smooth: Float = 1)
  /// Lovász hinge of each image (Berman et al., 2018): the convex surrogate of 1 - IoU.
  case lovaszHinge
  /// Focal loss (Lin et al., 2017): the mean over pixels of -a (1 - q)^gamma log q, where q is p
  /// for t = 1 and 1 - p for t = 0, and a is `alpha` or 1 - `alpha`; alpha nil leaves a out.
  case focal(gamma: Float = 2, alpha: Float? = nil)
  /// A weighted sum of losses.
  case sum([Term])

  /// One loss of a weighted sum.
  public struct Term: Sendable, Equatable, Codable {
    /// The factor.
    public var weight: Float
    /// The loss.
    public var loss: Loss
    /// `weight * loss`.
    public init(_ weight: Float, _ loss: Loss) {
      self.weight = weight
      self.loss = loss
    }
  }

  /// BCE + Dice, each with weight 1.
  public static let bceDice = Loss.sum([Term(1, .bce()), Term(1, .dice())])

  /// The loss of `count` images, averaged.
  /// - Parameters:
  ///   - logits: `count` images, one value a pixel.
  ///   - targets: as many values, in 0...1.
  ///   - pixelWeights: factors of BCE, as many values; empty for none.
  public func value(
    logits: [Float], targets: [Float], pixelWeights: [Float] = [], count: Int
  ) -> Double {
    evaluate(logits: logits, targets: targets, pixelWeights: pixelWeights, count: count).value
  }

  /// The loss of `count` images and its gradient with respect to the logits.
  public func valueAndGradient(
    logits: [Float], targets: [Float], pixelWeights: [Float] = [], count: Int
  ) -> (value: Double, gradient: [Float]) {
    evaluate(logits: logits, targets: targets, pixelWeights: pixelWeights, count: count)
  }
}
