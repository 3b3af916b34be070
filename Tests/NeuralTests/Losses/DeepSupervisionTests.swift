// Several groups of logits beside the same targets: the weighted mean of what each group's loss is by itself.

import Foundation
import Neural
import TestSupport
import Testing

@Suite struct DeepSupervisionTests {
  private static let losses: [(Loss, channels: Int)] = [
    (.bceDice, 1), (.lovaszHinge(errors: .elu, symmetric: true), 1),
    (.channels([.init(1, .bce()), .init(3, .dice())]), 2),
    (.sum([.init(1, .crossEntropy), .init(1, .softmaxDice())]), 3),
  ]

  @Test(arguments: losses.indices) func isTheMeanOfTheGroups(_ number: Int) {
    let (loss, channels) = Self.losses[number]
    let (count, pixels, groups, weight) = (2, 35, 3, Float(0.25))
    var generator = GoldenGenerator(state: 9)
    let logits = generator.values(count * pixels * groups * channels, scale: 3)
    let isOfClasses = channels == 3
    let targets = (0..<(count * pixels * (isOfClasses ? 1 : channels))).map {
      Float($0 % (isOfClasses ? 3 : 2))
    }
    let result = Loss.deepSupervision(loss, groups: groups, channels: channels, weight: weight)
      .valueAndGradient(logits: logits, targets: targets, count: count)
    var (value, gradient) = (0.0, [Float](repeating: 0, count: logits.count))
    for group in 0..<groups {
      let places = (0..<(count * pixels)).flatMap { pixel in
        (0..<channels).map { (pixel * groups + group) * channels + $0 }
      }
      let own = loss.valueAndGradient(
        logits: places.map { logits[$0] }, targets: targets, count: count)
      let share = (group == 0 ? 1 : weight) / (1 + 2 * weight)
      value += Double(share) * own.value
      for (place, slope) in zip(places, own.gradient) { gradient[place] = share * slope }
    }
    #expect(abs(result.value - value) < 1e-6)
    #expect(relativeError(result.gradient, gradient) < 1e-5)
  }

  /// Two images of two channels: the first image holds nothing of the second channel but where a pixel counts for
  /// nothing, and the second image holds less than a half of the first.
  @Test func imagesAreAskedWhetherTheyHoldAnything() {
    let (count, pixels, channels, weight) = (2, 6, 2, Float(0.5))
    let terms = Loss.channels([.init(1, .bce()), .init(1, .bce())])
    var targets = [Float](repeating: 0, count: count * pixels * channels)
    var weights = [Float](repeating: 1, count: count * pixels)
    targets[4 * channels] = 1
    targets[2 * channels + 1] = 1
    weights[2] = 0
    targets[(pixels + 1) * channels] = 0.4
    targets[(pixels + 3) * channels + 1] = 0.6
    let held: [[Double]] = [[1, 0], [0, 1]]
    let own: [[Float]] = [[0.3, -2], [20, -0.7]]
    var generator = GoldenGenerator(state: 4)
    let heads = generator.values(count * pixels * channels, scale: 2)
    var logits: [Float] = []
    for pixel in 0..<(count * pixels) {
      logits += heads[(2 * pixel)..<(2 * pixel + 2)]
      logits += own[pixel / pixels]
    }
    let result = Loss.deepSupervision(
      terms, groups: 1, channels: channels, weight: 0, imageWeight: weight
    ).valueAndGradient(logits: logits, targets: targets, pixelWeights: weights, count: count)
    let ofPixels = terms.valueAndGradient(
      logits: heads, targets: targets, pixelWeights: weights, count: count)
    let share = 0.5 / 1.5
    var value = ofPixels.value / 1.5
    for image in 0..<count {
      for channel in 0..<channels {
        let (z, t) = (Double(own[image][channel]), held[image][channel])
        let p = 1 / (1 + exp(-z))
        value -= share * (t == 1 ? log(p) : log(1 - p)) / 4
        let places = (0..<pixels).map { (image * pixels + $0) * 4 + 2 + channel }
        let slope = places.reduce(0.0) { $0 + Double(result.gradient[$1]) }
        let expected: Double = share * (p - t) / 4
        #expect(abs(slope - expected) < 1e-6)
      }
    }
    #expect(abs(result.value - value) < 1e-5)
    for pixel in 0..<(count * pixels) {
      #expect(abs(result.gradient[4 * pixel] - ofPixels.gradient[2 * pixel] / 1.5) < 1e-6)
    }
  }

  @Test func oneGroupIsTheLossItself() {
    #expect(Loss.deepSupervision(.bce(), groups: 1, channels: 1, weight: 2) == .bce())
  }
}
