// Why training or inference cannot go on.

/// Training that cannot go on, and what to do.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Loss or gradients became NaN or infinite; the weights are those from before the step.
  case notFinite(step: Int, what: String)
  /// A buffer of the wrong size.
  case wrongSize(what: String, expected: Int, got: Int)
  /// The loss does not go with the network's output.
  case otherLoss(problem: String)
  /// The checkpoint or weights belong to another network.
  case otherNetwork(problem: String)
  /// The checkpoint was made by another engine; going on would give other bits.
  case otherEngine(checkpoint: EngineIdentity, here: EngineIdentity)

  /// For people.
  public var description: String {
    switch self {
    case .notFinite(let step, let what):
      "step \(step): the \(what) is not finite. Go back to the last checkpoint with a lower "
        + "learning rate or with gradient clipping, and look at the images of this batch"
    case .wrongSize(let what, let expected, let got):
      "\(what): got \(got), the plan needs \(expected)"
    case .otherLoss(let problem):
      "the loss does not fit this network: \(problem)"
    case .otherNetwork(let problem):
      "the weights do not fit this network: \(problem)"
    case .otherEngine(let checkpoint, let here):
      "the checkpoint was made by \(checkpoint); resumed here, by \(here), training would give other bits. "
        + "Resume it where it was made, or start over"
    }
  }

  static func check(_ what: String, _ got: Int, _ expected: Int) throws {
    guard got == expected else {
      throw TrainingError.wrongSize(what: what, expected: expected, got: got)
    }
  }
}
