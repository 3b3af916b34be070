// Decoders of a published encoder's images: which blocks they have and what these join, that every weight is
// learnt, and what can't be combined.

import Choices
import Datasets
import Foundation
import Imaging
import Neural
import Segmentation
import TestSupport
import Testing

@Suite struct DecoderTests {
  private static let choices: [UNetSettings] = [
    UNetSettings(attention: .gate), UNetSettings(hypercolumn: true),
    UNetSettings(decoder: .nested),
    UNetSettings(attention: .scSE, decoder: .nested, hypercolumn: true),
    UNetSettings(decoder: .fpn),
    UNetSettings(centre: .dilated, coordinates: true, emptyHead: true),
    UNetSettings(decoder: .fpn, centre: .pyramid, emptyHead: true),
    UNetSettings(attention: .scSE, decoder: .nested, centre: .pyramid, coordinates: true),
  ]

  private func parameters(_ settings: UNetSettings, side: Int = 64) throws -> [String: [Int]] {
    let network = try ModelSettings(kind: .efficientNetLite0UNet, settings).network(
      image: Shape(height: side, width: side, channels: 1))
    return Dictionary(
      uniqueKeysWithValues: network.parameters(
        shapes: try network.shapes(height: side, width: side)
      )
      .map { ($0.name, $0.shape) })
  }

  /// Sides of 40 are padded to 40, whose halves 20, 10, 5, 3 and 2 are rounded up.
  @Test(arguments: choices) func everyWeightIsLearnt(_ settings: UNetSettings) throws {
    var settings = settings
    settings.padTo = 40
    let image = Shape(height: 38, width: 38, channels: 1)
    let network = try ModelSettings(kind: .efficientNetLite0UNet, settings).network(image: image)
    #expect(
      try network.outputShape(height: 38, width: 38) == Shape(height: 38, width: 38, channels: 1))
    let trainer = try Trainer(
      network: network, batch: 2, height: 38, width: 38, loss: .bce(),
      optimizer: Optimizer(.adam()),
      seed: 1, engine: EngineSettings(threads: 1, precision: .float32))
    var generator = SeededGenerator(seed: 3)
    let pixels = 2 * 38 * 38
    _ = try trainer.gradients(
      images: (0..<pixels).map { _ in Float(generator.uniform()) }, features: [],
      targets: (0..<pixels).map { Float($0 % 3 / 2) }, pixelWeights: [])
    let gradients = trainer.gradientTensors()
    #expect(!gradients.isEmpty)
    // Of squeeze and excitation, the two hidden values of a block may both lie below zero.
    for (name, gradient) in gradients
    where !name.hasPrefix("encoder.") && !name.contains(".cSE.") {
      #expect(gradient.values.contains { $0 != 0 }, "\(name)")
    }
  }

  /// A decoder leaves out what the image's own logits don't depend on: they are those of the padded image as a whole.
  @Test(
    arguments: [
      UNetSettings(), UNetSettings(attention: .gate), UNetSettings(hypercolumn: true),
      UNetSettings(centre: .pyramid, coordinates: true, emptyHead: true),
    ],
    [false, true])
  func partsGiveTheSameLogits(_ settings: UNetSettings, supervised: Bool) throws {
    let (side, padded, before) = (41, 64, 11)
    let outputs = supervised ? 5 : 1
    func network(_ side: Int) throws -> Network {
      var settings = settings
      settings.padTo = padded
      return try ModelSettings(kind: .efficientNetLite0UNet, settings).network(
        image: Shape(height: side, width: side, channels: 1), extra: supervised ? .blocks : [])
    }
    let (small, whole) = (try network(side), try network(padded))
    #expect(
      try small.multiplyAdds(height: side, width: side)
        < whole.multiplyAdds(height: padded, width: padded))
    let engine = EngineSettings(threads: 1, precision: .float32)
    let weights = try Trainer(
      network: whole, batch: 1, height: padded, width: padded,
      loss: .deepSupervision(.bce(), groups: outputs, channels: 1, weight: 1),
      optimizer: Optimizer(.adam()), seed: 7, engine: engine
    ).weights()
    var generator = SeededGenerator(seed: 5)
    let image = (0..<(side * side)).map { _ in Float(generator.uniform()) }
    // Reflected without repeating the border.
    func mirrored(_ place: Int) -> Int {
      let place = abs(place - before)
      return place < side ? place : 2 * (side - 1) - place
    }
    let large = (0..<padded).flatMap { y in
      (0..<padded).map { x in image[mirrored(y) * side + mirrored(x)] }
    }
    func logits(_ network: Network, _ image: [Float], _ side: Int) throws -> [Float] {
      try Predictor(
        network: network, weights: weights, batch: 1, height: side, width: side, engine: engine
      ).logits(images: image, count: 1)
    }
    let expected = try logits(whole, large, padded)
    let middle = (0..<side).flatMap { y in
      (0..<side).flatMap { x in
        let first = ((y + before) * padded + x + before) * outputs
        return expected[first..<(first + outputs)]
      }
    }
    #expect(relativeError(try logits(small, image, side), middle) < 1e-5)
  }

  /// x(i, j) joins one enlarged image and all j before it of its size: 48 + 16 channels at the largest, then
  /// 32 more with each column.
  @Test func nestedBlocksJoinAllBeforeThem() throws {
    let shapes = try parameters(UNetSettings(decoder: .nested))
    let blocks = shapes.filter { $0.key.hasSuffix("conv1.0.weight") && $0.key.contains(".x_") }
    #expect(blocks.count == 10)
    let encoder = [16, 24, 40, 112, 320]
    let filters = [32, 48, 96, 192]
    for row in 0..<4 {
      for column in 1...(4 - row) {
        let below = column == 1 ? encoder[row + 1] : filters[row + 1]
        let joined = below + encoder[row] + (column - 1) * filters[row]
        #expect(
          shapes["decoder.blocks.x_\(row)_\(column).conv1.0.weight"] == [
            filters[row], joined, 3, 3,
          ],
          "x(\(row), \(column))")
      }
    }
    #expect(shapes["decoder.blocks.4.conv1.0.weight"] == [24, 32, 3, 3])
  }

  @Test func aPyramidHasAsManyChannelsAtEachSize() throws {
    let shapes = try parameters(UNetSettings(decoder: .fpn))
    for (stride, channels) in zip(1...5, [16, 24, 40, 112, 320]) {
      #expect(shapes["decoder.p\(stride).skip_conv.weight"] == [64, channels, 1, 1])
      #expect(shapes["decoder.seg_blocks.\(stride - 1).conv.weight"] == [32, 64, 3, 3])
    }
    #expect(shapes["segmentation_head.0.weight"] == [1, 32, 3, 3])
  }

  @Test func theHeadReadsAllBlocks() throws {
    let shapes = try parameters(UNetSettings(hypercolumn: true))
    #expect(shapes["segmentation_head.0.weight"] == [1, 24 + 4 * 8, 3, 3])
    let plain = try ModelSettings(UNetSettings(filters: 4, levels: 3, hypercolumn: true)).network(
      image: Shape(height: 16, width: 16, channels: 1))
    let head = plain.parameters(shapes: try plain.shapes(height: 16, width: 16)).first {
      $0.name == "head.weight"
    }
    #expect(head?.shape == [1, 4 + 8, 1, 1])
  }

  /// skip * sigmoid(f . relu(s skip + b below + c) + d), with `below` enlarged twice.
  @Test func valuesOfAGateAreThoseOfTheDefinition() throws {
    var net = Network()
    let skip = net.image(channels: 2)
    let below = net.averagePool(skip, 2)
    net.output(
      gated(
        skip, by: below, channels: 2, size: Shape(height: 2, width: 2, channels: 2),
        smaller: Shape(height: 1, width: 1, channels: 2), name: "g", in: &net))
    let weights: [String: [Float]] = [
      "g.below.weight": [0.5, -1], "g.below.bias": [0.25], "g.skip.weight": [2, 0.75],
      "g.factor.weight": [-1.5], "g.factor.bias": [0.5],
    ]
    let shapes = Dictionary(
      uniqueKeysWithValues: net.parameters(shapes: try net.shapes(height: 2, width: 2)).map {
        ($0.name, $0.shape)
      })
    var file = Weights(tensors: [:])
    for (name, values) in weights {
      file.tensors[name] = Tensor(shape: try #require(shapes[name]), values: values)
    }
    let pixels: [Float] = [1, 2, -3, 0.5, 0.25, -1, 2, 1.5]
    let predictor = try Predictor(
      network: net, weights: file, batch: 1, height: 2, width: 2,
      engine: EngineSettings(threads: 1, precision: .float32))
    let mean: (Float, Float) = ((1 - 3 + 0.25 + 2) / 4, (2 + 0.5 - 1 + 1.5) / 4)
    let expected: [Float] = pixels.indices.map { index in
      let pixel = index / 2 * 2
      let held = 2 * pixels[pixel] + 0.75 * pixels[pixel + 1]
      let both = max(0, held + 0.5 * mean.0 - mean.1 + 0.25)
      return pixels[index] * sigmoid(-1.5 * both + 0.5)
    }
    #expect(relativeError(try predictor.logits(images: pixels, count: 1), expected) < 1e-6)
  }

  /// log(p / (1 - p)) with p that of the pixel times that of the image, which is the mean's clamped, weighed and moved.
  @Test func pixelsAreMarkedOnlyWhereTheImageHoldsAnything() throws {
    var net = Network()
    let image = net.image(channels: 1)
    let gated = gatedByImage(image, bottom: image, outputs: 1, name: "e", in: &net)
    net.output(net.concatenate([gated.pixels, gated.image]))
    var file = Weights(tensors: [:])
    for parameter in net.parameters(shapes: try net.shapes(height: 1, width: 3)) {
      let value: Float =
        switch parameter.name {
        case "e.0.weight": 0.5
        case "e.0.bias": 0.25
        case "e.1.weight": -0.125
        default: 3
        }
      file.tensors[parameter.name] = Tensor(
        shape: parameter.shape,
        values: [Float](repeating: value, count: parameter.shape.reduce(1, *)))
    }
    let predictor = try Predictor(
      network: net, weights: file, batch: 1, height: 1, width: 3,
      engine: EngineSettings(threads: 1, precision: .float32))
    let pixels: [Float] = [4, -1, -1.5]
    let own = Float(-0.125) * 64 * (0.5 * 0.5 + 0.25) + 3
    let expected = pixels.flatMap { pixel -> [Float] in
      let p = sigmoid(pixel) * sigmoid(own)
      return [log(p / (1 - p)), own]
    }
    #expect(relativeError(try predictor.logits(images: pixels, count: 1), expected) < 1e-5)
  }

  /// Of 4 x 4 pixels: means over 2 x 2 and over all, a quarter of 192 filters each; and dilations below 4.
  @Test func theCentreFitsItsImage() throws {
    let pyramid = try parameters(UNetSettings(centre: .pyramid), side: 128)
    #expect(pyramid["centre.windows2.conv.weight"] == [48, 320, 1, 1])
    #expect(pyramid["centre.windows4.conv.weight"] == nil)
    #expect(pyramid["centre.whole.conv.weight"] == [48, 320, 1, 1])
    #expect(pyramid["centre.last.conv.weight"] == [192, 320 + 2 * 48, 1, 1])
    let dilated = try parameters(UNetSettings(centre: .dilated, coordinates: true), side: 128)
    #expect(dilated["centre.first.conv.weight"] == [192, 322, 1, 1])
    #expect(
      dilated.keys.filter { $0.hasSuffix("conv.weight") && $0.contains("dilated") }.sorted()
        == ["centre.dilated1.conv.weight", "centre.dilated2.conv.weight"])
    #expect(dilated["decoder.blocks.0.conv1.0.weight"] == [192, 192 + 112, 3, 3])
  }

  @Test func blocksHaveTheFiltersThatAreChosen() throws {
    let shapes = try parameters(UNetSettings(decoderFilters: [48, 40, 32, 24, 16]))
    #expect(shapes["decoder.blocks.0.conv1.0.weight"] == [48, 320 + 112, 3, 3])
    #expect(shapes["decoder.blocks.3.conv1.0.weight"] == [24, 32 + 16, 3, 3])
    #expect(shapes["segmentation_head.0.weight"] == [1, 16, 3, 3])
  }

  @Test(arguments: [
    (ModelKind.unet, UNetSettings(decoder: .fpn), "model.decoder"),
    (.unet, UNetSettings(decoderFilters: [16, 8, 8, 8, 8]), "model.decoder_filters"),
    (.resNet34UNet, UNetSettings(decoderFilters: [16, 8]), "model.decoder_filters"),
    (.resNet34UNet, UNetSettings(decoderFilters: [16, 8, 8, 8, 0]), "model.decoder_filters"),
    (.resNet34UNet, UNetSettings(attention: .scSE, decoder: .fpn), "model.attention"),
    (.resNet34UNet, UNetSettings(decoder: .fpn, hypercolumn: true), "model.hypercolumn"),
    (.efficientNetLite1UNet, UNetSettings(attention: .gate, decoder: .nested), "model.attention"),
  ]) func whatCannotBeCombined(_ kind: ModelKind, _ settings: UNetSettings, _ name: String) throws {
    let error = try #require(throws: SettingError.self) {
      try ModelSettings(kind: kind, settings).network(
        image: Shape(height: 64, width: 64, channels: 1))
    }
    #expect(error.setting == name)
  }
}
