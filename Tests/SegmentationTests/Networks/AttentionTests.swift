// Squeeze and excitation in the decoders: names, and values against the definition written out.

import Choices
import Foundation
import Neural
import Segmentation
import TestSupport
import Testing

@Suite struct AttentionTests {
  private let image = Shape(height: 16, width: 16, channels: 1)

  private func network(_ kind: ModelKind, _ attention: Attention?) throws -> Network {
    try ModelSettings(
      kind: kind, UNetSettings(filters: 4, levels: 2, attention: attention)
    ).network(image: image)
  }

  @Test(arguments: ModelKind.allCases) func allDecodersHaveIt(_ kind: ModelKind) throws {
    let shapes = try network(kind, .scSE).shapes(height: 16, width: 16)
    let names = try network(kind, .scSE).parameters(shapes: shapes).map(\.name)
    let parts = names.filter { $0.contains("SE.") }
    #expect(parts.count == (kind == .unet ? 6 : 30))
    if kind != .unet {
      #expect(parts.contains("decoder.blocks.4.attention2.attention.cSE.3.bias"))
    }
    #expect(try network(kind, Attention.none) == network(kind, nil))
  }

  /// x * sigmoid(c) + x * sigmoid(s), with c two dense layers over the channels' means and s one over a
  /// pixel's channels.
  @Test func valuesAreThoseOfTheDefinition() throws {
    var net = Network()
    let x = net.image(channels: 2)
    net.output(scSE(x, channels: 2, name: "a", in: &net))
    let weights: [String: [Float]] = [
      "a.cSE.1.weight": [0.5, 1], "a.cSE.1.bias": [0.75], "a.cSE.3.weight": [2, -3],
      "a.cSE.3.bias": [0.1, 0.2], "a.sSE.0.weight": [1.5, 0.25], "a.sSE.0.bias": [-0.5],
    ]
    let shapes = Dictionary(
      uniqueKeysWithValues: net.parameters(shapes: try net.shapes(height: 1, width: 2)).map {
        ($0.name, $0.shape)
      })
    var file = Weights(tensors: [:])
    for (name, values) in weights {
      file.tensors[name] = Tensor(shape: try #require(shapes[name]), values: values)
    }
    let pixels: [Float] = [1, 2, -3, 0.5]
    let predictor = try Predictor(
      network: net, weights: file, batch: 1, height: 1, width: 2, engine: EngineSettings(threads: 1)
    )
    func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
    let means: [Float] = [(pixels[0] + pixels[2]) / 2, (pixels[1] + pixels[3]) / 2]
    let hidden: Float = max(0, 0.5 * means[0] + means[1] + 0.75)
    let channel: [Float] = [sigmoid(2 * hidden + 0.1), sigmoid(-3 * hidden + 0.2)]
    let expected: [Float] = pixels.indices.map { index in
      let pixel = index / 2 * 2
      let score: Float = 1.5 * pixels[pixel] + 0.25 * pixels[pixel + 1] - 0.5
      return pixels[index] * (channel[index % 2] + sigmoid(score))
    }
    #expect(relativeError(try predictor.logits(images: pixels, count: 1), expected) < 1e-6)
  }
}
