// Weighted sums of losses.

extension Loss {
  /// One loss of a weighted sum.
  public struct Term: Sendable, Equatable {
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

  /// A weighted sum of losses, of targets of one kind.
  public static func sum(_ terms: [Term]) -> Loss {
    // Losses of classes share their softmax.
    ClassLoss.merging(terms).map { Loss($0) } ?? Loss(LossSum(terms: terms))
  }

  /// BCE + Dice, each with weight 1.
  public static let bceDice = Loss.sum([Term(1, .bce()), Term(1, .dice())])
}

struct LossSum: LossFunction {
  var terms: [Loss.Term]

  private var functions: [any LossFunction] { terms.map(\.loss.function) }

  var isOfClasses: Bool { functions.contains { $0.isOfClasses } }
  var targetsPerWeight: Int { functions.map { $0.targetsPerWeight }.max() ?? 1 }
  var needsProbabilities: Bool { functions.contains { $0.needsProbabilities } }

  func scratchCount(pixels: Int, channels: Int) -> Int {
    functions.map { $0.scratchCount(pixels: pixels, channels: channels) }.max() ?? 0
  }

  func mass(targets: UnsafeBufferPointer<Float>, weights: UnsafePointer<Float>?) -> Double? {
    functions.first?.mass(targets: targets, weights: weights)
  }

  func problem(channels: Int) -> String? {
    if terms.isEmpty { return "the sum of losses is empty" }
    if Set(functions.map { $0.isOfClasses }).count > 1 {
      return "cross entropy has class numbers as targets and other losses have probabilities, so "
        + "they cannot be added"
    }
    if Set(functions.map { $0.targetsPerWeight }).count > 1 {
      return "losses of channels and losses of all logits have other pixel weights, so they cannot "
        + "be added"
    }
    return functions.lazy.compactMap { $0.problem(channels: channels) }.first
  }

  func add(_ image: LossImage, _ share: LossShare) -> Double {
    var sum = 0.0
    for term in terms {
      let own = LossShare(
        factor: share.factor * term.weight, images: share.images, mass: share.mass)
      sum += term.loss.function.add(image, own)
    }
    return sum
  }
}
