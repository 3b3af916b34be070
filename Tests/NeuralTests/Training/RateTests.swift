// Factors on the learning rate of some of the parameters.

import Foundation
import Neural
import Testing

@Suite struct RateTests {
  private func trainer(_ method: Optimizer.Method) throws -> Trainer {
    var net = Network()
    var x = net.image(channels: 1)
    for name in ["encoder.a", "middle", "encoder.b"] {
      x = net.convolution(x, filters: 5, bias: true, name: name)
      x = net.relu(net.batchNorm(x, name: "\(name).norm"))
    }
    net.output(net.convolution(x, filters: 1, bias: true, name: "head"))
    return try Trainer(
      network: net, batch: 2, height: 8, width: 8, loss: .bce(), optimizer: Optimizer(method),
      seed: 3, engine: EngineSettings(threads: 2))
  }

  private func step(_ trainer: Trainer) throws {
    try trainer.step(
      images: (0..<128).map { Float($0 % 11) / 5 - 1 }, targets: (0..<128).map { Float($0 % 2) },
      learningRate: 0.25)
  }

  /// One step of the same gradients: what moves is multiplied by the factor, with AdamW's decay.
  @Test(arguments: [
    Optimizer.Method.sgd(weightDecay: 0.5), .adam(weightDecay: 0.5), .adamW(weightDecay: 0.5),
  ])
  func movesByTheFactor(method: Optimizer.Method) throws {
    let (plain, scaled) = (try trainer(method), try trainer(method))
    let before = plain.weights().tensors
    scaled.setRate(0.5, below: "encoder.")
    try step(plain)
    try step(scaled)
    let (all, some) = (plain.weights().tensors, scaled.weights().tensors)
    for (name, tensor) in all where !name.contains("running") {
      guard name.hasPrefix("encoder.") else {
        #expect(some[name] == tensor)
        continue
      }
      for (index, value) in tensor.values.enumerated() {
        let start = before[name]!.values[index]
        #expect(abs((some[name]!.values[index] - start) - (value - start) / 2) < 1e-5, "\(name)")
      }
    }
  }

  @Test func zeroFreezesAndOneIsAsBefore() throws {
    let (plain, other) = (try trainer(.adamW()), try trainer(.adamW()))
    let before = other.weights().tensors
    other.setRate(0, below: "encoder.")
    try step(other)
    let frozen = other.weights().tensors
    for (name, tensor) in frozen where !name.contains("running") {
      #expect((tensor == before[name]) == name.hasPrefix("encoder."), "\(name)")
    }
    try other.load(Weights(tensors: before))
    other.setRate(1, below: "encoder.")
    other.setRate(1, below: "nothing.")
    for _ in 0..<2 {
      try step(plain)
      try step(other)
    }
    #expect(plain.weights() == other.weights())
  }
}
