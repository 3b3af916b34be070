// Several groups of logits beside the same targets: the weighted mean of what each group's loss is by itself.

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

  @Test func oneGroupIsTheLossItself() {
    #expect(Loss.deepSupervision(.bce(), groups: 1, channels: 1, weight: 2) == .bce())
  }
}
