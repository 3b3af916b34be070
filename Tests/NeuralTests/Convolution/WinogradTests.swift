// 3 x 3 convolutions of all sizes against sums in Double: results, gradients of weights and of inputs.

import Foundation
import Neural
import TestSupport
import Testing

/// A convolution of an image's size, between two of one tap: through the first, its gradient by data
/// is seen.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  var height: Int
  var width: Int
  var channels: Int
  var filters: Int
  var testDescription: String { "\(channels) to \(filters), \(height) x \(width)" }

  func network() -> Network {
    var n = Network()
    let image = n.image(channels: 3)
    let x = n.convolution(image, filters: channels, kernel: 1, bias: true, name: "before")
    let y = n.convolution(x, filters: filters, bias: true, name: "layer")
    n.output(n.convolution(y, filters: 1, kernel: 1, bias: true, name: "after"))
    return n
  }
}

/// Values of pixels in Double, with the sums of a convolution.
private struct Pixels {
  var height: Int
  var width: Int
  var channels: Int
  var values: [Double]

  /// Calls `body` with all pixels, taps within the image and the pixels that they read.
  func forEachTap(_ kernel: Int, _ body: (_ pixel: Int, _ tap: Int, _ source: Int) -> Void) {
    for (i, j) in (0..<height).flatMap({ i in (0..<width).map { (i, $0) } }) {
      for tap in 0..<kernel * kernel {
        let (row, column) = (i + tap / kernel - kernel / 2, j + tap % kernel - kernel / 2)
        if row >= 0, column >= 0, row < height, column < width {
          body(i * width + j, tap, row * width + column)
        }
      }
    }
  }

  func convolved(_ weights: Tensor, _ bias: Tensor) -> Pixels {
    let (filters, kernel) = (weights.shape[0], weights.shape[2])
    var result = Pixels(height: height, width: width, channels: filters, values: [])
    for _ in 0..<(height * width) { result.values += bias.values.map(Double.init) }
    forEachTap(kernel) { pixel, tap, source in
      for f in 0..<filters {
        for c in 0..<channels {
          result.values[pixel * filters + f] +=
            values[source * channels + c]
            * Double(weights.values[(f * channels + c) * kernel * kernel + tap])
        }
      }
    }
    return result
  }

  /// The gradients by weights, by bias and by these values, from the result's.
  func gradients(_ weights: Tensor, _ dy: Pixels) -> (
    weights: [Double], bias: [Double], data: Pixels
  ) {
    let (filters, kernel) = (weights.shape[0], weights.shape[2])
    var dw = [Double](repeating: 0, count: weights.values.count)
    var bias = [Double](repeating: 0, count: filters)
    var dx = self
    dx.values = .init(repeating: 0, count: values.count)
    for (i, value) in dy.values.enumerated() { bias[i % filters] += value }
    forEachTap(kernel) { pixel, tap, source in
      for f in 0..<filters {
        let g = dy.values[pixel * filters + f]
        for c in 0..<channels {
          let place = (f * channels + c) * kernel * kernel + tap
          dw[place] += g * values[source * channels + c]
          dx.values[source * channels + c] += g * Double(weights.values[place])
        }
      }
    }
    return (dw, bias, dx)
  }
}

@Suite struct WinogradTests {
  /// Rows and columns that are no multiples of a tile, blocks that span rows of tiles, rows that span
  /// blocks, channels of whole vectors and others; from 40,000 weights on, sums over the batch.
  static let cases = [
    ConvolutionCase(height: 3, width: 3, channels: 8, filters: 8),
    ConvolutionCase(height: 5, width: 7, channels: 16, filters: 32),
    ConvolutionCase(height: 8, width: 8, channels: 17, filters: 33),
    ConvolutionCase(height: 9, width: 70, channels: 12, filters: 9),
    ConvolutionCase(height: 6, width: 129, channels: 8, filters: 24),
    ConvolutionCase(height: 13, width: 14, channels: 64, filters: 71),
    ConvolutionCase(height: 7, width: 3, channels: 75, filters: 64),
    // One row of a tile: too little for Winograd's way, which would mostly compute border.
    ConvolutionCase(height: 1, width: 6, channels: 8, filters: 8),
  ]

  private struct Result: Equatable {
    var logits: [Float]
    var gradients: [String: Tensor]
  }

  private let batch = 3

  private func result(
    _ layer: ConvolutionCase, kernelLimit: Int, threads: Int, _ weights: Weights,
    _ images: [Float], _ targets: [Float]
  ) throws -> Result {
    let engine = EngineSettings(threads: threads, kernelLimit: kernelLimit)
    let trainer = try Trainer(
      network: layer.network(), batch: batch, height: layer.height, width: layer.width,
      loss: .bce(), optimizer: Optimizer(.sgd()), seed: 3, engine: engine)
    try trainer.load(weights)
    _ = try trainer.gradients(images: images, features: [], targets: targets, pixelWeights: [])
    let predictor = try Predictor(
      network: layer.network(), weights: weights, batch: batch, height: layer.height,
      width: layer.width, engine: engine)
    return Result(
      logits: try predictor.logits(images: images, features: [], count: batch),
      gradients: trainer.gradientTensors())
  }

  @Test(arguments: cases, [0, 1, 2])
  func asSumsInDouble(_ layer: ConvolutionCase, kernelLimit: Int) throws {
    var generator = GoldenGenerator(state: 7)
    let network = layer.network()
    var weights = Weights(tensors: [:])
    for parameter in network.parameters(
      shapes: try network.shapes(height: layer.height, width: layer.width))
    {
      weights.tensors[parameter.name] = Tensor(
        shape: parameter.shape, values: generator.values(parameter.count, scale: 0.25))
    }
    let pixels = layer.height * layer.width
    let images = generator.values(batch * pixels * 3)
    let targets = generator.values(batch * pixels).map { $0 > 0 ? Float(1) : 0 }
    let got = try result(layer, kernelLimit: kernelLimit, threads: 1, weights, images, targets)
    let threaded = try result(layer, kernelLimit: kernelLimit, threads: 3, weights, images, targets)
    #expect(got == threaded)

    let layers = try ["before", "layer", "after"].map {
      (
        name: $0, weights: try #require(weights.tensors["\($0).weight"]),
        bias: try #require(weights.tensors["\($0).bias"])
      )
    }
    var logits: [Double] = []
    var expected: [String: [Double]] = [:]
    for image in 0..<batch {
      let part = images[(image * pixels * 3)..<((image + 1) * pixels * 3)].map(Double.init)
      var values = [
        Pixels(height: layer.height, width: layer.width, channels: 3, values: part)
      ]
      for (_, weights, bias) in layers { values.append(values.last!.convolved(weights, bias)) }
      var gradient = values.removeLast()
      logits += gradient.values
      for pixel in 0..<pixels {
        let z = gradient.values[pixel]
        gradient.values[pixel] =
          (1 / (1 + exp(-z)) - Double(targets[image * pixels + pixel])) / Double(pixels * batch)
      }
      for (x, layer) in zip(values, layers).reversed() {
        let gradients = x.gradients(layer.weights, gradient)
        for (suffix, values) in [("weight", gradients.weights), ("bias", gradients.bias)] {
          let name = "\(layer.name).\(suffix)"
          let sum = expected[name] ?? .init(repeating: 0, count: values.count)
          expected[name] = zip(sum, values).map { $0 + $1 }
        }
        gradient = gradients.data
      }
    }
    #expect(relativeError(got.logits, logits.map { Float($0) }) < 5e-6)
    for (name, values) in expected {
      let gradient = try #require(got.gradients[name])
      #expect(relativeError(gradient.values, values.map { Float($0) }) < 5e-6, "\(name)")
    }
  }
}
