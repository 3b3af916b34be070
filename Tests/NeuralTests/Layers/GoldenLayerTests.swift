// Single layers against PyTorch: see Golden/make_layers.py, which made the numbers.

import Foundation
import Neural
import TestSupport
import Testing

@Suite struct GoldenLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("group norm") { n, x in n.groupNorm(x, groups: 3, name: "layer") },
    LayerCase("max pool") { n, x in n.maxPool(x, 3, stride: 2, padding: 1) },
    LayerCase("average pool") { n, x in n.averagePool(x, 3, stride: 2, padding: 1) },
    LayerCase("adaptive average pool") { n, x in n.adaptiveAveragePool(x, height: 4, width: 3) },
    LayerCase("bilinear") { n, x in n.upsample(x, 2, .bilinear) },
    LayerCase("elu") { n, x in n.elu(x) },
    LayerCase("silu") { n, x in n.silu(x) },
  ]

  @Test(arguments: cases, [0, 1, 2]) func asPyTorch(_ layer: LayerCase, kernelLimit: Int) throws {
    let expected = try golden("layers")
    let (batch, height, width, name) = (2, 9, 7, layer.testDescription)
    var network = Network()
    let image = network.image(channels: 2)
    let x = network.convolution(image, filters: 6, kernel: 1, bias: true, name: "before")
    network.output(layer.build(&network, x))

    var generator = GoldenGenerator(state: 3)
    let images = generator.values(batch * height * width * 2)
    var tensors: [String: Tensor] = [:]
    let parameters = network.parameters(shapes: try network.shapes(height: height, width: width))
    for parameter in parameters {
      tensors[parameter.name] = Tensor(
        shape: parameter.shape, values: generator.values(parameter.count))
    }
    let weights = Weights(tensors: tensors)
    let engine = EngineSettings(threads: 2, kernelLimit: kernelLimit)
    let trainer = try Trainer(
      network: network, batch: batch, height: height, width: width, loss: .bce(),
      optimizer: Optimizer(.sgd()), seed: 1, engine: engine)
    try trainer.load(weights)
    let targets = generator.values(batch * trainer.outputShape.count).map { $0 > 0 ? Float(1) : 0 }
    _ = try trainer.gradients(images: images, features: [], targets: targets, pixelWeights: [])
    for (parameter, gradient) in trainer.gradientTensors() {
      let golden = try #require(expected["\(name)/\(parameter)"])
      #expect(relativeError(gradient.values, golden.values) < 1e-5, "\(parameter)")
    }
    let predictor = try Predictor(
      network: network, weights: weights, batch: batch, height: height, width: width,
      engine: engine)
    let result = try predictor.logits(images: images, count: batch)
    #expect(relativeError(result, expected["\(name)/result"]!.values) < 1e-5)
  }
}
