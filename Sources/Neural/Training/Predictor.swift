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

  private let inputShape: Shape
  private let featureCount: Int
  private let store: ParameterStore
  private let plan: Plan

  /// Compiles the network for inference.
  /// - Throws: `NetworkError` when the layers do not fit, `TrainingError` when the weights do not.
  public init(
    network: Network, weights: Weights, batch: Int, height: Int, width: Int,
    engine: EngineSettings = EngineSettings()
  ) throws {
    guard batch > 0 else { throw TrainingError.wrongSize(what: "batch", expected: 1, got: batch) }
    let shapes = try network.shapes(height: height, width: width)
    self.network = network
    self.batch = batch
    outputShape = try network.outputShape(height: height, width: width)
    inputShape = network.imageShape(shapes)
    featureCount = network.featureCount
    let parameters = network.parameters(shapes: shapes)
    // Before there is memory for them: the network may come from a file.
    if let problem = parameters.problem(with: weights.tensors, statistics: true, what: "tensor") {
      throw TrainingError.otherNetwork(problem: problem)
    }
    store = ParameterStore(parameters, training: false)
    store.load(weights.tensors, into: store.values)
    let engine = try Engine(engine)
    let builder = PlanBuilder(
      network: network, shapes: shapes, batch: batch, training: false, engine: engine,
      store: store)
    builder.buildForward()
    builder.buildResults()
    plan = Plan(builder, forwardPhases: builder.phases.count, pool: engine.pool)
    plan.prepareWeights()
    plannedBytes = plan.bytes + store.bytes
  }

  /// Begins to take times, from zero; every later call adds to ``profile``.
  public func startProfile() { plan.startProfile() }

  /// Seconds of work by kind since `startProfile`, summed over threads; empty before.
  public var profile: [WorkKind: Double] { plan.profile?.totals ?? [:] }

  /// The logits of `count` images, [count, height, width, channels] of the output.
  /// - Parameters:
  ///   - images: [count, height, width, channels].
  ///   - features: [count, n]; empty for networks without features.
  ///   - count: at most `batch`.
  /// - Throws: `TrainingError` when a size is wrong.
  public func logits(images: [Float], features: [Float] = [], count: Int) throws -> [Float] {
    guard count > 0, count <= batch else {
      throw TrainingError.wrongSize(what: "count of images", expected: batch, got: count)
    }
    try TrainingError.check("images", images.count, count * inputShape.count)
    try TrainingError.check("features", features.count, count * featureCount)
    let total = count * outputShape.count
    return images.withUnsafeBufferPointer { images in
      features.withUnsafeBufferPointer { features in
        [Float](unsafeUninitializedCapacity: total) { buffer, initialized in
          plan.inputs.images = images.baseAddress
          plan.inputs.features = features.baseAddress
          plan.inputs.results = buffer.baseAddress
          plan.forward(count: count)
          initialized = total
        }
      }
    }
  }
}
