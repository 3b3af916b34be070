// The model file: what is written comes back, and files that are something else are refused.

import Foundation
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
}
