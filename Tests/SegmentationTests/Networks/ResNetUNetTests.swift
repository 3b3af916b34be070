// The ResNet-34 U-Net against PyTorch: see Golden/make_resnet_unet.py, which made the files.

import Foundation
import Neural
import Segmentation
import TestSupport
import Testing

@Suite struct ResNetUNetTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appendingPathComponent("Golden")

  /// Names and shapes in the state dict of segmentation_models_pytorch's network; beside them PyTorch
  /// counts the batches that each batch norm has seen.
  @Test func hasTheTensorsOfTheOriginal() throws {
    let text = try String(
      contentsOf: Self.folder.appendingPathComponent("resnet34_unet_names.txt"), encoding: .utf8)
    let expected = text.split(separator: "\n").map(String.init)
      .filter { !$0.hasSuffix("num_batches_tracked") }
    let image = Shape(height: 101, width: 101, channels: 3)
    let network = try ResNetUNet(image: image).network()
    let names = network.parameters(shapes: try network.shapes(height: 101, width: 101))
      .map { ([$0.name] + $0.shape.map(String.init)).joined(separator: " ") }
    #expect(names.sorted() == expected.sorted())
    #expect(try network.parameterCount(height: 101, width: 101) == 24_436_369)
    #expect(
      try network.outputShape(height: 101, width: 101)
        == Shape(height: 101, width: 101, channels: 1))
  }

  /// Trained values of torchvision's ResNet-18 without its last layer, and of the decoder, which is that of ResNet-34.
  @Test func aSmallerOneHasFewerBlocks() throws {
    let image = Shape(height: 64, width: 64, channels: 3)
    func counts(_ depth: ResNetUNet.Depth) throws -> (encoder: Int, decoder: Int) {
      let network = try ResNetUNet(depth, image: image).network()
      let trained = network.parameters(shapes: try network.shapes(height: 64, width: 64))
        .filter(\.isTrained)
      let encoder = trained.filter { $0.name.hasPrefix("encoder.") }.reduce(0) { $0 + $1.count }
      return (encoder, trained.reduce(0) { $0 + $1.count } - encoder)
    }
    let (small, large) = (try counts(.resNet18), try counts(.resNet34))
    #expect(small.encoder == 11_689_512 - 513_000)
    #expect(small.decoder == large.decoder)
  }

  /// A narrow network with the weights that PyTorch saved: logits with its running statistics, loss
  /// and gradients with the batch's.
  @Test(arguments: [0, 1, 2]) func logitsAndGradientsAsPyTorch(kernelLimit: Int) throws {
    let weights = try Weights(
      contentsOf: Self.folder.appendingPathComponent("small_resnet_unet.safetensors"))
    let expected = try Weights(
      contentsOf: Self.folder.appendingPathComponent("small_resnet_unet_results.safetensors")
    ).tensors
    let image = Shape(height: 20, width: 30, channels: 3)
    let network = try ResNetUNet(
      image: image, width: 4, blocks: [2, 1, 2, 1], filters: [16, 8, 4, 4, 2]
    ).network()
    let engine = EngineSettings(threads: 2, kernelLimit: kernelLimit)
    let predictor = try Predictor(
      network: network, weights: weights, batch: 4, height: 20, width: 30, engine: engine)
    let images = try #require(expected["image"]).values
    let logits = try predictor.logits(images: images, count: 4)
    #expect(relativeError(logits, try #require(expected["logits"]).values) < 1e-5)

    let whole = try ResNetUNet(
      image: Shape(height: 32, width: 32, channels: 3), width: 4, blocks: [2, 1, 2, 1],
      filters: [16, 8, 4, 4, 2]
    ).network()
    let trainer = try Trainer(
      network: whole, batch: 4, height: 32, width: 32, loss: .bce(), optimizer: Optimizer(.sgd()),
      seed: 1, engine: engine)
    try trainer.load(weights)
    let result = try trainer.gradients(
      images: try #require(expected["padded"]).values, features: [],
      targets: try #require(expected["target"]).values,
      pixelWeights: [])
    #expect(abs(result.loss - expected["loss"]!.values[0]) < 1e-5)
    for (name, gradient) in trainer.gradientTensors() {
      if let whole = expected["gradient/\(name)"] {
        #expect(gradient.shape == whole.shape)
        #expect(relativeError(gradient.values, whole.values) < 1e-4, "\(name)")
      } else {
        let norm = try #require(expected["norm/\(name)"]).values[0]
        let own = gradient.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs(own / Double(norm) - 1) < 1e-4, "\(name)")
      }
    }
  }

  @Test func joinsFeaturesAndDropsOutOnlyWhereAsked() throws {
    let image = Shape(height: 40, width: 33, channels: 1)
    let plain = try ResNetUNet(image: image).network()
    #expect(
      !plain.steps.contains { if case .dropout = $0.layer { true } else { $0.layer == .broadcast } }
    )
    let other = try ResNetUNet(image: image, features: 2, decoder: DecoderSettings(dropout: 0.1))
      .network()
    #expect(
      try other.outputShape(height: 40, width: 33) == Shape(height: 40, width: 33, channels: 1))
    // At the bottom and behind four joins.
    #expect(
      other.steps.count { if case .dropout = $0.layer { true } else { false } } == 5)
  }

  @Test func sizesThatDoNotGoTogether() {
    func problem(_ padTo: Int?, dropout: Double = 0) -> String? {
      let error = #expect(throws: SettingError.self) {
        try ResNetUNet(
          image: Shape(height: 101, width: 101, channels: 1),
          decoder: DecoderSettings(dropout: dropout), padTo: padTo)
      }
      return error?.description
    }
    #expect(
      problem(108)
        == "model.pad_to: 108 cannot be halved 3 times, as the encoder begins; use a multiple of 8, "
        + "such as 104")
    #expect(
      problem(96)
        == "model.pad_to: 96 is less than the images' height of 101; the least that fits is 104")
    #expect(problem(nil, dropout: 1) == "model.dropout: should be at least 0 and below 1")
  }
}
