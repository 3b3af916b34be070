// The losses that a training can add up: their weights and settings in params.yaml, and the engine's loss
// for each kind of targets.

public import Neural

/// Weights of the losses in their sum; 0 leaves one out. Each name stands for the loss that fits the
/// targets: of sigmoids, or of a softmax over classes.
public struct LossWeights: Sendable, Equatable, Codable {
  /// Cross entropy: binary, or of classes.
  public var bce: Float
  /// Soft Dice.
  public var dice: Float
  /// Lovász hinge, or Lovász-softmax.
  public var lovasz: Float
  /// Focal loss.
  public var focal: Float

  /// BCE + Dice unless said otherwise.
  public init(bce: Float = 1, dice: Float = 1, lovasz: Float = 0, focal: Float = 0) {
    self.bce = bce
    self.dice = dice
    self.lovasz = lovasz
    self.focal = focal
  }
}

/// Losses that take over in the midst of a training.
public struct LossPhase: Sendable, Equatable, Codable {
  /// The share of the epochs before it, 0..<1.
  public var from: Double
  /// Weights of the losses from then on.
  public var loss: LossWeights

  /// Losses from a share of the epochs on.
  public init(from: Double, loss: LossWeights) {
    self.from = from
    self.loss = loss
  }
}

/// Settings of the Lovász hinge; Lovász-softmax has none.
public struct LovaszSettings: Sendable, Equatable, Codable {
  /// How the errors count.
  public enum Errors: String, NamedChoice {
    /// Pixels that are right by a margin don't count.
    case relu
    /// elu(e) + 1: every pixel counts, and has a gradient.
    case elu
  }

  /// How the errors count.
  public var errors: Errors
  /// Whether background and foreground are swapped, too, and the mean of both is taken.
  public var symmetric: Bool

  /// The paper's hinge unless said otherwise.
  public init(errors: Errors = .relu, symmetric: Bool = false) {
    self.errors = errors
    self.symmetric = symmetric
  }
}

/// Settings of the focal loss.
public struct FocalSettings: Sendable, Equatable, Codable {
  /// How much pixels that are right lose their weight; at least 0.
  public var gamma: Float
  /// Weight of foreground, 0...1, against 1 - alpha of background; nil: both 1. Of a softmax, where
  /// classes have weights of their own, it means nothing.
  public var alpha: Float?

  /// The paper's gamma, without weights, unless said otherwise.
  public init(gamma: Float = 2, alpha: Float? = nil) {
    self.gamma = gamma
    self.alpha = alpha
  }
}

extension FitSettings {
  /// The engine's loss for these targets: the sum of the losses with a weight above 0, each in the form
  /// that fits them.
  ///
  /// - Of sigmoids, the weighted mean over channels of each one's own sum. A regression has cross entropy
  ///   alone: of soft targets it is least where p = t, while regions of theirs mean nothing.
  /// - Of a softmax, the sum of the losses of classes.
  public func engineLoss(for head: TargetHead) -> Loss { engineLoss(for: head, loss) }

  /// The losses of all phases, in order.
  func engineLosses(for head: TargetHead) -> [Loss] {
    [engineLoss(for: head)] + (phases ?? []).map { engineLoss(for: head, $0.loss) }
  }

  /// Which of `engineLosses` an epoch (from 1) has.
  func lossNumber(epoch: Int) -> Int {
    (phases ?? []).count { Double(epoch - 1) >= $0.from * Double(epochs) }
  }

  private func engineLoss(for head: TargetHead, _ loss: LossWeights) -> Loss {
    switch head {
    case .sigmoid(let channels, let weights, let regressions):
      if channels == 1, weights == nil, regressions.isEmpty { return sigmoidLoss(loss) }
      return .channels(
        (0..<channels).map { channel in
          Loss.Term(
            weights?[channel] ?? 1,
            regressions.contains(channel) ? regressionLoss(loss) : sigmoidLoss(loss))
        })
    case .softmax(_, let weights):
      let losses: [(Float, Loss)] = [
        (loss.bce, .crossEntropy(weights: weights)),
        (loss.dice, .softmaxDice(weights: weights)),
        (loss.lovasz, .lovaszSoftmax(weights: weights)),
        (loss.focal, .softmaxFocal(gamma: focal.gamma, weights: weights)),
      ]
      return .sum(losses.filter { $0.0 > 0 }.map { Loss.Term($0.0, $0.1) })
    }
  }

  /// Of one channel.
  private func sigmoidLoss(_ loss: LossWeights) -> Loss {
    let losses: [(Float, Loss)] = [
      (loss.bce, .bce()),
      (loss.dice, .dice()),
      (
        loss.lovasz,
        .lovaszHinge(errors: lovasz.errors == .elu ? .elu : .relu, symmetric: lovasz.symmetric)
      ),
      (loss.focal, .focal(gamma: focal.gamma, alpha: focal.alpha)),
    ]
    return .sum(losses.filter { $0.0 > 0 }.map { Loss.Term($0.0, $0.1) })
  }

  /// Of one channel of soft targets; with weight 1 where params.yaml gives cross entropy none.
  private func regressionLoss(_ loss: LossWeights) -> Loss {
    .sum([Loss.Term(loss.bce > 0 ? loss.bce : 1, .bce())])
  }

  /// Checks the settings of losses.
  /// - Throws: `SettingError` naming the first that cannot be used.
  func checkLossSettings() throws {
    try SettingError.check(
      focal.gamma >= 0, "train.focal.gamma", "is \(focal.gamma), should not be negative")
    try SettingError.check(
      focal.alpha.map { (0...1).contains($0) } ?? true, "train.focal.alpha",
      "is \(focal.alpha ?? 0), should be from 0 to 1, or null")
  }

  /// Checks the weights of losses.
  /// - Throws: `SettingError` naming the first that cannot be used.
  func checkLossWeights() throws {
    try Self.check(loss, "train.loss")
    for (index, phase) in (phases ?? []).enumerated() {
      let section = "train.phases[\(index)]"
      let before = index == 0 ? 0 : phases?[index - 1].from ?? 0
      try SettingError.check(
        phase.from > before && phase.from < 1, "\(section).from",
        "is \(phase.from), should be above \(before) and below 1: a share of the epochs")
      try Self.check(phase.loss, "\(section).loss")
    }
  }

  private static func check(_ loss: LossWeights, _ section: String) throws {
    let weights = [
      ("bce", loss.bce), ("dice", loss.dice), ("lovasz", loss.lovasz), ("focal", loss.focal),
    ]
    for (name, weight) in weights {
      try SettingError.check(
        weight >= 0, "\(section).\(name)", "is \(weight), should not be negative")
    }
    try SettingError.check(
      weights.contains { $0.1 > 0 }, section, "has no weight above 0: nothing to learn")
  }
}
