// Lowering the learning rate where training gets no further: a rule, and a state that it moves.

/// When to lower the learning rate, as PyTorch's ReduceLROnPlateau.
public struct Plateau: Sendable, Equatable, Codable {
  /// Looks without a better value before the rate is lowered; it is lowered at the one after.
  public var patience: Int
  /// What the rate is multiplied by, in 0..<1.
  public var factor: Double
  /// A value is better if it is by this share of the best.
  public var threshold: Double
  /// Looks after a lowering that do not count.
  public var cooldown: Int
  /// The least rate, as a share of the first.
  public var floor: Double

  /// A rule.
  public init(
    patience: Int = 5, factor: Double = 0.5, threshold: Double = 1e-4, cooldown: Int = 0,
    floor: Double = 0
  ) {
    self.patience = patience
    self.factor = factor
    self.threshold = threshold
    self.cooldown = cooldown
    self.floor = floor
  }

  /// What the rule remembers, to be kept in checkpoints.
  public struct State: Sendable, Equatable, Codable {
    /// What the rate is multiplied by now.
    public private(set) var share = 1.0
    private var best: Double?
    private var withoutBetter = 0
    private var cooling = 0

    /// At the start of a training.
    public init() {}

    /// Takes in a value; `rising` if a larger one is better.
    public mutating func note(_ value: Double, rising: Bool, rule: Plateau) {
      let bound = best.map { $0 * (rising ? 1 + rule.threshold : 1 - rule.threshold) }
      if bound.map({ rising ? value > $0 : value < $0 }) ?? true {
        best = value
        withoutBetter = 0
      } else {
        withoutBetter += 1
      }
      if cooling > 0 {
        cooling -= 1
        withoutBetter = 0
      }
      guard withoutBetter > rule.patience else { return }
      share = max(share * rule.factor, rule.floor)
      cooling = rule.cooldown
      withoutBetter = 0
    }
  }
}
