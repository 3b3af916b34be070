// Losses of channels, and weights of pixels in losses of sigmoids: values and gradients against central
// differences of plain definitions in Double.

import Foundation
import Neural
import TestSupport
import Testing

@Suite struct ChannelLossTests {
  static let losses: [LossDefinition] = [
    .bce(), .bce(positiveWeight: 3), .dice(), .dice(smooth: 0.5), .lovaszHinge(),
    .lovaszHinge(errors: .elu), .lovaszHinge(symmetric: true),
    .lovaszHinge(errors: .elu, symmetric: true), .focal(), .focal(gamma: 1.5, alpha: 0.3),
    .sum([.init(0.5, .lovaszHinge()), .init(2, .bce()), .init(0.25, .focal()), .init(1, .dice())]),
  ]
  let count = 2
  let pixels = 20

  /// The mean over channels and images of what the definition makes of each channel by itself.
  private func plain(
    _ channels: [(weight: Double, loss: LossDefinition)], _ z: [Double], _ t: [Double],
    _ w: [Double]
  ) -> Double {
    let each = z.count / channels.count / count
    let mass = Double(w.filter { $0 != 0 }.count) / Double(count)
    var sum = 0.0
    for image in 0..<count {
      for (channel, term) in channels.enumerated() {
        let places = (0..<each).map { (image * each + $0) * channels.count + channel }
        sum +=
          term.weight
          * term.loss.value(
            places.map { z[$0] }, places.map { t[$0] },
            Array(w[(image * each)..<((image + 1) * each)]), mass: mass)
      }
    }
    return sum / Double(count) / channels.reduce(0) { $0 + $1.weight }
  }

  private func compare(
    _ channels: [(weight: Double, loss: LossDefinition)], _ loss: Loss, _ logits: [Float],
    _ targets: [Float], _ weights: [Float], step: Int = 1
  ) {
    let w =
      weights.isEmpty
      ? [Double](repeating: 1, count: logits.count / channels.count) : weights.map(Double.init)
    let t = targets.map(Double.init)
    let z = logits.map(Double.init)
    let expected = plain(channels, z, t, w)
    let places = Array(stride(from: 0, to: z.count, by: step))
    let slopes = differences(at: places, of: z) { plain(channels, $0, t, w) }
    for limit in 0...2 {
      let result = loss.evaluate(
        logits: logits, targets: targets, pixelWeights: weights, count: count, kernelLimit: limit)
      #expect(abs(result.value - expected) < 2e-6 * max(1, abs(expected)))
      #expect(relativeError(places.map { result.gradient[$0] }, slopes) < 1e-4)
    }
  }

  private func loss(_ channels: [(weight: Double, loss: LossDefinition)]) -> Loss {
    .channels(channels.map { .init(Float($0.weight), $0.loss.loss) })
  }

  private func data(_ channels: Int, pixels: Int = 20) -> (z: [Float], t: [Float], w: [Float]) {
    var generator = GoldenGenerator(state: 21)
    let z = generator.values(count * pixels * channels, scale: 4)
    // The last channel's targets are all 0.
    let t = generator.values(count * pixels * channels).enumerated().map {
      $0.offset % channels < max(1, channels - 1) && $0.element > 0 ? Float(1) : 0
    }
    return (z, t, generator.values(count * pixels).map { max($0 + 0.5, 0) })
  }

  @Test(arguments: losses, [1, 2, 3, 11]) func valueAndGradient(
    _ definition: LossDefinition, channels: Int
  ) {
    let (z, t, w) = data(channels)
    for weight in [{ _ in 1.0 }, { (channel: Int) in 0.5 + Double(channel % 3) }] {
      let terms = (0..<channels).map { (weight: weight($0), loss: definition) }
      compare(terms, loss(terms), z, t, [])
      compare(terms, loss(terms), z, t, w)
    }
  }

  /// One channel in `channels` is the loss itself, pixel weights and all.
  @Test(arguments: losses) func oneChannel(_ definition: LossDefinition) {
    let (z, t, w) = data(1)
    for weights in [[], w] {
      let one = loss([(1, definition)]).valueAndGradient(
        logits: z, targets: t, pixelWeights: weights, count: count)
      let plain = definition.loss.valueAndGradient(
        logits: z, targets: t, pixelWeights: weights, count: count)
      #expect(one.value == plain.value)
      #expect(one.gradient == plain.gradient)
    }
  }

  /// Foreground and border with their regions, a distance of soft targets with BCE alone.
  @Test func channelsOfTheirOwnLosses() {
    var (z, t, w) = data(3, pixels: 700)
    for i in stride(from: 2, to: t.count, by: 3) { t[i] = Float(i % 10) / 10 }
    let mask = LossDefinition.sum([.init(1, .bce()), .init(1, .dice()), .init(0.5, .lovaszHinge())])
    let terms: [(weight: Double, loss: LossDefinition)] = [(1, mask), (2, mask), (0.5, .bce())]
    compare(terms, loss(terms), z, t, [], step: 613)
    compare(terms, loss(terms), z, t, w, step: 613)
    for i in w.indices { w[i] = w[i] > 0.5 ? 1 : 0 }
    compare(terms, loss(terms), z, t, w, step: 613)
  }

  /// A pixel of weight 0 may as well not be there, whatever its targets are.
  @Test(arguments: losses) func weightlessPixelsAreNot(_ definition: LossDefinition) {
    let channels = 3
    let (z, t, _) = data(channels)
    let terms = (0..<channels).map { _ in (weight: 1.0, loss: definition) }
    let kept = (0..<(count * pixels)).filter { $0 % pixels % 4 != 1 }
    func those(_ values: [Float]) -> [Float] {
      kept.flatMap { values[($0 * channels)..<(($0 + 1) * channels)] }
    }
    let fewer = loss(terms).valueAndGradient(logits: those(z), targets: those(t), count: count)
    let isKept = Set(kept)
    let result = loss(terms).valueAndGradient(
      logits: z, targets: t,
      pixelWeights: (0..<(count * pixels)).map { isKept.contains($0) ? 1 : 0 },
      count: count)
    #expect(abs(result.value - fewer.value) < 1e-6)
    #expect(relativeError(those(result.gradient), fewer.gradient) < 1e-6)
    for i in z.indices where !isKept.contains(i / channels) { #expect(result.gradient[i] == 0) }
  }

  @Test(arguments: losses) func nothingThatCounts(_ definition: LossDefinition) {
    let terms = (0..<2).map { _ in (weight: 1.0, loss: definition) }
    let result = loss(terms).valueAndGradient(
      logits: [1, 2, 3, 4], targets: [0, 1, 1, 0], pixelWeights: [0, 0], count: 1)
    #expect(result.value == 0)
    #expect(result.gradient == [0, 0, 0, 0])
    let noSmooth = Loss.dice(smooth: 0).valueAndGradient(
      logits: [1, 2], targets: [0, 1], pixelWeights: [0, 0], count: 1)
    #expect(noSmooth.value == 0)
  }

  @Test(arguments: losses) func whatIsNoNumberIsNotHidden(_ definition: LossDefinition) {
    let terms = (0..<2).map { _ in (weight: 1.0, loss: definition) }
    #expect(
      loss(terms).value(logits: [1, .nan, 2, -1], targets: [1, 1, 0, 0], count: 1).isNaN)
  }

  /// A network learns several channels at once, with weights of pixels.
  @Test func training() throws {
    var net = Network()
    let x = net.relu(net.convolution(net.image(channels: 1), filters: 8, bias: true, name: "a"))
    net.output(net.convolution(x, filters: 3, kernel: 1, bias: true, name: "head"))
    let term = Loss.Term(1, .bceDice)
    let trainer = try Trainer(
      network: net, batch: 2, height: 16, width: 16,
      loss: .channels([term, term, .init(1, .bce())]), optimizer: Optimizer(.adam()), seed: 1)
    var generator = GoldenGenerator(state: 2)
    let images = generator.values(2 * 256)
    let targets = images.flatMap { [$0 > 0 ? Float(1) : 0, $0 > 0.5 ? 1 : 0, ($0 + 1) / 2] }
    let weights = (0..<512).map { $0 % 16 == 0 ? Float(0) : 1 }
    var losses: [Float] = []
    for _ in 0..<60 {
      losses.append(
        try trainer.step(
          images: images, targets: targets, pixelWeights: weights, learningRate: 0.02
        ).loss)
    }
    #expect(losses[59] < 0.6 * losses[0])
    #expect(throws: TrainingError.self) {
      try trainer.step(
        images: images, targets: targets, pixelWeights: weights + weights, learningRate: 0.02)
    }
  }
}
