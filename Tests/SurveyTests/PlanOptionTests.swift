// The settings that `work plan` offers, and what they should score.

import Foundation
import Survey
import Testing

@Suite struct PlanOptionTests {
  /// 3,000 images of 101 x 101.
  private func findings() throws -> Findings {
    var findings = try TinyCompetition.ofMasks().look()
    findings.size = PixelSize(width: 101, height: 101)
    findings.medianSize = PixelSize(width: 101, height: 101)
    (findings.trainCount, findings.testCount) = (3000, 2000)
    findings.trainPixels = 3000 * 101 * 101
    findings.channels = 1
    return findings
  }

  private func frame() -> PlanFrame {
    var frame = PlanFrame()
    frame.padTo = 128
    return frame
  }

  private let networks = ["efficientnet-lite0-unet", "resnet34-unet", "unet"]

  private func options(
    _ minutes: Double, bytes: Double = 1e12, known: [KnownScore] = []
  ) throws -> [PlanOption] {
    var cost = CostModel()
    cost.encoders["resnet34-unet"] = EncoderCost(
      trainPerMegapixel: 2000, inferPerMegapixel: 500, bytesPerPixel: 2000, bytes: 1e8)
    return PlanOption.options(
      for: try findings(),
      OptionsWish(
        PlanWish(minutes: minutes, bytes: bytes, cost: cost, views: 2), tta: "hflip",
        networks: networks,
        presets: [
          ("quick", "efficientnet-lite0-unet", 3, 12), ("best", "efficientnet-lite0-unet", 10, 80),
        ], known: known), in: frame())
  }

  @Test func whatIsOfferedFits() throws {
    for minutes in [10.0, 40, 120, 600, 3000] {
      let offered = try options(minutes)
      #expect(!offered.isEmpty)
      for option in offered {
        #expect(option.plan.minutes <= minutes * 1.001 && option.plan.epochs >= 1)
        #expect((2...10).contains(option.plan.folds))
      }
      let settings = offered.map { [$0.network, "\($0.plan.folds)", "\($0.plan.epochs)"] }
      #expect(Set(settings).count == settings.count)
    }
    #expect(try options(40).contains { $0.preset == "quick" })
    #expect(try !options(40).contains { $0.preset == "best" })
    #expect(try options(3000).contains { $0.preset == "best" })
    #expect(try options(40, bytes: 1e6).isEmpty)
  }

  /// Worked out by hand: 3 folds of 2,000 images in 20 epochs at 128 x 128.
  @Test func costsAreThoseOfThePlan() throws {
    let plan = TrainingPlan(
      try findings(), PlanWish(minutes: 1000), in: frame(), network: "efficientnet-lite0-unet",
      folds: 3, epochs: 20)
    let megapixels = 128.0 * 128 / 1e6
    let training = 20 * 3 * 2000 * megapixels * 650
    let validations = 20.0 / 4 * 3000 * megapixels * 180
    #expect(abs(plan.trainMinutes - (training + validations) / 60_000) < 1e-9)
    #expect(abs(plan.predictMinutes - (3000 + 3 * 2000) * 2 * megapixels * 180 / 60_000) < 1e-9)
    let batch = 16 * 128 * 128 * 850.0
    #expect(plan.bytes == 200e6 + batch + 2 * 3000 * 101 * 101)
  }

  @Test func moreTimeBuysFoldsAndEpochs() throws {
    func planned(_ minutes: Double) throws -> TrainingPlan {
      try #require(
        try options(minutes).first { $0.network == "efficientnet-lite0-unet" && $0.preset == nil }
      ).plan
    }
    let (short, middle, long) = (try planned(20), try planned(180), try planned(2000))
    #expect(short.folds == 3 && middle.folds == 5 && long.folds == 10)
    #expect(middle.epochs >= 24 && long.epochs >= 60)
  }

  @Test func scoresAreReadBetweenTheKnownOnes() throws {
    func known(_ epochs: Int, _ score: Double, folds: Int = 2, _ network: String = "a")
      -> KnownScore
    {
      KnownScore(network: network, folds: folds, epochs: epochs, score: score, source: "\(epochs)")
    }
    let all = [known(10, 0.7), known(40, 0.8), known(10, 0.65), known(5, 0.9, "b")]
    func expected(_ epochs: Int, folds: Int = 2) -> ExpectedScore? {
      ExpectedScore(network: "a", folds: folds, epochs: epochs, among: all)
    }
    #expect(expected(10)?.score == 0.7 && expected(10)?.bound == .about)
    // Half way along the logarithm.
    #expect(abs((expected(20)?.score ?? 0) - 0.75) < 1e-12)
    #expect(expected(20)?.sources == ["10", "40"])
    #expect(expected(80)?.score == 0.8 && expected(80)?.bound == .atLeast)
    #expect(expected(5)?.score == 0.7 && expected(5)?.bound == .atMost)
    // Three folds of 15 epochs see as much as two of 20.
    #expect(abs((expected(15, folds: 3)?.score ?? 0) - 0.75) < 1e-12)
    #expect(ExpectedScore(network: "c", folds: 2, epochs: 10, among: all) == nil)
    #expect(ExpectedScore(network: "a", folds: 2, epochs: 10, among: []) == nil)
  }

  @Test func theBestComeFirst() throws {
    let known = [
      KnownScore(network: "resnet34-unet", folds: 3, epochs: 10, score: 0.9, source: "run"),
      KnownScore(network: "unet", folds: 3, epochs: 10, score: 0.5, source: "run"),
    ]
    let order = try options(300, known: known).map(\.network)
    #expect(order.first == "resnet34-unet")
    #expect(order.last == "efficientnet-lite0-unet", "nothing is known of it")
  }

  @Test func theValuesThatGoIntoTheFile() throws {
    let option = try #require(try options(300).first { $0.network == "resnet34-unet" })
    #expect(
      option.values(from: "resnet34-unet").map(\.key) == [
        "folds.count", "train.epochs", "inference.tta",
      ])
    let values = Dictionary(
      uniqueKeysWithValues: option.values(from: "unet").map { ($0.key, $0.value) })
    #expect(values["model.kind"] == "resnet34-unet" && values["model.weights"] == "imagenet")
    #expect(values["train.learning_rate"] == "2.0e-3" && values["train.encoder_rate"] == "0.5")
    #expect(option.values(from: "efficientnet-lite0-unet").count == 5)
  }

  @Test func aKeyAtTheLeftEdgeKeepsItsComment() {
    var text = ParameterText("# first\npreset: best  # a file of presets\n\nseed: 4\n")
    text.set("preset", to: "null")
    #expect(text.text == "# first\npreset: null  # a file of presets\n\nseed: 4\n")
    text.set("other", to: "1")
    #expect(text.text.hasSuffix("seed: 4\nother: 1\n"))
  }
}
