// The model file: what is written comes back, and files that are something else are refused.

import Datasets
import Foundation
import Imaging
import Neural
import Segmentation
import TestSupport
import Testing

@Suite struct ModelTests {
  @Test func otherFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("model.safetensors")
    #expect(throws: SafetensorsError.self) { try Model(contentsOf: url) }
    var weights = Weights(tensors: ["a": Tensor(shape: [1], values: [1])])
    try weights.write(to: url)
    let foreign = #expect(throws: ModelError.self) { try Model(contentsOf: url) }
    #expect(
      foreign?.description
        == "\(url.path): is a safetensors file, but holds no model of this program")
    weights.metadata = ["model.format": "work-segmentation-model/9"]
    try weights.write(to: url)
    let newer = #expect(throws: ModelError.self) { try Model(contentsOf: url) }
    #expect(newer?.problem.contains("work-segmentation-model/1") == true)
    weights.metadata = ["model.format": "work-segmentation-model/1", "model.description": "{}"]
    try weights.write(to: url)
    #expect(throws: ModelError.self) { try Model(contentsOf: url) }
  }

  /// Numbers as a file may hold them, by whoever wrote it.
  @Test(arguments: [
    (#""height":8"#, #""height":9223372036854775807"#), (#""height":8"#, #""height":0"#),
    (#""channels":1"#, #""channels":2"#), (#""filters":1"#, #""filters":2"#),
    (#""filters":1"#, #""filters":4611686018427387904"#), (#""mean":1"#, #""mean":"x""#),
    (#""features":0"#, #""features":3"#),
    (#""frame":{"patch":{"_0":8}}"#, #""frame":{"patch":{"_0":9}}"#),
    (#""frame":{"patch":{"_0":8}}"#, #""earlier":-1"#),
    (#""deviation":1"#, #""deviation":0"#), (#""deviation":1"#, #""deviation":1e-50"#),
  ])
  func whatDoesNotGoTogetherIsRefused(_ old: String, _ new: String) throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("model.safetensors")
    let white = Plane(width: 8, height: 8, values: [Float](repeating: 1, count: 64))
    let set = ImageSet(ids: ["a"], images: [white])
    var network = Network()
    let x = network.image(channels: 1)
    network.output(network.convolution(x, filters: 1, kernel: 1, bias: true, name: "head"))
    try Model(
      network: network,
      weights: Weights(tensors: [
        "head.weight": Tensor(shape: [1, 1, 1, 1], values: [1]),
        "head.bias": Tensor(shape: [1], values: [0]),
      ]), image: Shape(height: 8, width: 8, channels: 1), features: 0,
      normalization: Normalization(of: set, [0]),
      frame: .patch(8)
    ).write(to: url)
    _ = try Model(contentsOf: url)
    var weights = try Weights(contentsOf: url)
    let text = try #require(weights.metadata["model.description"])
    try #require(text.contains(old), "\(text)")
    weights.metadata["model.description"] = text.replacingOccurrences(of: old, with: new)
    try weights.write(to: url)
    #expect(throws: ModelError.self) { try Model(contentsOf: url) }
  }

  /// They would come to probabilities that are no numbers.
  @Test func weightsThatAreNoNumbersAreRefused() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("model.safetensors")
    var network = Network()
    network.output(
      network.convolution(network.image(channels: 1), filters: 1, kernel: 1, name: "head"))
    try Model(
      network: network,
      weights: Weights(tensors: ["head.weight": Tensor(shape: [1, 1, 1, 1], values: [.nan])]),
      image: Shape(height: 8, width: 8, channels: 1), features: 0,
      normalization: Normalization(
        of: ImageSet(
          ids: ["a"], images: [Plane(width: 8, height: 8, values: [Float](repeating: 1, count: 64))]
        ),
        [0])
    ).write(to: url)
    let error = #expect(throws: ModelError.self) { try Model(contentsOf: url) }
    #expect(error?.problem == "has weights that are no numbers")
  }
}
