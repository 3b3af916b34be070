// Layers in networks of other layers: the same bytes for any number of threads, and in bfloat16 memory
// nearly what float32 gives.

import Foundation
import Neural
import TestSupport
import Testing

@Suite struct LayerMemoryTests {
  /// Layers that read and write memory of any element, with batch norms left pending before them.
  static let layers: [LayerCase] = [
    LayerCase("group norm") { n, x in n.silu(n.groupNorm(x, groups: 4, name: "layer")) },
    LayerCase("group norm + ReLU, joined") { n, x in
      n.concatenate([n.relu(n.groupNorm(x, groups: 4, name: "layer")), x])
    },
    LayerCase("max pool 3x3 / 2") { n, x in n.maxPool(x, 3, stride: 2, padding: 1) },
    LayerCase("average pool 3x3 / 2") { n, x in n.averagePool(x, 3, stride: 2, padding: 1) },
    LayerCase("adaptive average pool") { n, x in n.adaptiveAveragePool(x, height: 5, width: 3) },
    LayerCase("global average pool") { n, x in n.multiply(x, n.sigmoid(n.globalAveragePool(x))) },
    LayerCase("bilinear upsampling") { n, x in n.upsample(x, 2, .bilinear) },
    LayerCase("nearest upsampling, joined") { n, x in
      n.concatenate([n.upsample(n.averagePool(x), 2, .nearest), x])
    },
    LayerCase("sum") { n, x in n.elu(n.add(n.silu(x), x)) },
    LayerCase("both") { n, x in
      n.both(x, n.convolution(x, filters: 16, kernel: 1, name: "layer"))
    },
    LayerCase("product") { n, x in n.multiply(x, n.sigmoid(x)) },
    LayerCase("gate of pixels") { n, x in
      n.multiply(x, n.sigmoid(n.convolution(x, filters: 1, kernel: 1, name: "layer")))
    },
    LayerCase("depthwise conv") { n, x in
      n.convolution(x, filters: 16, groups: 16, bias: true, name: "layer")
    },
  ]

  private func gradients(_ layer: LayerCase, _ precision: Precision, threads: Int = 2) throws
    -> [String: Tensor]
  {
    let (batch, size) = (5, 12)
    var network = Network()
    var x = network.image(channels: 2)
    x = network.convolution(x, filters: 16, name: "before")
    x = layer.build(&network, network.batchNorm(x, name: "norm"))
    x = network.convolution(x, filters: 16, name: "behind")
    network.output(network.convolution(x, filters: 1, kernel: 1, bias: true, name: "head"))
    var generator = GoldenGenerator(state: 9)
    let images = generator.values(batch * size * size * 2)
    let trainer = try Trainer(
      network: network, batch: batch, height: size, width: size, loss: .bce(),
      optimizer: Optimizer(.sgd()), seed: 3,
      engine: EngineSettings(threads: threads, backend: .native, precision: precision))
    let targets = (0..<(batch * trainer.outputShape.count)).map { $0 % 3 == 0 ? Float(1) : 0 }
    _ = try trainer.gradients(images: images, features: [], targets: targets, pixelWeights: [])
    return trainer.gradientTensors()
  }

  @Test(arguments: layers, Precision.allCases.filter(\.isAvailable))
  func threadsDoNotChangeAByte(_ layer: LayerCase, precision: Precision) throws {
    let one = try gradients(layer, precision, threads: 1)
    for threads in [2, 7] {
      #expect(try gradients(layer, precision, threads: threads) == one)
    }
  }

  /// A few roundings of 2^-9 between layers. Where maxima and ReLUs decide otherwise for values near
  /// their edge, what flows back is wholly different for those, as BFloat16Tests has it.
  @Test(
    .enabled(if: Precision.bfloat16.isAvailable, "this processor lacks AVX512_BF16"),
    arguments: layers)
  func bfloat16IsNear(_ layer: LayerCase) throws {
    let expected = try gradients(layer, .float32)
    let decides = ["max", "ReLU"].contains { layer.testDescription.contains($0) }
    for (name, gradient) in try gradients(layer, .bfloat16) {
      let error = relativeNorm(gradient.values, expected[name]!.values)
      #expect(error < (decides ? 0.2 : 0x1p-5), "\(name): \(error)")
    }
  }
}
