// The metrics against values worked out by hand.

import Datasets
import Testing

@Suite struct MetricTests {
  @Test(arguments: [
    // truth, predicted, intersection, mean precision
    (100, 100, 100, 1.0),
    // IoU exactly 0.50: no threshold is below it.
    (100, 50, 50, 0.0),
    // 51 / 100.
    (100, 51, 51, 0.1),
    // Exactly 0.55, then just above.
    (100, 55, 55, 0.1),
    (1000, 551, 551, 0.2),
    // Exactly 0.70: 0.50 ... 0.65 are below.
    (10, 7, 7, 0.4),
    (100, 95, 95, 0.9),
    (100, 96, 96, 1.0),
    // Union beyond the truth: 60 / (80 + 70 - 60) = 2/3 > 0.65.
    (80, 70, 60, 0.4),
    // Nothing predicted where something is, something where nothing is, and nothing in both.
    (5, 0, 0, 0.0),
    (0, 1, 0, 0.0),
    (0, 0, 0, 1.0),
  ])
  func meanPrecision(truth: Int, predicted: Int, intersection: Int, expected: Double) {
    let overlap = Overlap(truth: truth, predicted: predicted, intersection: intersection)
    #expect(Metric.meanPrecision.score(overlap) == expected)
  }

  @Test func everyThresholdIsStrict() {
    for k in 0..<10 {
      let percent = 50 + 5 * k
      let exact = Overlap(truth: 100, predicted: percent, intersection: percent)
      let above = Overlap(
        truth: 10000, predicted: 100 * percent + 1, intersection: 100 * percent + 1)
      #expect(Metric.meanPrecision.score(exact) == Double(k) / 10)
      #expect(Metric.meanPrecision.score(above) == Double(k + 1) / 10)
    }
  }

  @Test func diceAndIoU() {
    let overlap = Overlap(truth: 30, predicted: 20, intersection: 10)
    #expect(Metric.dice.score(overlap) == 0.4)
    #expect(Metric.iou.score(overlap) == 0.25)
    for metric in [Metric.dice, Metric.iou] {
      #expect(metric.score(Overlap(truth: 0, predicted: 0, intersection: 0)) == 1)
      #expect(metric.score(Overlap(truth: 0, predicted: 3, intersection: 0)) == 0)
      #expect(metric.score(Overlap(truth: 3, predicted: 0, intersection: 0)) == 0)
    }
  }

  /// The popular implementation by a histogram gives points to empty predictions of non-empty
  /// masks; here an all-empty submission scores the share of empty masks and no more.
  @Test func emptyPredictionsScoreTheShareOfEmptyMasks() {
    let overlaps = (0..<10000).map {
      Overlap(truth: $0 < 3852 ? 0 : $0, predicted: 0, intersection: 0)
    }
    #expect(abs(Metric.meanPrecision.mean(overlaps) - 0.3852) < 1e-12)
  }

  @Test func unknownNamesListTheChoices() {
    #expect(throws: SettingError.self) { try Metric(named: "map", setting: "competition.metric") }
    #expect(
      (try? Metric(named: "dice", setting: "competition.metric")) == .dice)
    do {
      _ = try Metric(named: "map", setting: "competition.metric")
    } catch {
      #expect(
        "\(error)"
          == "competition.metric: \"map\" is not one of the choices: mean-precision, dice, iou; or a section "
          + "with unit, measure and empty, or with command")
    }
  }

  @Test func coverageClassesHaveExactEdges() {
    let classes = CoverageClass(count: 10)
    #expect(
      [0, 1, 10, 11, 20, 99, 100].map { classes.index(area: $0, pixels: 100) }
        == [0, 1, 1, 2, 2, 10, 10])
    #expect(classes.label(0) == "empty")
    #expect(classes.label(1) == "0–10 %")
    #expect(CoverageClass(count: 8).label(2) == "12.5–25 %")
  }
}
