// Files of trained models and of trainings that were broken off: what describes a network, and what a checkpoint says.

import Foundation

@testable import Datasets
@testable import Inference
@testable import Neural
@testable import Segmentation
@testable import Weights

let modelTargets: [Target] = [
  // The description alone; the weights that it wants are made for it, since bytes drawn at random never fit.
  Target(name: "model") {
    try [tinyModel(layers: 1), tinyModel(layers: 3)].map { model in
      let file = Scratch.folder.appendingPathComponent("made.safetensors")
      try model.write(to: file)
      return Data(try Weights(contentsOf: file).metadata["model.description"]!.utf8)
    }
  } body: { data in
    guard data.count < 1 << 14 else { return }
    let text = String(decoding: data, as: UTF8.self)
    let file = Scratch.folder.appendingPathComponent("model.safetensors")
    var weights = Weights(tensors: [:])
    weights.metadata = [
      "model.format": "work-segmentation-model/1", "model.description": text,
    ]
    try weights.write(to: file)
    var model = try Model(contentsOf: file)
    let image = model.image
    guard image.height * image.width <= 1 << 12, image.channels <= 8, model.network.steps.count < 64
    else { return }
    let shapes = try model.network.shapes(height: image.height, width: image.width)
    let parameters = model.network.parameters(shapes: shapes)
    let work = try model.network.multiplyAdds(height: image.height, width: image.width)
    guard parameters.allSatisfy({ $0.count < 1 << 16 }), work < 1 << 22,
      shapes.allSatisfy({ $0.count < 1 << 18 })
    else { return }
    for parameter in parameters {
      model.weights.tensors[parameter.name] = Tensor(
        shape: parameter.shape, values: [Float](repeating: 0.5, count: parameter.count))
    }
    try model.write(to: file)
    let predictor = try Model(contentsOf: file).predictor(
      batch: 1, engine: EngineSettings(threads: 1))
    let logits = try predictor.logits(
      images: [Float](repeating: 0.5, count: image.count),
      features: [Float](repeating: 0.5, count: model.features), count: 1)
    promise(
      logits.count == image.height * image.width * model.head.outputs, "a logit for each pixel")
  },
  Target(name: "checkpoint") {
    let state = #"{"epoch":2,"history":[],"sinceBest":0,"isStopped":false,"plateau":{},"spike":{}}"#
    return try [
      Safetensors(
        tensors: [
          "a": Tensor(shape: [2], values: [1, 2]), "average/a": Tensor(shape: [2], values: [1, 2]),
          "swa/a": Tensor(shape: [2], values: [1, 2]),
          "optimizer/first/a": Tensor(shape: [2], values: [0, 0]),
        ],
        metadata: [
          "engine.step": "4", "engine.seed": "7", "engine.instruction_set": "x", "fit.state": state,
          "engine.backend": "native", "engine.library": "l", "engine.precision": "float32",
          "engine.swa_count": "2",
        ]
      ).encoded()
    ]
  } body: { data in
    let file = try Scratch.write(data, as: "checkpoint.safetensors")
    let checkpoint = try Checkpoint(contentsOf: file)
    promise(checkpoint.step >= 0 && (checkpoint.swa?.count ?? 1) > 0, "counts count")
    for text in checkpoint.metadata.values {
      _ = try? JSONDecoder().decode(FitState.self, from: Data(text.utf8))
    }
  },
]

/// A model of a few layers.
private func tinyModel(layers: Int) throws -> Model {
  var network = Network()
  var x = network.image(channels: 1)
  for layer in 1..<layers {
    x = network.relu(
      network.convolution(x, filters: 2, kernel: 3, bias: true, name: "block\(layer)"))
  }
  network.output(network.convolution(x, filters: 1, kernel: 1, bias: true, name: "head"))
  let plane = Plane(width: 8, height: 8, values: [Float](repeating: 1, count: 64))
  return Model(
    network: network, weights: Weights(tensors: [:]),
    image: Shape(height: 8, width: 8, channels: 1), features: 0,
    normalization: Normalization(of: ImageSet(ids: ["a"], images: [plane]), [0]))
}
