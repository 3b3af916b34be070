// Networks and numbers shared by the tests.

import Foundation
import Neural

/// Results that Golden/make_<name>.py stored.
func golden(_ name: String) throws -> [String: Tensor] {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  return try Weights(contentsOf: folder.appendingPathComponent("Golden/\(name).safetensors"))
    .tensors
}

/// The generator of Golden/golden.py: multiples of 2^-23 in -1..<1.
struct GoldenGenerator {
  var state: UInt64

  mutating func values(_ count: Int, scale: Float = 1) -> [Float] {
    (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Double(state >> 40) / 0x1p23 - 1) * scale
    }
  }
}

/// A U-Net with joined features, as in Golden/make_unet.py.
struct SmallUNet {
  var size = 13
  var pad = (1, 2)
  var levels = 3
  var filters = 4
  var features = 2
  var dropout = 0.0

  func network() -> Network {
    var n = Network()
    func block(_ x: Network.Node, _ filters: Int, _ name: String) -> Network.Node {
      var x = x
      for i in 0..<2 {
        x = n.convolution(x, filters: filters, name: "\(name).conv\(i)")
        x = n.relu(n.batchNorm(x, name: "\(name).bn\(i)"))
      }
      return dropout > 0 ? n.dropout(x, rate: dropout) : x
    }
    let image = n.image(channels: 1)
    var x = n.reflectPad(image, top: pad.0, bottom: pad.1, left: pad.0, right: pad.1)
    var skips: [Network.Node] = []
    for level in 0..<(levels - 1) {
      x = block(x, filters << level, "enc\(level)")
      skips.append(x)
      x = n.maxPool(x)
    }
    if features > 0 {
      let vector = n.features(features)
      x = n.concatenate([x, n.broadcast(vector, like: x)])
    }
    x = block(x, filters << (levels - 1), "mid")
    for level in (0..<(levels - 1)).reversed() {
      let up = n.transposedConvolution(x, filters: filters << level, name: "up\(level)")
      x = block(n.concatenate([skips[level], up]), filters << level, "dec\(level)")
    }
    x = n.convolution(x, filters: 1, kernel: 1, bias: true, name: "head")
    n.output(n.crop(x, top: pad.0, left: pad.0, height: size, width: size))
    return n
  }

  func trainer(
    batch: Int, optimizer: Optimizer = Optimizer(.adamW()), seed: UInt64 = 5, threads: Int = 1,
    kernelLimit: Int = 2
  ) throws -> Trainer {
    try Trainer(
      network: network(), batch: batch, height: size, width: size, loss: .bceDice,
      optimizer: optimizer, seed: seed,
      engine: EngineSettings(threads: threads, kernelLimit: kernelLimit))
  }
}

/// A batch for `SmallUNet` that depends on `seed` alone.
struct Batch {
  var images: [Float]
  var features: [Float]
  var targets: [Float]

  init(_ model: SmallUNet, count: Int, seed: UInt64) {
    var generator = GoldenGenerator(state: seed)
    images = generator.values(count * model.size * model.size)
    features = generator.values(count * model.features)
    targets = generator.values(count * model.size * model.size).map { $0 > 0.25 ? 1 : 0 }
  }
}

extension Trainer {
  func step(_ batch: Batch, learningRate: Float = 0.01) throws -> StepResult {
    try step(
      images: batch.images, features: batch.features, targets: batch.targets,
      learningRate: learningRate)
  }
}
