// A snapshot ensemble: a model with weights of several epochs predicts as so many models do.

import Datasets
import DatasetsSupport
import Inference
import Neural
import Segmentation
import Testing

struct SnapshotTests {
  @Test func eachOfAModelsWeightsCountsAlike() throws {
    let set = blobs(3)
    let image = Shape(height: set.height, width: set.width, channels: set.channels)
    let network = try UNet(UNetSettings(filters: 2, levels: 2), image: image).network()
    let engine = EngineSettings(threads: 1, precision: .float32)
    let weights = try (1...3).map {
      try Trainer(
        network: network, batch: 1, height: image.height, width: image.width, loss: .bce(),
        optimizer: Optimizer(.adam()), seed: UInt64($0), engine: engine
      ).weights()
    }
    func model(_ last: Int, earlier: [Int] = []) -> Model {
      Model(
        network: network, weights: weights[last], earlier: earlier.map { weights[$0] },
        image: image, features: 0, normalization: Normalization(of: set, [0, 1, 2]))
    }
    func maps(_ models: [Model]) throws -> [UInt8] {
      try Ensemble(models, batch: 2, engine: engine).predict(set, at: [0, 1, 2], tta: .hflip).values
    }
    let together = try maps([model(0), model(1), model(2)])
    #expect(try maps([model(2, earlier: [0, 1])]) == together)
    #expect(try maps([model(1, earlier: [0]), model(2)]) == together)
    #expect(try maps([model(2)]) != together)
  }
}
