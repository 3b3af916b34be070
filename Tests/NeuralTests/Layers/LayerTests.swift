// Every layer's gradients against central differences of the reference in Double.

import Foundation
import Neural
import TestSupport
import Testing

/// A small network around one layer. A convolution stands before it, so that the gradient of the
/// layer's input is checked too.
struct LayerCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var channels = 3
  var features = 0
  let build: @Sendable (inout Network, Network.Node) -> Network.Node

  init(
    _ name: String, channels: Int = 3, features: Int = 0,
    _ build: @escaping @Sendable (inout Network, Network.Node) -> Network.Node
  ) {
    testDescription = name
    self.channels = channels
    self.features = features
    self.build = build
  }

  func network() -> Network {
    var n = Network()
    let image = n.image(channels: 2)
    let x = n.convolution(image, filters: channels, bias: true, name: "before")
    let y = build(&n, x)
    n.output(n.convolution(y, filters: 1, kernel: 1, bias: true, name: "after"))
    return n
  }
}

@Suite struct LayerTests {
  static let cases: [LayerCase] = [
    LayerCase("conv") { n, x in n.convolution(x, filters: 5, bias: true, name: "layer") },
    LayerCase("conv 8 to 8", channels: 8) { n, x in n.convolution(x, filters: 8, name: "layer") },
    LayerCase("conv 17 to 33", channels: 17) { n, x in
      n.convolution(x, filters: 33, name: "layer")
    },
    LayerCase("two convs of one value, one with ReLU", channels: 8) { n, x in
      let y = n.relu(n.convolution(x, filters: 8, bias: true, name: "layer"))
      return n.add(y, n.convolution(x, filters: 8, name: "other"))
    },
    LayerCase("conv 5x5") { n, x in n.convolution(x, filters: 2, kernel: 5, name: "layer") },
    LayerCase("conv stride 2") { n, x in n.convolution(x, filters: 4, stride: 2, name: "layer") },
    LayerCase("conv stride 3, 1x1") { n, x in
      n.convolution(x, filters: 4, kernel: 1, stride: 3, name: "layer")
    },
    LayerCase("conv dilation 2") { n, x in
      n.convolution(x, filters: 4, dilation: 2, name: "layer")
    },
    LayerCase("conv groups", channels: 6) { n, x in
      n.convolution(x, filters: 4, groups: 2, bias: true, name: "layer")
    },
    LayerCase("depthwise conv", channels: 4) { n, x in
      n.convolution(x, filters: 4, groups: 4, name: "layer")
    },
    LayerCase("depthwise conv of many channels", channels: 29) { n, x in
      n.elu(n.convolution(x, filters: 29, groups: 29, bias: true, name: "layer"))
    },
    LayerCase("depthwise conv 5x5, stride 2, dilation 2", channels: 18) { n, x in
      n.convolution(x, filters: 18, kernel: 5, stride: 2, dilation: 2, groups: 18, name: "layer")
    },
    LayerCase("depthwise conv 5x5, stride 2", channels: 19) { n, x in
      n.convolution(x, filters: 19, kernel: 5, stride: 2, groups: 19, name: "layer")
    },
    LayerCase("depthwise conv 3x3, stride 2, of a value read twice", channels: 24) { n, x in
      let y = n.convolution(x, filters: 24, stride: 2, groups: 24, name: "layer")
      return n.add(y, n.convolution(x, filters: 24, kernel: 1, stride: 2, name: "other"))
    },
    LayerCase("depthwise conv 3x3, stride 4", channels: 8) { n, x in
      n.convolution(x, filters: 8, stride: 4, groups: 8, name: "layer")
    },
    LayerCase("depthwise conv and batch norm, read twice", channels: 16) { n, x in
      let y = n.batchNorm(n.convolution(x, filters: 16, groups: 16, name: "layer"), name: "norm")
      return n.add(n.relu(y), x)
    },
    LayerCase("conv with two filters a channel", channels: 4) { n, x in
      n.convolution(x, filters: 8, groups: 4, name: "layer")
    },
    LayerCase("up-conv") { n, x in n.transposedConvolution(x, filters: 4, name: "layer") },
    LayerCase("up-conv 3x3") { n, x in
      n.transposedConvolution(x, filters: 2, kernel: 3, stride: 3, bias: false, name: "layer")
    },
    LayerCase("batch norm") { n, x in n.batchNorm(x, name: "layer") },
    LayerCase("batch norm + ReLU", channels: 9) { n, x in n.relu(n.batchNorm(x, name: "layer")) },
    LayerCase("batch norm read twice") { n, x in
      let y = n.batchNorm(x, name: "layer")
      return n.add(n.relu(y), y)
    },
    LayerCase("group norm", channels: 6) { n, x in n.groupNorm(x, groups: 2, name: "layer") },
    LayerCase("group norm + ReLU", channels: 20) { n, x in
      n.relu(n.groupNorm(x, groups: 5, name: "layer"))
    },
    LayerCase("group norm read twice, of one channel each") { n, x in
      let y = n.groupNorm(x, groups: 3, epsilon: 0.1, name: "layer")
      return n.add(n.relu(y), y)
    },
    LayerCase("ReLU") { n, x in n.relu(x) },
    LayerCase("ReLU6") { n, x in
      let y = n.add(x, x)
      return n.relu6(n.add(y, y))
    },
    LayerCase("batch norm + ReLU6", channels: 17) { n, x in n.relu6(n.batchNorm(x, name: "wide")) },
    LayerCase("ReLU6 of some channels of a join, read twice", channels: 20) { n, x in
      let a = n.relu6(n.batchNorm(n.convolution(x, filters: 8, name: "a"), name: "wide a"))
      let b = n.relu(n.batchNorm(n.convolution(x, filters: 5, name: "b"), name: "nb"))
      return n.concatenate([n.relu6(x), a, n.elu(a), b])
    },
    LayerCase("inverted residual block", channels: 8) { n, x in
      let e = n.relu6(n.batchNorm(n.convolution(x, filters: 20, kernel: 1, name: "e"), name: "ne"))
      let d = n.relu6(
        n.batchNorm(n.convolution(e, filters: 20, kernel: 5, groups: 20, name: "d"), name: "wide d")
      )
      return n.add(
        n.batchNorm(n.convolution(d, filters: 8, kernel: 1, name: "p"), name: "np"), x)
    },
    LayerCase("ELU") { n, x in n.elu(x) },
    LayerCase("SiLU") { n, x in n.silu(x) },
    LayerCase("sigmoid") { n, x in n.sigmoid(x) },
    LayerCase("max pool") { n, x in n.maxPool(x) },
    LayerCase("average pool", channels: 2) { n, x in n.averagePool(x, 3) },
    LayerCase("max pool 3x3 / 2, padded", channels: 5) { n, x in
      n.maxPool(x, 3, stride: 2, padding: 1)
    },
    LayerCase("max pool 3x3 / 1, added to what it reads", channels: 17) { n, x in
      n.add(n.maxPool(x, 3, stride: 1, padding: 1), x)
    },
    LayerCase("max pool with gaps") { n, x in n.maxPool(x, 2, stride: 4) },
    LayerCase("average pool 3x3 / 2, padded", channels: 9) { n, x in
      n.averagePool(x, 3, stride: 2, padding: 1)
    },
    LayerCase("average pool with gaps") { n, x in n.averagePool(x, 1, stride: 3) },
    LayerCase("adaptive average pool", channels: 18) { n, x in
      n.adaptiveAveragePool(x, height: 4, width: 5)
    },
    LayerCase("adaptive average pool to more pixels") { n, x in
      n.adaptiveAveragePool(x, height: 7, width: 1)
    },
    LayerCase("global average pool") { n, x in n.globalAveragePool(x) },
    LayerCase("nearest upsampling") { n, x in n.upsample(x, 2, .nearest) },
    LayerCase("bilinear upsampling") { n, x in n.upsample(x, 3, .bilinear) },
    LayerCase("crop") { n, x in n.crop(x, top: 1, left: 2, height: 3, width: 4) },
    LayerCase("concatenate with a pooled branch") { n, x in
      let a = n.relu(n.batchNorm(x, name: "bn"))
      let b = n.upsample(n.maxPool(a), 2, .nearest)
      return n.concatenate([a, b, x])
    },
    LayerCase("concatenate twice the same") { n, x in n.concatenate([x, x]) },
    LayerCase("concatenate nested, read before and after") { n, x in
      let a = n.elu(x)
      let inner = n.concatenate([a, x])
      let outer = n.concatenate([inner, a])
      return n.concatenate([outer, n.sigmoid(inner)])
    },
    LayerCase("add") { n, x in n.add(x, n.convolution(x, filters: 3, name: "layer")) },
    LayerCase("add + ReLU") { n, x in
      n.relu(n.add(n.convolution(x, filters: 3, name: "layer"), x))
    },
    LayerCase("residual blocks") { n, x in
      func block(_ x: Network.Node, _ name: String) -> Network.Node {
        let y = n.relu(
          n.batchNorm(n.convolution(x, filters: 3, name: "\(name).0"), name: "\(name).n0"))
        let z = n.batchNorm(n.convolution(y, filters: 3, name: "\(name).1"), name: "\(name).n1")
        return n.relu(n.add(z, x))
      }
      let a = block(x, "a")
      return n.concatenate([block(a, "b"), n.elu(a)])
    },
    LayerCase("sums of sums") { n, x in
      let a = n.relu(n.add(x, n.convolution(x, filters: 3, name: "a")))
      let b = n.relu(n.add(a, n.convolution(x, filters: 3, name: "b")))
      return n.add(b, b)
    },
    LayerCase("norm of a pooled, joined and read twice", channels: 2) { n, x in
      let a = n.relu(n.batchNorm(n.maxPool(x), name: "a"))
      let b = n.concatenate([n.convolution(a, filters: 2, name: "c"), a])
      return n.relu(n.batchNorm(b, name: "b"))
    },
    LayerCase("residual block with a projection", channels: 5) { n, x in
      let y = n.batchNorm(n.convolution(x, filters: 17, stride: 2, name: "layer"), name: "norm")
      let short = n.convolution(x, filters: 17, kernel: 1, stride: 2, name: "short")
      return n.relu(n.add(y, n.batchNorm(short, name: "norm of short")))
    },
    LayerCase("sum that is joined and read again") { n, x in
      let y = n.add(x, n.sigmoid(x))
      return n.concatenate([n.elu(y), y])
    },
    LayerCase("add twice the same") { n, x in n.add(x, x) },
    LayerCase("multiply") { n, x in n.multiply(x, n.sigmoid(x)) },
    LayerCase("multiply by itself") { n, x in n.multiply(x, x) },
    LayerCase("multiply over channels") { n, x in n.multiply(x, n.globalAveragePool(x)) },
    LayerCase("both of two logits") { n, x in
      n.both(x, n.convolution(x, filters: 3, kernel: 1, bias: true, name: "other"))
    },
    LayerCase("both of an image and a vector") { n, x in
      let of = n.convolution(
        n.globalAveragePool(x), filters: 3, kernel: 1, bias: true, name: "vector")
      let all = n.broadcast(of, like: x)
      return n.concatenate([n.both(x, all), all])
    },
    LayerCase("both of a logit and itself, read twice") { n, x in n.add(n.both(x, x), x) },
    LayerCase("coordinates") { n, x in n.concatenate([x, n.coordinates(like: x)]) },
    LayerCase("a mean of all pixels, clamped, beside each") { n, x in
      let mean = n.relu(
        n.batchNorm(
          n.convolution(n.globalAveragePool(x), filters: 4, kernel: 1, name: "m"), name: "nm"))
      return n.concatenate([x, n.broadcast(mean, like: x)])
    },
    LayerCase("multiply over pixels") { n, x in
      n.multiply(x, n.convolution(x, filters: 1, kernel: 1, name: "gate"))
    },
    LayerCase("squeeze and excitation of channels and pixels", channels: 18) { n, x in
      let squeezed = n.relu(n.dense(n.globalAveragePool(x), units: 3, name: "squeeze"))
      let channels = n.sigmoid(n.dense(squeezed, units: 18, name: "excite"))
      let pixels = n.sigmoid(n.convolution(x, filters: 1, kernel: 1, name: "pixels"))
      return n.add(n.multiply(x, channels), n.multiply(x, pixels))
    },
    LayerCase("attention gate", channels: 4) { n, x in
      let gate = n.convolution(
        n.maxPool(x), filters: 3, kernel: 1, bias: true, name: "gate")
      let skip = n.convolution(x, filters: 3, kernel: 1, stride: 2, name: "skip")
      let both = n.convolution(
        n.relu(n.add(gate, skip)), filters: 1, kernel: 1, bias: true, name: "psi")
      return n.multiply(x, n.upsample(n.sigmoid(both), 2, .bilinear))
    },
    LayerCase("dense of a joined part", channels: 4) { n, x in
      let vector = n.dense(x, units: 4, name: "layer")
      return n.multiply(n.concatenate([x, x]), n.concatenate([vector, vector]))
    },
    LayerCase("features", features: 2) { n, x in
      let v = n.features(2)
      let d = n.elu(n.dense(v, units: 4, name: "layer"))
      return n.concatenate([x, n.broadcast(d, like: x)])
    },
    LayerCase("dense") { n, x in
      n.dense(n.crop(x, top: 0, left: 0, height: 2, width: 3), units: 4, name: "layer")
    },
    LayerCase("dropout of rate 0") { n, x in n.dropout(n.relu(x), rate: 0) },
  ]

  /// With all instruction sets: the portable one takes the matrix path.
  @Test(arguments: cases, [0, 1, 2]) func gradients(_ layer: LayerCase, kernelLimit: Int) throws {
    let (batch, height, width) = (3, 6, 6)
    let network = layer.network()
    let trainer = try Trainer(
      network: network, batch: batch, height: height, width: width, loss: .bce(),
      optimizer: Optimizer(.sgd()), seed: 3,
      engine: EngineSettings(threads: 2, kernelLimit: kernelLimit))
    var generator = GoldenGenerator(state: 11)
    let images = generator.values(batch * height * width * 2)
    let features = generator.values(batch * layer.features)
    let targets = generator.values(batch * trainer.outputShape.count).map { $0 > 0 ? Float(1) : 0 }
    // Biases and batch norm away from 0 and 1, where mistakes would hide.
    var weights = trainer.weights()
    for name in weights.tensors.keys.sorted() where !name.contains("running") {
      let noise = generator.values(weights.tensors[name]!.values.count, scale: 0.25)
      // Norms of this name make numbers that reach the limit of ReLU6.
      let factor: Float = name.hasPrefix("wide") && name.hasSuffix("weight") ? 5 : 1
      weights.tensors[name]!.values = zip(weights.tensors[name]!.values, noise).map {
        factor * $0 + $1
      }
    }
    try trainer.load(weights)
    let result = try trainer.gradients(
      images: images, features: features, targets: targets, pixelWeights: [])

    let reference = try ReferenceNetwork(network, batch: batch, height: height, width: width)
    var tensors = weights.tensors.mapValues { $0.values.map(Double.init) }
    func loss() -> Double {
      let z = reference.output(
        tensors, images: images.map(Double.init), features: features.map(Double.init))
      return zip(z, targets).reduce(0) { sum, pair in
        sum + max(pair.0, 0) - pair.0 * Double(pair.1) + log1p(exp(-abs(pair.0)))
      } / Double(z.count)
    }
    #expect(abs(Double(result.loss) - loss()) < 1e-5)
    for (name, gradient) in trainer.gradientTensors() {
      let scale = max(gradient.values.map(abs).max() ?? 0, 1e-3)
      // Up to twelve values of each tensor, spread over it.
      for i in stride(from: 0, to: gradient.values.count, by: max(1, gradient.values.count / 12)) {
        let at = tensors[name]![i]
        let step = 1e-5
        tensors[name]![i] = at + step
        let above = loss()
        tensors[name]![i] = at - step
        let below = loss()
        tensors[name]![i] = at
        let expected = (above - below) / (2 * step)
        #expect(
          abs(Double(gradient.values[i]) - expected) < 1e-3 * Double(scale), "\(name)[\(i)]")
      }
    }
    // Inference with the running statistics set to this batch's is not the same sum order, so only
    // networks without batch norm can be compared value for value.
    guard !network.steps.contains(where: { if case .batchNorm = $0.layer { true } else { false } })
    else { return }
    let predictor = try Predictor(
      network: network, weights: weights, batch: batch, height: height, width: width,
      engine: EngineSettings(threads: 1, kernelLimit: kernelLimit))
    let logits = try predictor.logits(images: images, features: features, count: batch)
    let expected = reference.output(
      tensors, images: images.map(Double.init), features: features.map(Double.init))
    #expect(relativeError(logits, expected.map { Float($0) }) < 1e-5)
  }
}
