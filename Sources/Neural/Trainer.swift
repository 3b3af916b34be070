// Training: one step at a time over a plan compiled for one batch shape.

/// What one step found.
public struct StepResult: Sendable, Equatable {
  /// The batch's mean loss, before the step.
  public var loss: Float
  /// The gradients' global norm, before clipping.
  public var gradientNorm: Float
}

/// Training that cannot go on, and what to do.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Loss or gradients became NaN or infinite; the weights are those from before the step.
  case notFinite(step: Int, what: String)
  /// A buffer of the wrong size.
  case wrongSize(what: String, expected: Int, got: Int)
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
      "\(what) has \(got) values, the plan needs \(expected)"
    case .otherNetwork(let problem):
      "the weights do not fit this network: \(problem)"
    case .otherEngine(let checkpoint, let here):
      "the checkpoint was made by \(checkpoint); here it would go on by \(here), with other bits. "
        + "Go on where it was made, or start anew"
    }
  }
}

/// Trains a network on batches of one size. Not for use from several threads at once.
public final class Trainer {
  /// The network.
  public let network: Network
  /// Images a batch.
  public let batch: Int
  /// What computes; kept in checkpoints.
  public let engine: EngineIdentity
  /// Steps done.
  public private(set) var step = 0
  /// Memory of the plan, weights and optimizer, in bytes; nothing more is allocated in a step.
  public let plannedBytes: Int
  /// The size of the logits of one image.
  public let outputShape: Shape

  /// Compiles the network and initializes its weights.
  /// - Parameters:
  ///   - batch: images in every batch.
  ///   - height: rows of the images, as they are given.
  ///   - width: columns of the images, as they are given.
  ///   - seed: of initialization and dropout.
  /// - Throws: `NetworkError` when the layers do not fit.
  public init(
    network: Network, batch: Int, height: Int, width: Int, loss: Loss, optimizer: Optimizer,
    seed: UInt64, runtime: Runtime = Runtime()
  ) throws {
    throw NetworkError(layer: "network", problem: "training is not built yet")
  }

  /// One forward and backward pass and one update of the weights.
  /// - Parameters:
  ///   - images: [batch, height, width, channels].
  ///   - features: [batch, count]; empty for networks without features.
  ///   - targets: in 0...1, [batch, height, width] of the output.
  ///   - pixelWeights: factors of BCE, as many as targets; empty for none.
  /// - Throws: `TrainingError`.
  @discardableResult
  public func step(
    images: [Float], features: [Float] = [], targets: [Float], pixelWeights: [Float] = [],
    learningRate: Float
  ) throws -> StepResult {
    throw NetworkError(layer: "network", problem: "training is not built yet")
  }

  /// The weights and batch-norm statistics as they are now.
  public func weights() -> Weights { Weights(tensors: [:]) }

  /// The moving average of the weights, with the batch-norm statistics as they are now; nil if the
  /// optimizer keeps none.
  public func averagedWeights() -> Weights? { nil }

  /// Everything that training needs to go on bit for bit.
  /// - Parameter metadata: text to keep with it.
  public func checkpoint(metadata: [String: String] = [:]) -> Checkpoint {
    Checkpoint(
      weights: weights(), average: nil, state: [:], step: step, seed: 0, engine: engine,
      metadata: metadata)
  }

  /// Goes back to a checkpoint, made by this engine for this network.
  /// - Throws: `TrainingError`; the trainer is then as it was.
  public func restore(_ checkpoint: Checkpoint) throws {
    throw NetworkError(layer: "network", problem: "training is not built yet")
  }

  /// Starts from these weights, for example another training's; the optimizer's state is reset.
  /// - Throws: `TrainingError`; the trainer is then as it was.
  public func load(_ weights: Weights) throws {
    throw NetworkError(layer: "network", problem: "training is not built yet")
  }
}
