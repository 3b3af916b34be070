// The losses that a training can add up: their weights and settings in params.yaml, and the engine's loss
// for each. A new loss is a line in each of three places here.

import Neural

/// Weights of the losses in their sum; 0 leaves one out.
public struct LossWeights: Sendable, Equatable, Codable {
  /// Binary cross entropy.
  public var bce: Float
  /// Soft Dice.
  public var dice: Float
  /// Lovász hinge.
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

/// Settings of the Lovász hinge.
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
  /// Weight of foreground, 0...1, against 1 - alpha of background; nil: both 1.
  public var alpha: Float?

  /// The paper's gamma, without weights, unless said otherwise.
  public init(gamma: Float = 2, alpha: Float? = nil) {
    self.gamma = gamma
    self.alpha = alpha
  }
}

extension FitSettings {
  /// The losses by their names in `train.loss`, with their weights.
  private var losses: [(name: String, weight: Float, loss: Loss)] {
    [
      ("bce", loss.bce, .bce()),
      ("dice", loss.dice, .dice()),
      (
        "lovasz", loss.lovasz,
        .lovaszHinge(errors: lovasz.errors == .elu ? .elu : .relu, symmetric: lovasz.symmetric)
      ),
      ("focal", loss.focal, .focal(gamma: focal.gamma, alpha: focal.alpha)),
    ]
  }

  /// The engine's loss: the sum of those with a weight above 0.
  var engineLoss: Loss {
    .sum(losses.filter { $0.weight > 0 }.map { Loss.Term($0.weight, $0.loss) })
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
    for (name, weight, _) in losses {
      try SettingError.check(
        weight >= 0, "train.loss.\(name)", "is \(weight), should not be negative")
    }
    try SettingError.check(
      losses.contains { $0.weight > 0 }, "train.loss", "has no weight above 0: nothing to learn")
  }
}
