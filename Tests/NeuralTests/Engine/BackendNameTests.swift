// The backend of the engine's own kernels was called "blas" once; files with that name stay readable.

import Choices
import Foundation
import Neural
import TestSupport
import Testing

@Suite struct BackendNameTests {
  @Test func theOldNameIsReadAndTheNewOneWritten() throws {
    #expect(BackendChoice(rawValue: "blas") == .native)
    #expect(BackendChoice(rawValue: "cuda") == nil)
    let read = try JSONDecoder().decode([BackendChoice].self, from: Data("[\"blas\"]".utf8))
    #expect(read == [.native])
    #expect(String(decoding: try JSONEncoder().encode(read), as: UTF8.self) == "[\"native\"]")
    #expect(BackendChoice.allCases.map(\.rawValue) == ["automatic", "native", "onednn"])
  }

  @Test func aCheckpointWithTheOldNameGoesOn() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("state.safetensors")
    let trainer = try SmallUNet(filters: 4).trainer(batch: 2)
    var old = trainer.checkpoint()
    try #require(old.engine.backend == "native")
    old.engine.backend = "blas"
    try old.write(to: url)
    let read = try Checkpoint(contentsOf: url)
    #expect(read.engine == trainer.engine)
    try trainer.restore(read)
  }
}
