// The whole network against PyTorch: see Golden/make_unet.py, which made the numbers.

import Foundation
import Neural
import TestSupport
import Testing

@Suite struct GoldenTests {
  let model = SmallUNet()
  let expected: [String: Tensor]

  init() throws {
    expected = try golden("unet")
  }

  /// Weights in the order in which the script first meets them.
  func weights() throws -> Weights {
    var generator = GoldenGenerator(state: 1)
    let network = model.network()
    var tensors: [String: Tensor] = [:]
    for parameter in network.parameters(
      shapes: try network.shapes(height: model.size, width: model.size))
    {
      var values: [Float]
      if parameter.name.hasSuffix("running_mean") {
        values = .init(repeating: 0, count: parameter.count)
      } else if parameter.name.hasSuffix("running_var") {
        values = .init(repeating: 1, count: parameter.count)
      } else {
        values = generator.values(
          parameter.count, scale: parameter.name == "head.weight" ? 0.5 : 0.25)
        if parameter.name.contains(".bn") && parameter.name.hasSuffix("weight") {
          values = values.map { $0 + 1 }
        }
      }
      tensors[parameter.name] = Tensor(shape: parameter.shape, values: values)
    }
    return Weights(tensors: tensors)
  }

  @Test(arguments: [0, 1, 2]) func lossAndGradientsAsPyTorch(kernelLimit: Int) throws {
    let batch = Batch(model, count: 3, seed: 2)
    let trainer = try model.trainer(batch: 3, threads: 2, kernelLimit: kernelLimit)
    try trainer.load(try weights())
    let result = try trainer.gradients(
      images: batch.images, features: batch.features, targets: batch.targets, pixelWeights: [])
    #expect(abs(result.loss - expected["loss"]!.values[0]) < 1e-5)
    let gradients = trainer.gradientTensors()
    #expect(gradients.count == expected.keys.filter { $0.hasPrefix("gradient/") }.count)
    for (name, gradient) in gradients {
      let golden = try #require(expected["gradient/\(name)"])
      #expect(gradient.shape == golden.shape)
      #expect(relativeError(gradient.values, golden.values) < 1e-4, "\(name)")
    }
  }

  @Test func tenStepsAsPyTorch() throws {
    let batch = Batch(model, count: 3, seed: 2)
    let trainer = try model.trainer(
      batch: 3, optimizer: Optimizer(.adamW(weightDecay: 0.1)), threads: 2)
    try trainer.load(try weights())
    let losses = try (0..<10).map { _ in try trainer.step(batch).loss }
    #expect(relativeError(losses, expected["losses"]!.values) < 1e-4, "\(losses)")
    let predictor = try Predictor(
      network: model.network(), weights: trainer.weights(), batch: 4, height: model.size,
      width: model.size, engine: EngineSettings(threads: 2))
    let logits = try predictor.logits(images: batch.images, features: batch.features, count: 3)
    // Ten Adam steps divide small gradients by themselves, so rounding shows more.
    #expect(relativeError(logits, expected["logits after training"]!.values) < 2e-3)
  }
}
