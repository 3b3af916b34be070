// The EfficientNet-Lite U-Nets: names against the published ones, logits against NumPy's; and how
// published weights get into a network. See Golden/make_efficientnet_unet.py.

import Choices
import Foundation
import Neural
import Segmentation
import TestSupport
import Testing

@Suite struct EfficientNetUNetTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appendingPathComponent("Golden")

  @Test(arguments: [0, 2]) func hasTheTensorsOfTheOriginal(number: Int) throws {
    let text = try String(
      contentsOf: Self.folder.appendingPathComponent("efficientnet_lite_names.txt"),
      encoding: .utf8)
    let expected = text.split(separator: "\n").filter { $0.hasPrefix("lite\(number) ") }
      .map { "encoder.\($0.dropFirst(6))" }
    #expect(!expected.isEmpty)
    let network = try EfficientNetUNet(
      number == 0 ? .lite0 : .lite2, image: Shape(height: 101, width: 101, channels: 3)
    ).network()
    let names = network.parameters(shapes: try network.shapes(height: 101, width: 101))
      .map { ([$0.name] + $0.shape.map(String.init)).joined(separator: " ") }
      .filter { $0.hasPrefix("encoder.") }
    #expect(names.sorted() == expected.sorted())
  }

  /// Trained values of the published encoders without their last layers, and of the decoder.
  @Test(
    arguments: zip(
      [EfficientNetUNet.Scale.lite0, .lite1, .lite2], [2_958_848, 3_723_520, 4_357_952]))
  func parameters(scale: EfficientNetUNet.Scale, encoder: Int) throws {
    let network = try EfficientNetUNet(scale, image: Shape(height: 64, width: 96, channels: 3))
      .network()
    let trained = network.parameters(shapes: try network.shapes(height: 64, width: 96))
      .filter(\.isTrained)
    func count(_ prefix: String) -> Int {
      trained.filter { $0.name.hasPrefix(prefix) }.reduce(0) { $0 + $1.count }
    }
    #expect(count("encoder.") == encoder)
    #expect(count("") < 7_000_000)
    #expect(
      try network.outputShape(height: 64, width: 96) == Shape(height: 64, width: 96, channels: 1))
  }

  /// A narrow network with random weights, whose images can't all be halved: logits with the running statistics. Norms of the few pixels at
  /// the bottom magnify rounding: NumPy in float32 is 4e-6 away, too.
  @Test(arguments: [0, 1, 2]) func logitsAsNumPy(kernelLimit: Int) throws {
    let (logits, expected) = try logits(EngineSettings(threads: 2, kernelLimit: kernelLimit))
    #expect(relativeError(logits, expected) < 5e-5)
  }

  @Test(.enabled(if: Precision.bfloat16.isAvailable)) func logitsInBFloat16() throws {
    let (logits, expected) = try logits(EngineSettings(threads: 2, precision: .bfloat16))
    let error = relativeNorm(logits, expected)
    #expect(error > 0 && error < 0x1p-3, "\(error)")
  }

  private func logits(_ engine: EngineSettings) throws -> (got: [Float], expected: [Float]) {
    var weights = try Weights(
      contentsOf: Self.folder.appendingPathComponent("small_efficientnet_unet.safetensors"))
    let images = try #require(weights.tensors["image"]).values
    let expected = try #require(weights.tensors["logits"]).values
    for name in ["image", "logits"] { weights.tensors[name] = nil }
    let network = try EfficientNetUNet.small(
      image: Shape(height: 72, width: 72, channels: 3), padTo: 72
    )
    .network()
    let predictor = try Predictor(
      network: network, weights: weights, batch: 2, height: 72, width: 72, engine: engine)
    return (try predictor.logits(images: images, count: 2), expected)
  }

  /// Steps of training are the same with any number of threads.
  @Test(arguments: [Precision.float32, .bfloat16].filter(\.isAvailable))
  func threadsDoNotChangeAByte(precision: Precision) throws {
    let network = try EfficientNetUNet.small(image: Shape(height: 64, width: 32, channels: 3))
      .network()
    let images: [Float] = (0..<18_432).map { Float($0 % 17) / 8 - 1 }
    let targets: [Float] = (0..<6144).map { $0 % 5 == 0 ? 1 : 0 }
    let weights = try [1, 2, 5].map { threads in
      let trainer = try Trainer(
        network: network, batch: 3, height: 64, width: 32, loss: .bce(),
        optimizer: Optimizer(.adamW()), seed: 1,
        engine: EngineSettings(threads: threads, precision: precision))
      for _ in 0..<3 { try trainer.step(images: images, targets: targets, learningRate: 0.01) }
      return trainer.weights()
    }
    #expect(weights[0] == weights[1] && weights[0] == weights[2])
  }

  @Test func imagesArePaddedToMultiples() throws {
    let image = Shape(height: 101, width: 180, channels: 1)
    #expect(
      try EfficientNetUNet(.lite0, image: image).padded
        == Shape(height: 128, width: 192, channels: 1))
    let square = Shape(height: 101, width: 101, channels: 1)
    #expect(try EfficientNetUNet(.lite0, image: square, padTo: 104).padded.height == 104)
  }

  @Test func sizesThatDoNotGoTogether() {
    #expect(throws: SettingError.self) {
      try EfficientNetUNet(.lite0, image: Shape(height: 101, width: 101, channels: 1), padTo: 108)
    }
  }
}

@Suite struct PretrainedEncoderTests {
  private let image = Shape(height: 32, width: 32, channels: 1)

  /// Published tensors of a network for colour images.
  private func published(_ kind: ModelKind) throws -> [String: Tensor] {
    let colour = Shape(height: 32, width: 32, channels: 3)
    let network = try ModelSettings(kind: kind).network(image: colour)
    var tensors: [String: Tensor] = [:]
    for parameter in network.parameters(shapes: try network.shapes(height: 32, width: 32))
    where parameter.name.hasPrefix("encoder.") {
      tensors[String(parameter.name.dropFirst(8))] = Tensor(
        shape: parameter.shape, values: (0..<parameter.count).map { Float($0 % 251) })
    }
    return tensors
  }

  @Test(arguments: [ModelKind.resNet18UNet, .resNet34UNet, .efficientNetLite1UNet])
  func takesItsPlace(kind: ModelKind) throws {
    let tensors = try published(kind)
    let stem = kind == .efficientNetLite1UNet ? "_conv_stem.weight" : "conv1.weight"
    for channels in [1, 3] {
      var image = image
      image.channels = channels
      let network = try ModelSettings(kind: kind).network(image: image)
      let encoder = try PretrainedEncoder(kind, for: network, image: image) { tensors[$0] }
      let before = try Trainer(
        network: network, batch: 1, height: 32, width: 32, loss: .bce(),
        optimizer: Optimizer(.sgd()), seed: 1, engine: EngineSettings(threads: 1)
      ).weights()
      let after = encoder.placed(in: before)
      #expect(encoder.scales.count == channels)
      for (name, tensor) in after.tensors {
        guard name.hasPrefix("encoder.") else {
          #expect(tensor == before.tensors[name])
          continue
        }
        let own = try #require(tensors[String(name.dropFirst(8))])
        guard channels == 1, name == "encoder.\(stem)" else {
          #expect(tensor == own)
          continue
        }
        let taps = own.shape[2] * own.shape[3]
        #expect(tensor.shape == [own.shape[0], 1, own.shape[2], own.shape[3]])
        #expect(tensor.values[0] == own.values[0] + own.values[taps] + own.values[2 * taps])
      }
    }
  }

  @Test func saysWhatDoesNotFit() throws {
    let kind = ModelKind.efficientNetLite0UNet
    let network = try ModelSettings(kind: kind).network(image: image)
    func problem(_ image: Shape, _ kind: ModelKind, _ tensors: [String: Tensor]) -> String? {
      #expect(throws: PretrainedError.self) {
        try PretrainedEncoder(kind, for: network, image: image) { tensors[$0] }
      }?.description
    }
    var tensors = try published(kind)
    tensors["_blocks.3._bn1.bias"] = Tensor(shape: [2], values: [0, 0])
    #expect(
      problem(image, kind, tensors)
        == "pretrained weights: \"_blocks.3._bn1.bias\" has shape [2], the network needs [144]")
    tensors["_blocks.3._bn1.bias"] = nil
    #expect(
      problem(image, kind, tensors) == "pretrained weights: \"_blocks.3._bn1.bias\" is missing")
    #expect(problem(image, .unet, tensors) == "pretrained weights: there are none for unet")
    var many = image
    many.channels = 5
    #expect(problem(many, kind, tensors)?.contains("these have 5") == true)
  }

  /// The scales that the networks were trained with; grey images have the means.
  @Test func scales() throws {
    for (kind, expected) in [
      (ModelKind.resNet34UNet, (0.449, 0.226)),
      (.efficientNetLite0UNet, (127.0 / 255, 128.0 / 255)),
    ] {
      let tensors = try published(kind)
      let network = try ModelSettings(kind: kind).network(image: image)
      let scale = try PretrainedEncoder(kind, for: network, image: image) { tensors[$0] }.scales[0]
      #expect(abs(Double(scale.mean) - expected.0) < 1e-6)
      #expect(abs(Double(scale.deviation) - expected.1) < 1e-6)
    }
  }
}
