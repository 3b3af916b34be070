// Ten steps of each optimizer, and averages of the weights, against PyTorch: see
// Golden/make_optimizers.py, which made the numbers.

import Neural
import TestSupport
import Testing

@Suite struct OptimizerGoldenTests {
  private static let (batch, size, channels, filters) = (4, 6, 3, 5)

  /// Names of the file, what they are here, and the learning rate.
  static let optimizers: [(String, Optimizer, Float)] = [
    ("sgd", Optimizer(.sgd(momentum: 0)), 0.1),
    ("momentum", Optimizer(.sgd(weightDecay: 0.1)), 0.05),
    ("nesterov", Optimizer(.sgd(momentum: 0.8, nesterov: true, weightDecay: 0.1)), 0.05),
    ("adam", Optimizer(.adam()), 0.05),
    (
      "adam decay", Optimizer(.adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.1)), 0.05
    ),
    ("adamw", Optimizer(.adamW(weightDecay: 0.5)), 0.05),
    ("clipped sgd", Optimizer(.sgd(weightDecay: 0.1), gradientClip: 0.5), 0.1),
    ("clipped adamw", Optimizer(.adamW(weightDecay: 0.1), gradientClip: 0.5), 0.05),
  ]

  private func trainer(_ optimizer: Optimizer, norm: Bool) throws -> Trainer {
    var n = Network()
    var x = n.convolution(
      n.image(channels: Self.channels), filters: Self.filters, kernel: 1, bias: true, name: "a")
    if norm { x = n.batchNorm(x, name: "norm") }
    n.output(n.convolution(n.relu(x), filters: 1, kernel: 1, bias: true, name: "b"))
    let trainer = try Trainer(
      network: n, batch: Self.batch, height: Self.size, width: Self.size,
      loss: .sum([.init(10, .bce())]), optimizer: optimizer, seed: 1,
      engine: EngineSettings(threads: 2))
    var generator = GoldenGenerator(state: 6)
    var weights = trainer.weights()
    for name in ["a.weight", "a.bias", "b.weight", "b.bias"] {
      let count = try #require(weights.tensors[name]).values.count
      weights.tensors[name]?.values = generator.values(count)
    }
    try trainer.load(weights)
    return trainer
  }

  private var data: (images: [Float], targets: [Float]) {
    var generator = GoldenGenerator(state: 7)
    let pixels = Self.batch * Self.size * Self.size
    let images = generator.values(pixels * Self.channels)
    return (images, generator.values(pixels).map { $0 > 0 ? 1 : 0 })
  }

  private func compare(_ weights: Weights, _ golden: [String: Tensor], _ prefix: String) throws {
    for (name, tensor) in weights.tensors {
      let expected = try #require(golden["\(prefix)/\(name)"])
      #expect(tensor.shape == expected.shape)
      #expect(relativeError(tensor.values, expected.values) < 2e-5, "\(prefix) \(name)")
    }
  }

  @Test(arguments: optimizers)
  func tenStepsAsPyTorch(name: String, optimizer: Optimizer, rate: Float) throws {
    let golden = try golden("optimizers")
    let trainer = try trainer(optimizer, norm: false)
    let (images, targets) = data
    let results = try (0..<10).map { _ in
      try trainer.step(images: images, targets: targets, learningRate: rate)
    }
    #expect(relativeError(results.map(\.loss), golden["\(name)/losses"]!.values) < 1e-5)
    if let norms = golden["\(name)/norms"] {
      #expect(relativeError(results.map(\.gradientNorm), norms.values) < 1e-5)
    }
    try compare(trainer.weights(), golden, name)
  }

  @Test func averagesWithTheirOwnStatisticsAsPyTorch() throws {
    let golden = try golden("optimizers")
    let trainer = try trainer(
      Optimizer(.sgd(), averageDecay: 0.75, keepsSWA: true), norm: true)
    let (images, targets) = data
    #expect(trainer.swaWeights() == nil)
    for step in 0..<10 {
      _ = try trainer.step(images: images, targets: targets, learningRate: 0.05)
      if step >= 6 { trainer.addToSWA() }
    }
    let before = trainer.checkpoint()
    #expect(before.swa?.count == 4)
    for (name, average) in [("ema", trainer.averagedWeights()), ("swa", trainer.swaWeights())] {
      let measured = try trainer.remeasured(try #require(average), batches: 2) {
        ($0 == 0 ? images : images.map { -$0 }, [])
      }
      try compare(measured, golden, name)
      #expect(measured.tensors["a.weight"] == average?.tensors["a.weight"])
    }
    // The training is as it was.
    #expect(trainer.checkpoint() == before)
    try compare(trainer.weights(), golden, "averaged")
  }
}
