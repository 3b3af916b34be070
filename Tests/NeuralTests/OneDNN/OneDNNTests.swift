// oneDNN as a backend and as a second opinion: every layer and a whole U-Net against the engine's own
// kernels in float32, and no layer of the U-Net on a kernel that is slow by a factor of a thousand.

import Foundation
import Neural
import TestSupport
import Testing

private let reason: Comment = "this build has no oneDNN"

@Suite(.enabled(if: BackendChoice.oneDNN.isAvailable, reason)) struct OneDNNTests {
  static let precisions = Precision.allCases.filter(\.isAvailable)

  private func trainer(
    _ network: Network, batch: Int, size: Int, backend: BackendChoice = .oneDNN,
    precision: Precision = .float32, threads: Int = 2
  ) throws -> Trainer {
    try Trainer(
      network: network, batch: batch, height: size, width: size, loss: .bceDice,
      optimizer: Optimizer(.adamW()), seed: 5,
      engine: EngineSettings(threads: threads, backend: backend, precision: precision))
  }

  @Test(arguments: [8, 16, 32], precisions)
  func layersOfTheUNetHaveFastKernels(filters: Int, precision: Precision) throws {
    let model = SmallUNet(size: 101, pad: (13, 14), levels: 5, filters: filters, features: 0)
    let trainer = try trainer(model.network(), batch: 1, size: model.size, precision: precision)
    // 18 convolutions of 3 x 3, four up-convolutions and the head.
    #expect(trainer.implementations.count == 23)
    for (layer, name) in trainer.implementations {
      #expect(name.contains("brg") || name.contains("jit"), "\(layer): \(name)")
      #expect(!name.contains("ref"), "\(layer): \(name)")
    }
    #expect(trainer.engine.library.hasPrefix("oneDNN"))
    #expect(!trainer.engine.library.contains("own kernels"))
  }

  /// What the library isn't asked for, or is slow at, the engine computes itself.
  @Test func groupsAreLeftToOwnKernels() throws {
    var network = Network()
    let x = network.convolution(network.image(channels: 2), filters: 6, name: "first")
    network.output(network.convolution(x, filters: 4, groups: 2, bias: true, name: "second"))
    let implementations = try trainer(network, batch: 1, size: 8).implementations
    #expect(implementations["first"] != "own")
    #expect(implementations["second"] == "own")
  }

  private func gradients(_ layer: LayerCase, _ backend: BackendChoice) throws -> (
    loss: Float, tensors: [String: Tensor], logits: [Float]
  ) {
    // One image more than gradients of weights take at once.
    let (batch, size) = (5, 6)
    let network = layer.network()
    let trainer = try trainer(network, batch: batch, size: size, backend: backend)
    var generator = GoldenGenerator(state: 11)
    let images = generator.values(batch * size * size * 2)
    let features = generator.values(batch * layer.features)
    let targets = generator.values(batch * trainer.outputShape.count).map { $0 > 0 ? Float(1) : 0 }
    let result = try trainer.gradients(
      images: images, features: features, targets: targets, pixelWeights: [])
    let predictor = try Predictor(
      network: network, weights: trainer.weights(), batch: batch, height: size, width: size,
      engine: EngineSettings(threads: 2, backend: backend))
    return (
      result.loss, trainer.gradientTensors(),
      try predictor.logits(images: images, features: features, count: batch)
    )
  }

  /// With gradients in parts, which are computed for several images at once.
  static let layers =
    LayerTests.cases + BFloat16Tests.winograd + BFloat16Tests.convolutions + [
      LayerCase("up-conv 128 to 80, gradient in parts", channels: 128) { n, x in
        n.transposedConvolution(x, filters: 80, name: "layer")
      }
    ]

  /// The two share neither kernels nor orders of weights; sums differ in the last bits.
  @Test(arguments: layers)
  func layersEqualOwnKernels(_ layer: LayerCase) throws {
    let (own, other) = try (gradients(layer, .native), gradients(layer, .oneDNN))
    #expect(relativeError(other.logits, own.logits) < 1e-5)
    #expect(abs(other.loss - own.loss) < 1e-6)
    for (name, expected) in own.tensors {
      let difference = zip(other.tensors[name]!.values, expected.values).map { abs($0 - $1) }
      // Gradients of biases before a batch norm are nothing but rounding.
      let scale = max(expected.values.map(abs).max() ?? 0, 1e-2)
      #expect(difference.max()! < 2e-5 * scale, "\(name)")
    }
  }

  @Test func uNetEqualsOwnKernels() throws {
    let model = SmallUNet(size: 29, pad: (1, 2), levels: 4, filters: 8, features: 2)
    let batch = Batch(model, count: 3, seed: 4)
    let (own, other) = try (
      trainer(model.network(), batch: 3, size: model.size, backend: .native),
      trainer(model.network(), batch: 3, size: model.size)
    )
    for trainer in [own, other] {
      _ = try trainer.gradients(
        images: batch.images, features: batch.features, targets: batch.targets, pixelWeights: [])
    }
    let tensors = other.gradientTensors()
    for (name, expected) in own.gradientTensors() {
      #expect(relativeError(tensors[name]!.values, expected.values) < 1e-4, "\(name)")
    }
  }

  @Test func threadsDoNotChangeAByte() throws {
    let model = SmallUNet(size: 14, pad: (1, 1), levels: 3, filters: 32, features: 2, dropout: 0.2)
    let folder = try TemporaryFolder()
    let files = try [1, 2, 7].map { threads in
      let trainer = try trainer(model.network(), batch: 5, size: model.size, threads: threads)
      for step in 0..<3 { _ = try trainer.step(Batch(model, count: 5, seed: UInt64(step))) }
      let url = folder.url.appendingPathComponent("\(threads)")
      try trainer.checkpoint().write(to: url)
      return try Data(contentsOf: url)
    }
    #expect(Set(files).count == 1)
  }

  @Test func checkpointsOfOwnKernelsAreRefused() throws {
    let model = SmallUNet()
    let (own, other) = try (
      trainer(model.network(), batch: 1, size: model.size, backend: .native),
      trainer(model.network(), batch: 1, size: model.size)
    )
    #expect(throws: TrainingError.otherEngine(checkpoint: own.engine, here: other.engine)) {
      try other.restore(own.checkpoint())
    }
  }
}

@Suite struct BackendDecisionTests {
  @Test func amxWantsBothFlagsAndBothStates() {
    let (bf16, tile) = (UInt32(1) << 22, UInt32(1) << 24)
    let (configuration, data) = (UInt64(1) << 17, UInt64(1) << 18)
    func allows(_ leaf7: UInt32, _ states: UInt64) -> Bool {
      BackendFindings.allowsAMX(leaf7: leaf7, keptStates: states)
    }
    #expect(allows(bf16 | tile, configuration | data))
    #expect(allows(.max, .max))
    #expect(!allows(bf16, configuration | data))
    #expect(!allows(tile, configuration | data))
    // A processor that has it under a system that doesn't keep the tiles.
    #expect(!allows(bf16 | tile, 0xe7))
    #expect(!allows(bf16 | tile, configuration))
    #expect(!allows(0, .max))
  }

  @Test func automaticTakesOneDNNForBFloat16WithAMXAlone() {
    let amx = BackendFindings(hasAMX: true, oneDNN: "avx512_core_amx")
    func chosen(
      _ findings: BackendFindings, _ precision: Precision = .bfloat16,
      _ backend: BackendChoice = .automatic
    ) -> BackendDecision {
      EngineSettings(threads: 1, backend: backend, precision: precision).decision(findings)
    }
    #expect(chosen(amx).backend == .oneDNN)
    #expect(chosen(amx, .float32).backend == .native)
    #expect(chosen(BackendFindings(hasAMX: false, oneDNN: "avx512_core_bf16")).backend == .native)
    let capped = chosen(BackendFindings(hasAMX: true, oneDNN: "avx512_core_bf16"))
    #expect(capped.backend == .native)
    #expect(capped.reason.contains("avx512_core_bf16"))
    let missing = chosen(BackendFindings(hasAMX: true, oneDNN: nil))
    #expect(missing.backend == .native)
    #expect(missing.reason.contains("libdnnl-dev"))
    // What is asked for is what is taken.
    for backend in [BackendChoice.native, .oneDNN] {
      #expect(chosen(amx, .float32, backend).backend == backend)
    }
  }

  @Test func thisMachineHasADecision() {
    #expect(EngineSettings(threads: 1).decision.backend == .native)
    #expect(EngineSettings(threads: 1, precision: .bfloat16).decision.backend != .automatic)
  }

  @Test(.enabled(if: !BackendChoice.oneDNN.isAvailable), arguments: OneDNNTests.precisions)
  func buildsWithoutOneDNNSaySo(precision: Precision) throws {
    let model = SmallUNet()
    #expect(throws: EngineError.noOneDNN) {
      _ = try Trainer(
        network: model.network(), batch: 1, height: model.size, width: model.size, loss: .bce(),
        optimizer: Optimizer(.sgd()), seed: 1,
        engine: EngineSettings(threads: 1, backend: .oneDNN, precision: precision))
    }
  }
}
