// What a checkpoint's file must have beside tensors.

import Foundation
import Neural
import TestSupport
import Testing

@Suite struct CheckpointTests {
  @Test func weightsAreNoCheckpoint() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("w.safetensors")
    try Weights(tensors: ["a": Tensor(shape: [1], values: [1])]).write(to: file)
    #expect(throws: SafetensorsError.self) { try Checkpoint(contentsOf: file) }
  }
}
