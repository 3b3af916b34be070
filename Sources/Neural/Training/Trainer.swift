// Training: one step at a time over a plan compiled for one batch shape.

/// What one step found.
public struct StepResult: Sendable, Equatable {
  /// The batch's mean loss, before the step.
  public var loss: Float
  /// The gradients' global norm, before clipping.
  public var gradientNorm: Float
}

/// Trains a network on batches of one size. Not for use from several threads at once.
public final class Trainer {
  /// The network.
  public let network: Network
  /// Images a batch.
  public let batch: Int
  /// What computes; kept in checkpoints.
  public let engine: EngineIdentity
  /// What computes each layer with weights, by its name: a library's names for its kernels, or `own`.
  public let implementations: [String: String]
  /// Steps done.
  public private(set) var step = 0
  /// Memory of the plan, weights and optimizer, in bytes; a step allocates nothing of this order.
  public let plannedBytes: Int
  /// The size of the logits of one image.
  public let outputShape: Shape

  /// Threads that work, from 1 to those of the engine, at first all of these. May be changed
  /// between two steps; it changes no byte.
  public var threads: Int {
    get { plan.threads }
    set { plan.threads = newValue }
  }

  /// Which of the losses the next steps take, from 0.
  public var lossNumber = 0 {
    didSet { precondition(losses.indices.contains(lossNumber), "there is no such loss") }
  }

  /// Multiplies the learning rate of the parameters whose names begin with `prefix`, and with it AdamW's
  /// decay, by `factor` from the next step on; those of other names keep theirs. 0 leaves the parameters
  /// as they are; running statistics move all the same.
  public func setRate(_ factor: Float, below prefix: String) {
    update.setRate(factor, below: prefix)
  }

  private let losses: [Loss]
  private let inputShape: Shape
  /// Targets of one image.
  private let targetCount: Int
  private let featureCount: Int
  private let seed: UInt64
  private let store: ParameterStore
  private let plan: Plan
  private let update: OptimizerState
  /// The network's batch norms, for their running statistics.
  private let norms: [(step: BatchNormStep, parameters: BatchNormParameters, momentum: Float)]

  /// Compiles the network and initializes its weights.
  /// - Parameters:
  ///   - batch: images in every batch.
  ///   - height: rows of the images, as they are given.
  ///   - width: columns of the images, as they are given.
  ///   - loss: what is made less.
  ///   - laterLosses: others, of the same kind of targets, that `lossNumber` changes to between steps.
  ///   - seed: of initialization and dropout.
  /// - Throws: `NetworkError` when the layers do not fit, `TrainingError` when the loss does not.
  public init(
    network: Network, batch: Int, height: Int, width: Int, loss: Loss, laterLosses: [Loss] = [],
    optimizer: Optimizer, seed: UInt64, engine: EngineSettings = EngineSettings()
  ) throws {
    guard batch > 0 else { throw TrainingError.wrongSize(what: "batch", expected: 1, got: batch) }
    let shapes = try network.shapes(height: height, width: width)
    self.network = network
    self.batch = batch
    losses = [loss] + laterLosses
    self.seed = seed
    outputShape = try network.outputShape(height: height, width: width)
    inputShape = network.imageShape(shapes)
    targetCount = loss.targetCount(outputShape)
    for other in losses {
      if let problem = other.problem(channels: outputShape.channels) {
        throw TrainingError.otherLoss(problem: problem)
      }
      guard other.targetCount(outputShape) == targetCount else {
        throw TrainingError.otherLoss(
          problem: "one loss is of classes and another of sigmoids: they have other targets")
      }
    }
    featureCount = network.featureCount
    let engine = try Engine(engine)
    store = ParameterStore(network.parameters(shapes: shapes), training: true)
    store.initialize(seed: seed)
    let builder = PlanBuilder(
      network: network, shapes: shapes, batch: batch, training: true, engine: engine,
      store: store)
    builder.buildForward()
    let forwardPhases = builder.buildBackward(losses: losses)
    plan = Plan(builder, forwardPhases: forwardPhases, pool: engine.pool)
    self.engine = engine.identity
    implementations = builder.implementations
    norms = builder.norms.sorted { $0.key < $1.key }.compactMap { index, norm in
      guard case .batchNorm(let momentum, _) = network.steps[index].layer,
        let parameters = BatchNormParameters(builder.store, network.steps[index].name)
      else { return nil }
      return (norm, parameters, momentum)
    }
    update = OptimizerState(optimizer, store, engine.kernels)
    plannedBytes = plan.bytes + store.bytes + update.bytes
  }

  /// One forward and backward pass and one update of the weights.
  /// - Parameters:
  ///   - images: [batch, height, width, channels].
  ///   - features: [batch, count]; empty for networks without features.
  ///   - targets: in 0...1, as many as logits: [batch, height, width, channels] of the output; for
  ///     losses of classes their numbers, [batch, height, width], `Loss.ignored` for none.
  ///   - pixelWeights: one a pixel, [batch, height, width], 0 or more; empty for none. Losses of
  ///     sigmoids that aren't in `Loss.channels` take one a target.
  /// - Throws: `TrainingError`; the weights are then as they were.
  @discardableResult
  public func step(
    images: [Float], features: [Float] = [], targets: [Float], pixelWeights: [Float] = [],
    learningRate: Float
  ) throws -> StepResult {
    let result = try gradients(
      images: images, features: features, targets: targets, pixelWeights: pixelWeights)
    update.apply(
      learningRate: learningRate, gradientNorm: result.gradientNorm, step: step + 1, plan: plan)
    for (norm, parameters, momentum) in norms {
      let (mean, variance) = (parameters.mean, parameters.variance)
      for i in 0..<norm.channels {
        mean[i] += momentum * (norm.mean.pointer[i] - mean[i])
        variance[i] += momentum * (norm.variance.pointer[i] - variance[i])
      }
    }
    step += 1
    return result
  }

  /// Begins to take times, from zero; every later step adds to ``profile``.
  public func startProfile() { plan.startProfile() }

  /// Seconds of work by kind since `startProfile`, summed over threads; empty before.
  public var profile: [WorkKind: Double] { plan.profile?.totals ?? [:] }

  /// The forward and backward passes alone; gradients are left for `gradientTensors`.
  package func gradients(
    images: [Float], features: [Float], targets: [Float], pixelWeights: [Float]
  ) throws -> StepResult {
    try TrainingError.check("images", images.count, batch * inputShape.count)
    try TrainingError.check("features", features.count, batch * featureCount)
    try TrainingError.check("targets", targets.count, batch * targetCount)
    let loss = losses[lossNumber]
    plan.inputs.lossNumber = lossNumber
    if !pixelWeights.isEmpty {
      try TrainingError.check(
        "pixel weights", pixelWeights.count, loss.weightCount(targets: targets.count))
    }
    return try images.withUnsafeBufferPointer { images in
      try features.withUnsafeBufferPointer { features in
        try targets.withUnsafeBufferPointer { targets in
          try pixelWeights.withUnsafeBufferPointer { weights in
            plan.inputs.images = images.baseAddress
            plan.inputs.features = features.baseAddress
            plan.inputs.targets = targets.baseAddress
            plan.inputs.pixelWeights = weights.isEmpty ? nil : weights.baseAddress
            plan.inputs.lossMass = loss.mass(
              targets: targets, weights: plan.inputs.pixelWeights, images: batch)
            plan.inputs.key = mixed(seed, UInt64(step))
            plan.prepareWeights()
            plan.forward()
            let loss = Float(plan.inputs.loss)
            guard loss.isFinite else {
              throw TrainingError.notFinite(step: step, what: "loss")
            }
            plan.backward()
            let norm = update.gradientNorm(plan)
            guard norm.isFinite else {
              throw TrainingError.notFinite(step: step, what: "gradient")
            }
            return StepResult(loss: loss, gradientNorm: norm)
          }
        }
      }
    }
  }

  /// The gradients that `gradients` left, by name, in PyTorch's order.
  package func gradientTensors() -> [String: Tensor] {
    store.tensors(from: store.gradients, statistics: false)
  }

  /// The weights and batch-norm statistics as they are now.
  public func weights() -> Weights {
    Weights(tensors: store.tensors(from: store.values, statistics: true))
  }

  /// The moving average of the weights, with the batch-norm statistics as they are now; nil if the
  /// optimizer keeps none.
  public func averagedWeights() -> Weights? {
    update.average.map { Weights(tensors: store.tensors(from: $0, statistics: true)) }
  }

  /// Takes the weights as they are into the plain mean of SWA, for which `Optimizer.keepsSWA` makes
  /// room.
  public func addToSWA() { update.addToSWA(plan) }

  /// The plain mean of the weights that were taken into it, with the batch-norm statistics as they
  /// are now; nil if there were none.
  public func swaWeights() -> Weights? {
    guard let swa = update.swa, update.swaCount > 0 else { return nil }
    return Weights(tensors: store.tensors(from: swa, statistics: true))
  }

  /// These weights with batch-norm statistics measured anew: the mean over some batches of each
  /// batch's mean and unbiased variance, in training mode. The running statistics belong to the
  /// weights of the last steps, not to an average of weights. Leaves the training as it is.
  ///
  /// - Parameters:
  ///   - weights: of this network.
  ///   - batches: how many; none is asked for if the network has no batch norm.
  ///   - batch: the images and features of one (from 0), as for `step`. Dropout is a function of the
  ///     seed and this number.
  /// - Throws: `TrainingError`, and what `batch` throws.
  public func remeasured(
    _ weights: Weights, batches: Int,
    batch: (Int) throws -> (images: [Float], features: [Float])
  ) throws -> Weights {
    if let problem = store.parameters.problem(
      with: weights.tensors, statistics: true, what: "tensor")
    {
      throw TrainingError.otherNetwork(problem: problem)
    }
    guard !norms.isEmpty, batches > 0 else { return weights }
    let before = self.weights()
    defer { store.load(before.tensors, into: store.values) }
    store.load(weights.tensors, into: store.values)
    plan.prepareWeights()
    var sums = norms.map {
      (
        mean: [Double](repeating: 0, count: $0.step.channels),
        variance: [Double](repeating: 0, count: $0.step.channels)
      )
    }
    for number in 0..<batches {
      let (images, features) = try batch(number)
      try measure(images: images, features: features, key: mixed(seed, .max, UInt64(number)))
      for (index, norm) in norms.enumerated() {
        for i in 0..<norm.step.channels {
          sums[index].mean[i] += Double(norm.step.mean.pointer[i])
          sums[index].variance[i] += Double(norm.step.variance.pointer[i])
        }
      }
    }
    for (norm, sum) in zip(norms, sums) {
      for i in 0..<norm.step.channels {
        guard sum.mean[i].isFinite, sum.variance[i].isFinite else {
          throw TrainingError.notFinite(step: step, what: "batch-norm statistics")
        }
        norm.parameters.mean[i] = Float(sum.mean[i] / Double(batches))
        norm.parameters.variance[i] = Float(sum.variance[i] / Double(batches))
      }
    }
    return Weights(tensors: self.weights().tensors, metadata: weights.metadata)
  }

  /// A forward pass without a loss, for its batch-norm statistics.
  private func measure(images: [Float], features: [Float], key: UInt64) throws {
    try TrainingError.check("images", images.count, batch * inputShape.count)
    try TrainingError.check("features", features.count, batch * featureCount)
    images.withUnsafeBufferPointer { images in
      features.withUnsafeBufferPointer { features in
        plan.inputs.images = images.baseAddress
        plan.inputs.features = features.baseAddress
        plan.inputs.targets = nil
        plan.inputs.pixelWeights = nil
        plan.inputs.key = key
        plan.forward()
      }
    }
  }

  /// Everything that training needs to go on bit for bit.
  /// - Parameter metadata: text to keep with it.
  public func checkpoint(metadata: [String: String] = [:]) -> Checkpoint {
    Checkpoint(
      weights: weights(),
      average: update.average.map {
        Weights(tensors: store.tensors(from: $0, statistics: false))
      },
      swa: update.swa.flatMap {
        guard update.swaCount > 0 else { return nil }
        let weights = Weights(tensors: store.tensors(from: $0, statistics: false))
        return Checkpoint.SWA(weights: weights, count: update.swaCount)
      },
      state: update.tensors(), step: step, seed: seed, engine: engine, metadata: metadata)
  }

  /// Goes back to a checkpoint, made by this engine for this network, seed and optimizer.
  /// - Throws: `TrainingError`; the trainer is then as it was.
  public func restore(_ checkpoint: Checkpoint) throws {
    guard checkpoint.engine == engine else {
      throw TrainingError.otherEngine(checkpoint: checkpoint.engine, here: engine)
    }
    guard checkpoint.seed == seed else {
      throw TrainingError.otherNetwork(
        problem: "the checkpoint has seed \(checkpoint.seed), this training \(seed)")
    }
    let average = checkpoint.average?.tensors
    let problem =
      store.parameters.problem(with: checkpoint.weights.tensors, statistics: true, what: "tensor")
      ?? update.problem(with: checkpoint.state, average: average, swa: checkpoint.swa)
    if let problem { throw TrainingError.otherNetwork(problem: problem) }
    store.load(checkpoint.weights.tensors, into: store.values)
    update.load(checkpoint.state, average: average, swa: checkpoint.swa)
    step = checkpoint.step
  }

  /// Starts anew from these weights, for example another training's: step 0, fresh optimizer.
  /// - Throws: `TrainingError`; the trainer is then as it was.
  public func load(_ weights: Weights) throws {
    if let problem = store.parameters.problem(
      with: weights.tensors, statistics: true, what: "tensor")
    {
      throw TrainingError.otherNetwork(problem: problem)
    }
    store.load(weights.tensors, into: store.values)
    update.reset()
    step = 0
  }
}

extension Network {
  func imageShape(_ shapes: [Shape]) -> Shape {
    zip(steps, shapes).first { $0.0.layer.isImage }?.1 ?? Shape(height: 0, width: 0, channels: 0)
  }

  var featureCount: Int {
    for step in steps { if case .features(let count) = step.layer { return count } }
    return 0
  }
}
