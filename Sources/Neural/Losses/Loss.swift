// Losses as values; how they are computed is in LossFunctions.swift.

/// A loss of logits [n, h, w, channels].
///
/// Most are of targets t in 0...1 of the same shape, each channel a question of its own; with p the
/// sigmoid of a logit z. Cross entropy is of classes, one a channel, and its targets are the numbers
/// of the true classes, [n, h, w]. Of each, the mean over the batch's images is taken.
public indirect enum Loss: Sendable, Equatable, Codable {
  /// Binary cross entropy, the mean over pixels of -(w t log p + (1 - t) log(1 - p)), where w is
  /// `positiveWeight`; multiplied by the pixel's weight if the batch comes with weights.
  case bce(positiveWeight: Float = 1)
  /// Soft Dice of each image: 1 - (2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth).
  case dice(smooth: Float = 1)
  /// Lovász hinge of each image (Berman et al., 2018): the convex surrogate of 1 - IoU, of the
  /// errors 1 - z for t above 0.5 and 1 + z elsewhere. If symmetric, the mean of it and of the same
  /// with background and foreground swapped (-z and 1 - t), so that images without foreground have a
  /// say in more than their worst pixel.
  case lovaszHinge(errors: HingeErrors = .relu, symmetric: Bool = false)
  /// Focal loss (Lin et al., 2017): the mean over pixels of -a (1 - q)^gamma log q, where q is p
  /// for t = 1 and 1 - p for t = 0, and a is `alpha` or 1 - `alpha`; alpha nil leaves a out.
  case focal(gamma: Float = 2, alpha: Float? = nil)
  /// Cross entropy over two or more classes: the mean over pixels of -log softmax(z)[t], multiplied
  /// by the pixel's weight if the batch comes with weights. Targets are 0, 1 … as `Float`; one that
  /// is no class makes the loss NaN.
  case crossEntropy
  /// A weighted sum of losses, of targets of one kind.
  case sum([Term])

  /// How the errors of a Lovász hinge count.
  public enum HingeErrors: String, Sendable, Equatable, Codable {
    /// max(e, 0), as in the paper: pixels that are right by a margin don't count.
    case relu
    /// elu(e) + 1, that is e + 1 for e above 0, else exp(e): every pixel has a gradient.
    case elu
  }

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
  ///   - logits: `count` images.
  ///   - targets: as many values, in 0...1; of cross entropy, one class number a pixel.
  ///   - pixelWeights: factors of BCE and cross entropy, as many as targets; empty for none.
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

extension Loss {
  /// Whether targets are class numbers, one a pixel.
  var isOfClasses: Bool {
    switch self {
    case .crossEntropy: true
    case .sum(let terms): terms.contains { $0.loss.isOfClasses }
    case .bce, .dice, .lovaszHinge, .focal: false
    }
  }

  /// How many targets an image has whose logits have this shape.
  func targetCount(_ logits: Shape) -> Int { isOfClasses ? logits.pixels : logits.count }

  /// Why logits of so many channels do not go with this loss, or nil.
  func problem(channels: Int) -> String? {
    if case .sum(let terms) = self {
      if terms.isEmpty { return "the sum of losses is empty" }
      if Set(terms.map(\.loss.isOfClasses)).count > 1 {
        return "cross entropy has class numbers as targets and other losses have probabilities, so "
          + "they cannot be added"
      }
      return terms.lazy.compactMap { $0.loss.problem(channels: channels) }.first
    }
    return isOfClasses && channels < 2
      ? "cross entropy needs two classes or more, the network's output has \(channels) channel"
      : nil
  }
}
