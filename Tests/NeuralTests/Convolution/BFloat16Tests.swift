// bfloat16: convolutions against the exact result for rounded numbers, all layers and a whole U-Net
// against float32, the same bytes whatever the threads.

import Foundation
import Neural
import TestSupport
import Testing

private let reason: Comment = "this processor lacks AVX512_BF16"

/// To the nearest bfloat16, ties to even.
private func rounded(_ x: Float) -> Float {
  let bits = x.bitPattern
  return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
}

@Suite(.enabled(if: Precision.bfloat16.isAvailable, reason)) struct BFloat16Tests {
  let model = SmallUNet(size: 14, pad: (1, 1), levels: 3, filters: 24, features: 2, dropout: 0.2)

  /// With AMX by its emulation.
  static let ownWays = [
    Way(backend: .native, tiles: .never), Way(backend: .native, tiles: .emulated),
  ]
  /// oneDNN is tested where the build has it.
  static let ways =
    ownWays + (BackendChoice.oneDNN.isAvailable ? [Way(backend: .oneDNN, tiles: .never)] : [])

  /// Those that our own backend computes by Winograd's way, and rounds in the frequency domain.
  static let winograd =
    LayerTests.cases.filter { $0.testDescription.hasPrefix("conv 8 to 8") } + [
      LayerCase("conv 72 to 64, gradient in parts", channels: 72) { n, x in
        n.convolution(x, filters: 64, bias: true, name: "layer")
      },
      LayerCase("conv 48 to 128, gradient in parts", channels: 48) { n, x in
        n.convolution(x, filters: 128, name: "layer")
      },
      LayerCase("conv 16 to 16", channels: 16) { n, x in
        n.convolution(x, filters: 16, bias: true, name: "layer")
      },
      LayerCase("conv 8 to 24", channels: 8) { n, x in
        n.convolution(x, filters: 24, bias: true, name: "layer")
      },
    ]

  static let convolutions =
    LayerTests.cases.filter {
      ($0.testDescription.hasPrefix("conv") && !$0.testDescription.hasPrefix("conv 8 to 8"))
        || $0.testDescription.hasPrefix("up-conv")
    } + [
      LayerCase("conv 70 to 64, gradient in parts", channels: 70) { n, x in
        n.convolution(x, filters: 64, bias: true, name: "layer")
      },
      LayerCase("up-conv 160 to 80, gradient in parts", channels: 160) { n, x in
        n.transposedConvolution(x, filters: 80, name: "layer")
      },
      LayerCase("conv 16 to 32, stride 2 and ReLU", channels: 16) { n, x in
        n.relu(n.convolution(x, filters: 32, stride: 2, bias: true, name: "layer"))
      },
      LayerCase("conv 72 to 64, stride 2, gradient in parts", channels: 72) { n, x in
        n.convolution(x, filters: 64, stride: 2, name: "layer")
      },
      LayerCase("conv 16 to 24, stride 2, beside a projection", channels: 16) { n, x in
        let a = n.convolution(x, filters: 24, stride: 2, name: "layer")
        return n.concatenate([
          a, n.convolution(x, filters: 8, kernel: 1, stride: 2, name: "projection"),
        ])
      },
      LayerCase("conv 7x7, stride 3", channels: 8) { n, x in
        n.convolution(x, filters: 8, kernel: 7, stride: 3, name: "layer")
      },
      LayerCase("conv 1x1, 40 to 24", channels: 40) { n, x in
        n.convolution(x, filters: 24, kernel: 1, bias: true, name: "layer")
      },
      LayerCase("conv 1x1, 120 to 128, gradient in parts", channels: 120) { n, x in
        n.convolution(x, filters: 128, kernel: 1, name: "layer")
      },
      LayerCase("conv 32 to 16 into a join", channels: 32) { n, x in
        let a = n.convolution(x, filters: 16, dilation: 2, name: "layer")
        return n.concatenate([a, n.convolution(x, filters: 16, kernel: 1, name: "layer2")])
      },
    ]

  /// Products of bfloat16 numbers are exact in float32, so only the order of sums may differ from
  /// the reference in Double on rounded images and weights.
  @Test(arguments: convolutions.filter { !$0.isGrouped }, ways)
  func forwardIsExactOnRoundedNumbers(_ layer: LayerCase, way: Way) throws {
    let (logits, expected) = try forward(layer, way: way)
    #expect(relativeError(logits, expected) < 2e-6)
  }

  /// Convolutions of each channel by itself round nothing but what they read and write.
  static let depthwise = [(3, 1), (3, 2), (5, 1), (5, 2), (7, 3)].map { kernel, stride in
    LayerCase("depthwise conv \(kernel)x\(kernel) / \(stride)", channels: 40) { n, x in
      n.convolution(x, filters: 40, kernel: kernel, stride: stride, groups: 40, name: "layer")
    }
  }

  @Test(arguments: depthwise) func gradientsOfDepthwise(_ layer: LayerCase) throws {
    for (name, got, expected) in try gradients(layer, way: Self.ways[0], width: 11) {
      let error = relativeError(got, expected)
      #expect(error < 0x1p-6, "\(name): \(error)")
    }
  }

  /// Winograd's way rounds frequencies, whose errors the transform back makes larger: 1% in the norm
  /// where rounded images and weights alone make 0.2%.
  @Test(arguments: winograd) func forwardByWinogradIsNear(_ layer: LayerCase) throws {
    let (logits, expected) = try forward(layer, way: Self.ways[0])
    let error = relativeNorm(logits, expected)
    #expect(error > 1e-4 && error < 0x1p-6, "\(error)")
  }

  /// The results of a layer in bfloat16, and in Double for rounded images and weights.
  private func forward(_ layer: LayerCase, way: Way) throws -> ([Float], [Float]) {
    let (height, width) = (7, 5)
    var network = Network()
    let image = network.image(channels: layer.channels)
    network.output(layer.build(&network, image))
    let trainer = try Trainer(
      network: network, batch: 2, height: height, width: width, loss: .bce(),
      optimizer: Optimizer(.sgd()), seed: 3)
    var generator = GoldenGenerator(state: 4)
    var images = generator.values(2 * height * width * layer.channels)
    var weights = trainer.weights()
    // Convolutions of one tap round neither what they read nor their weights.
    if network.steps.contains(where: { $0.isPointwise }) {
      images = images.map(rounded)
      for (name, tensor) in weights.tensors {
        weights.tensors[name]!.values = tensor.values.map(rounded)
      }
    }
    let predictor = try Predictor(
      network: network, weights: weights, batch: 2, height: height, width: width,
      engine: way.engine())
    let logits = try predictor.logits(images: images, count: 2)
    let reference = try ReferenceNetwork(network, batch: 2, height: height, width: width)
    let expected = reference.output(
      weights.tensors.mapValues { $0.values.map { Double(rounded($0)) } },
      images: images.map { Double(rounded($0)) }, features: [])
    return (logits, expected.map { Float($0) })
  }

  /// The gradients of one layer between two small ones, on numbers that rounding doesn't change,
  /// so that what is left is the rounding of a few results and gradients in between: 2^-9 each.
  @Test(arguments: convolutions.filter { !$0.hasReLU }, ways)
  func gradientsOfLayer(_ layer: LayerCase, way: Way) throws {
    for (name, got, expected) in try gradients(layer, way: way) {
      let error = relativeError(got, expected)
      #expect(error < 0x1p-6, "\(name): \(error)")
    }
  }

  /// The same where frequencies are rounded, in the norm; two and three tiles in a row, since those of
  /// a gradient share words in twos, and those of eight channels go in twos.
  @Test(arguments: winograd.filter { !$0.hasReLU }, [5, 11])
  func gradientsOfLayerByWinograd(_ layer: LayerCase, width: Int) throws {
    for (name, got, expected) in try gradients(layer, way: Self.ways[0], width: width) {
      let error = relativeNorm(got, expected)
      #expect(error < 0x1p-5, "\(name): \(error)")
    }
  }

  /// A deep layer, whose training works on the whole batch at once: with a norm that takes the moments
  /// of a few filters at a time, and beside a layer to whose gradient its own is added.
  static let deep = LayerCase("conv 256 to 640 by batches", channels: 256) { n, x in
    let y = n.batchNorm(n.convolution(x, filters: 640, name: "layer"), name: "norm")
    return n.concatenate([y, n.convolution(x, filters: 8, kernel: 1, name: "beside")])
  }

  /// Six tiles an image, so that a block has two images, and the last one only one.
  @Test func gradientsOfDeepLayer() throws {
    let some = try gradients(Self.deep, way: Self.ways[0], width: 11)
    for (name, got, expected) in some {
      let error = relativeNorm(got, expected)
      #expect(error > 0 && error < 0x1p-5, "\(name): \(error)")
    }
    for (one, other) in zip(
      some, try gradients(Self.deep, way: Self.ways[0], width: 11, threads: 3))
    {
      #expect(one.name == other.name && one.got == other.got)
    }
  }

  private func gradients(
    _ layer: LayerCase, way: Way, width: Int = 5, threads: Int = 2
  ) throws -> [(
    name: String, got: [Float], expected: [Float]
  )] {
    let (batch, height) = (3, 7)
    let network = layer.network()
    var generator = GoldenGenerator(state: 11)
    let images = generator.values(batch * height * width * 2).map(rounded)
    let gradients = try [Precision.float32, .bfloat16].map { precision in
      let trainer = try Trainer(
        network: network, batch: batch, height: height, width: width, loss: .bce(),
        optimizer: Optimizer(.sgd()), seed: 3,
        engine: precision == .bfloat16 ? way.engine(threads: threads) : EngineSettings(threads: 2))
      var weights = trainer.weights()
      for name in weights.tensors.keys {
        weights.tensors[name]!.values = weights.tensors[name]!.values.map(rounded)
      }
      try trainer.load(weights)
      let targets = (0..<(batch * trainer.outputShape.count)).map { $0 % 3 == 0 ? Float(1) : 0 }
      _ = try trainer.gradients(images: images, features: [], targets: targets, pixelWeights: [])
      return trainer.gradientTensors()
    }
    return gradients[0].sorted { $0.key < $1.key }.map {
      ($0.key, gradients[1][$0.key]!.values, $0.value.values)
    }
  }

  /// Six convolutions with batch norm and smooth activations: together below 2^-4 of a tensor's
  /// gradient in the norm, where frequencies are rounded, and below 2^-5 where images are.
  @Test(arguments: ways) func gradientsOfSmoothNetwork(way: Way) throws {
    let (batch, size) = (4, 12)
    var network = Network()
    var x = network.image(channels: 2)
    for layer in 0..<6 {
      x = network.convolution(x, filters: 16, name: "conv\(layer)")
      x = network.silu(network.batchNorm(x, name: "bn\(layer)"))
      if layer == 2 { x = network.averagePool(x) }
    }
    network.output(network.convolution(x, filters: 1, kernel: 1, bias: true, name: "head"))
    var generator = GoldenGenerator(state: 9)
    let images = generator.values(batch * size * size * 2)
    let gradients = try [Precision.float32, .bfloat16].map { precision in
      let trainer = try Trainer(
        network: network, batch: batch, height: size, width: size, loss: .bce(),
        optimizer: Optimizer(.sgd()), seed: 3,
        engine: precision == .bfloat16 ? way.engine() : EngineSettings(threads: 2))
      let targets = (0..<(batch * trainer.outputShape.count)).map { $0 % 3 == 0 ? Float(1) : 0 }
      _ = try trainer.gradients(images: images, features: [], targets: targets, pixelWeights: [])
      return trainer.gradientTensors()
    }
    for (name, expected) in gradients[0] {
      let error = relativeNorm(gradients[1][name]!.values, expected.values)
      #expect(error > 0 && error < (way == Self.ways[0] ? 0x1p-4 : 0x1p-5), "\(name): \(error)")
    }
  }

  /// ReLU and max pooling decide otherwise for a few values near their edge, and what flows back
  /// through these is wholly different: with a share p of them, about sqrt(p) of the gradient's
  /// norm, at random weights and on a batch as small as this up to a half.
  @Test(arguments: ownWays) func gradientsOfUNet(way: Way) throws {
    let batch = Batch(model, count: 5, seed: 1)
    let gradients = try [Precision.float32, .bfloat16].map { precision in
      let trainer = try trainer(precision: precision, way: way)
      _ = try trainer.gradients(
        images: batch.images, features: batch.features, targets: batch.targets, pixelWeights: [])
      return trainer.gradientTensors()
    }
    for (name, expected) in gradients[0] {
      let error = relativeNorm(gradients[1][name]!.values, expected.values)
      #expect(error < (name.hasPrefix("head") ? 0x1p-4 : 0.6), "\(name): \(error)")
    }
  }

  func trainer(
    threads: Int = 2, precision: Precision = .bfloat16, way: Way? = nil
  ) throws -> Trainer {
    // Filters in sixteens, for which oneDNN is asked.
    var model = model
    if way?.backend == .oneDNN { model.filters = 32 }
    return try Trainer(
      network: model.network(), batch: 5, height: model.size, width: model.size, loss: .bceDice,
      optimizer: Optimizer(.adamW(), gradientClip: 1, averageDecay: 0.9), seed: 5,
      engine: precision == .bfloat16
        ? (way ?? Self.ways[0]).engine(threads: threads) : EngineSettings(threads: threads))
  }

  @Test(arguments: ways) func threadsDoNotChangeAByte(way: Way) throws {
    let folder = try TemporaryFolder()
    let files = try [1, 2, 7].map { threads in
      let trainer = try trainer(threads: threads, way: way)
      for step in 0..<3 { _ = try trainer.step(Batch(model, count: 5, seed: UInt64(step))) }
      let url = folder.url.appendingPathComponent("\(threads)")
      try trainer.checkpoint().write(to: url)
      return try Data(contentsOf: url)
    }
    #expect(Set(files).count == 1)
  }

  @Test(arguments: ways) func identityTellsItApart(way: Way) throws {
    let engine = try trainer(way: way).engine
    #expect(engine.precision == "bfloat16")
    #expect(engine.backend == way.backend.rawValue)
    #expect(engine.instructionSet.contains("amx") == (way.tiles == .emulated))
    #expect(engine != (try trainer(precision: .float32)).engine)
  }

  @Test(arguments: ownWays) func lossesFollowFloat32(way: Way) throws {
    let batch = Batch(model, count: 5, seed: 2)
    let losses = try [Precision.float32, .bfloat16].map { precision in
      let trainer = try trainer(precision: precision, way: way)
      return try (0..<10).map { _ in try trainer.step(batch).loss }
    }
    #expect(losses[0] != losses[1])
    #expect(relativeError(losses[1], losses[0]) < 0.05)
  }

  @Test func checkpointsOfFloat32AreRefused() throws {
    let checkpoint = try trainer(precision: .float32).checkpoint()
    let other = try trainer()
    #expect(other.engine.precision == "bfloat16")
    #expect(throws: TrainingError.otherEngine(checkpoint: checkpoint.engine, here: other.engine)) {
      try other.restore(checkpoint)
    }
  }
}

/// A way to compute in bfloat16.
struct Way: Sendable, Equatable, CustomTestStringConvertible {
  var backend: BackendChoice
  var tiles: TileUse

  var testDescription: String { tiles == .emulated ? "emulated AMX" : backend.rawValue }

  func engine(threads: Int = 2) -> EngineSettings {
    var engine = EngineSettings(threads: threads, backend: backend, precision: .bfloat16)
    engine.tiles = tiles
    return engine
  }
}

extension Network.Step {
  fileprivate var isPointwise: Bool {
    if case .convolution(let c) = layer { c.kernel == 1 && c.stride == 1 } else { false }
  }
}

extension LayerCase {
  /// ReLU decides otherwise for values near zero: no small error of the gradient.
  fileprivate var hasReLU: Bool {
    network().steps.contains { $0.layer == .activation(.relu) }
  }

  /// Groups are left to float32.
  fileprivate var isGrouped: Bool {
    network().steps.contains { step in
      guard case .convolution(let convolution) = step.layer else { return false }
      return convolution.groups > 1
    }
  }
}

@Suite struct MissingBFloat16Tests {
  func trainer(_ engine: EngineSettings) throws -> Trainer {
    let model = SmallUNet()
    return try Trainer(
      network: model.network(), batch: 1, height: model.size, width: model.size, loss: .bce(),
      optimizer: Optimizer(.sgd()), seed: 1, engine: engine)
  }

  @Test(arguments: [0, 1]) func processorsWithoutItSaySo(kernelLimit: Int) throws {
    var engine = EngineSettings(threads: 1, precision: .bfloat16)
    engine.kernelLimit = kernelLimit
    let error = #expect(throws: EngineError.self) {
      _ = try trainer(engine)
    }
    #expect(error?.description.contains("Use precision float32") == true)
  }
}
