// Inference: batch norm by running statistics, folded into the weights before it.

/// Computes a trained network's logits. Not for use from several threads at once.
public final class Predictor {
  /// The network.
  public let network: Network
  /// The most images a call.
  public let batch: Int
  /// Memory of plan and weights, in bytes.
  public let plannedBytes: Int
  /// The size of the logits of one image.
  public let outputShape: Shape

  /// Compiles the network for inference.
  /// - Throws: `NetworkError` when the layers do not fit, `TrainingError` when the weights do not.
  public init(
    network: Network, weights: Weights, batch: Int, height: Int, width: Int,
    runtime: Runtime = Runtime()
  ) throws {
    throw NetworkError(layer: "network", problem: "inference is not built yet")
  }

  /// The logits of `count` images, [count, height, width, channels] of the output.
  /// - Parameters:
  ///   - images: [count, height, width, channels].
  ///   - features: [count, n]; empty for networks without features.
  ///   - count: at most `batch`.
  /// - Throws: `TrainingError` when a size is wrong.
  public func logits(images: [Float], features: [Float] = [], count: Int) throws -> [Float] {
    throw NetworkError(layer: "network", problem: "inference is not built yet")
  }
}
