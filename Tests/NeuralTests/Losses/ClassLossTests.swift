// Losses of classes: values and gradients against central differences of plain definitions in Double, what
// counts for nothing, and logits so large that a careless formula overflows.

import Foundation
import Neural
import TestSupport
import Testing

@Suite struct ClassLossTests {
  static let losses: [ClassLossDefinition] = [
    .init(crossEntropy: 1), .init(dice: 1), .init(dice: 2, smooth: 0.5), .init(lovasz: 1),
    .init(focal: 1), .init(focal: 0.5, gamma: 0), .init(focal: 1, gamma: 1.5),
    .init(crossEntropy: 0.5, dice: 1, lovasz: 0.25, focal: 2),
  ]
  let count = 2

  struct Data {
    var z: [Float]
    var t: [Float]
    var w: [Float]
  }

  /// The last class is in no image, and pixel 3 of each image counts for nothing if `ignoring`.
  private func data(classes: Int, pixels: Int, ignoring: Bool) -> Data {
    var generator = GoldenGenerator(state: 11)
    let z = generator.values(count * pixels * classes, scale: 4)
    var t = generator.values(count * pixels).map {
      (($0 + 1) / 2 * Float(max(classes - 1, 1))).rounded(.down)
    }
    if ignoring {
      for i in t.indices where i % pixels == 3 || i % 7 == 5 { t[i] = Loss.ignored }
    }
    return Data(z: z, t: t, w: generator.values(count * pixels).map { max($0 + 0.75, 0) })
  }

  /// Value and gradient of all instruction sets against the definition and its differences, of all
  /// logits or of some.
  private func compare(
    _ definition: ClassLossDefinition, _ data: Data, weights: [Float] = [], step: Int = 1
  ) {
    let w = weights.isEmpty ? [Double](repeating: 1, count: data.t.count) : weights.map(Double.init)
    let t = data.t.map { Int($0) }
    let z = data.z.map(Double.init)
    let expected = definition.value(z, t, w, count: count)
    let places = Array(stride(from: 0, to: z.count, by: step))
    let slopes = differences(at: places, of: z) { definition.value($0, t, w, count: count) }
    for limit in 0...2 {
      let result = definition.loss.evaluate(
        logits: data.z, targets: data.t, pixelWeights: weights, count: count, kernelLimit: limit)
      #expect(abs(result.value - expected) < 2e-6 * max(1, expected))
      #expect(relativeError(places.map { result.gradient[$0] }, slopes) < 1e-4)
    }
  }

  @Test(arguments: losses, [2, 3, 11]) func valueAndGradient(
    _ definition: ClassLossDefinition, classes: Int
  ) {
    for ignoring in [false, true] {
      let data = data(classes: classes, pixels: 20, ignoring: ignoring)
      for weighted in [false, true] {
        var definition = definition
        if weighted { definition.weights = (0..<classes).map { 0.5 + Double($0 % 3) } }
        compare(definition, data)
        compare(definition, data, weights: data.w)
      }
    }
  }

  /// More pixels than are worked on at once.
  @Test(arguments: losses) func manyPixels(_ definition: ClassLossDefinition) {
    compare(definition, data(classes: 3, pixels: 1301, ignoring: true), step: 613)
  }

  /// An ignored pixel may as well not be there, and so may one of weight 0.
  @Test(arguments: losses) func ignoredPixelsAreNot(_ definition: ClassLossDefinition) {
    let (pixels, classes) = (20, 3)
    let all = data(classes: classes, pixels: pixels, ignoring: false)
    let kept = (0..<(count * pixels)).filter { $0 % pixels % 4 != 1 }
    let fewer = definition.loss.valueAndGradient(
      logits: kept.flatMap { all.z[($0 * classes)..<(($0 + 1) * classes)] },
      targets: kept.map { all.t[$0] }, count: count)
    let isKept = Set(kept)
    let ignored = definition.loss.valueAndGradient(
      logits: all.z, targets: all.t.indices.map { isKept.contains($0) ? all.t[$0] : Loss.ignored },
      count: count)
    let weightless = definition.loss.valueAndGradient(
      logits: all.z, targets: all.t,
      pixelWeights: all.t.indices.map { isKept.contains($0) ? 1 : 0 },
      count: count)
    for result in [ignored, weightless] {
      #expect(abs(result.value - fewer.value) < 1e-6)
      #expect(
        relativeError(
          kept.flatMap { result.gradient[($0 * classes)..<(($0 + 1) * classes)] }, fewer.gradient)
          < 1e-6)
      for i in all.t.indices where !isKept.contains(i) {
        #expect(result.gradient[(i * classes)..<((i + 1) * classes)].allSatisfy { $0 == 0 })
      }
    }
  }

  @Test(arguments: losses) func nothingButIgnoredPixels(_ definition: ClassLossDefinition) {
    var definition = definition
    definition.weights = [1, 2, 3]
    let result = definition.loss.valueAndGradient(
      logits: [1, 2, 3, 4, 5, 6], targets: [255, 255], count: 1)
    #expect(result.value == 0)
    #expect(result.gradient == [0, 0, 0, 0, 0, 0])
  }

  /// Only how weights of classes compare matters.
  @Test(arguments: losses) func classWeightsAreRelative(_ definition: ClassLossDefinition) {
    let data = data(classes: 3, pixels: 20, ignoring: true)
    let (few, many) = ([1.0, 2, 4], [10.0, 20, 40])
    let results = [few, many].map { weights in
      var definition = definition
      definition.weights = weights
      return definition.loss.value(logits: data.z, targets: data.t, count: count)
    }
    #expect(abs(results[0] - results[1]) < 1e-6 * results[0])
  }

  @Test(arguments: losses) func whatIsNoNumberOrClassIsNotHidden(_ definition: ClassLossDefinition)
  {
    #expect(definition.loss.value(logits: [1, .nan, 3, 4], targets: [0, 1], count: 1).isNaN)
    for wrong in [-1, 2, 0.5, 254, Float.nan, .infinity] {
      for weights: [Double]? in [nil, [1, 2]] {
        var definition = definition
        definition.weights = weights
        #expect(definition.loss.value(logits: [1, 2, 3, 4], targets: [0, wrong], count: 1).isNaN)
      }
    }
  }

  @Test(arguments: losses) func largeLogits(_ definition: ClassLossDefinition) {
    let z: [Float] = [500, -500, 0, -500, 500, 90, 80, -80, 80, 0, 0, 0]
    for t: [Float] in [[0, 1, 0, 2], [1, 0, 1, 0], [2, 2, 2, 1]] {
      let result = definition.loss.valueAndGradient(logits: z, targets: t, count: 1)
      #expect(result.value.isFinite)
      #expect(result.gradient.filter { !$0.isFinite }.isEmpty)
    }
  }

  @Test(arguments: losses) func betterPredictionsLoseLess(_ definition: ClassLossDefinition) {
    let data = data(classes: 4, pixels: 20, ignoring: true)
    func value(_ scale: Float) -> Double {
      let z = data.t.flatMap { t in (0..<4).map { Float($0) == t ? scale : 0 } }
      return definition.loss.value(logits: z, targets: data.t, count: count)
    }
    #expect(value(3) < value(1))
    #expect(value(1) < value(-1))
  }

  @Test func sumsOfOneSoftmaxAreOne() {
    let parts: [Loss] = [.crossEntropy, .softmaxDice(), .lovaszSoftmax(), .softmaxFocal()]
    let data = data(classes: 3, pixels: 20, ignoring: true)
    let results = parts.map { $0.valueAndGradient(logits: data.z, targets: data.t, count: count) }
    let sum = Loss.sum(parts.map { .init(0.5, $0) }).valueAndGradient(
      logits: data.z, targets: data.t, count: count)
    #expect(abs(results.reduce(0) { $0 + $1.value } / 2 - sum.value) < 1e-6)
    let gradient = data.z.indices.map { i in results.reduce(0) { $0 + $1.gradient[i] } / 2 }
    #expect(relativeError(sum.gradient, gradient) < 1e-5)
    // Other settings don't go into one softmax, and still add up.
    let apart = Loss.sum([.init(1, .softmaxDice(smooth: 1)), .init(1, .softmaxDice(smooth: 2))])
    #expect(
      abs(
        apart.value(logits: data.z, targets: data.t, count: count)
          - results[1].value
          - Loss.softmaxDice(smooth: 2).value(logits: data.z, targets: data.t, count: count)) < 1e-6
    )
  }

  @Test func lossesThatDoNotFit() throws {
    func refused(_ loss: Loss, channels: Int, _ word: String) {
      var net = Network()
      net.output(
        net.convolution(net.image(channels: 1), filters: channels, kernel: 1, name: "head"))
      let error = #expect(throws: TrainingError.self) {
        try Trainer(
          network: net, batch: 1, height: 8, width: 8, loss: loss, optimizer: Optimizer(.adam()),
          seed: 1)
      }
      #expect("\(String(describing: error))".contains(word))
    }
    refused(.softmaxDice(), channels: 1, "two classes or more")
    refused(.lovaszSoftmax(weights: [1, 2]), channels: 3, "2 weights of classes")
    refused(.crossEntropy(weights: [0, 0]), channels: 2, "one of them above 0")
    refused(.channels([.init(1, .bce()), .init(1, .dice())]), channels: 3, "2 channels")
    refused(.channels([.init(0, .bce()), .init(0, .bce())]), channels: 2, "one of them above 0")
    refused(.channels([.init(1, .crossEntropy), .init(1, .bce())]), channels: 2, "one of sigmoids")
    refused(
      .sum([.init(1, .channels([.init(1, .bce()), .init(1, .bce())])), .init(1, .bce())]),
      channels: 2, "cannot be added")
  }
}
