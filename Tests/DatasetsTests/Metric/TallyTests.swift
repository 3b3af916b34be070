// The algebra of metrics against its definitions, worked out pixel by pixel and pair by pair.

import Datasets
import Imaging
import Testing

@Suite struct TallyTests {
  private func mask(_ density: Double, seed: UInt64) -> Mask {
    var generator = SeededGenerator(seed: seed, "mask")
    return Mask(
      width: 9, height: 8, pixels: (0..<72).map { _ in generator.chance(density) ? 1 : 0 })
  }

  /// Three images of two classes; some masks are empty.
  private var masks: [(predicted: [Mask], truth: [Mask])] {
    [(0.5, 0.4, 0.0, 0.0), (0.0, 0.3, 0.2, 0.0), (0.6, 0.6, 0.0, 0.1)].enumerated().map {
      let seed = UInt64(10 * $0)
      return (
        [mask($1.0, seed: seed), mask($1.2, seed: seed + 1)],
        [mask($1.1, seed: seed + 2), mask($1.3, seed: seed + 3)]
      )
    }
  }

  private func counts(_ predicted: [UInt8], _ truth: [UInt8]) -> (
    tp: Double, fp: Double, fn: Double
  ) {
    var result = (tp: 0.0, fp: 0.0, fn: 0.0)
    for (one, other) in zip(predicted, truth) {
      switch (one, other) {
      case (1, 1): result.tp += 1
      case (1, 0): result.fp += 1
      case (0, 1): result.fn += 1
      default: break
      }
    }
    return result
  }

  @Test(arguments: Metric.EmptyRule.allCases, [50, 100, 200])
  func fBetaOfEveryUnit(empty: Metric.EmptyRule, beta: Int) {
    let square = Double(beta * beta) / 10_000
    func score(_ predicted: [UInt8], _ truth: [UInt8]) -> Double? {
      let (tp, fp, fn) = counts(predicted, truth)
      if tp + fn == 0 {
        if empty == .truthOnly { return nil }
        if fp > 0 { return 0 }
        return empty == .one ? 1 : empty == .zero ? 0 : nil
      }
      let (precision, recall) = (tp + fp == 0 ? 0 : tp / (tp + fp), tp / (tp + fn))
      return tp == 0 ? 0 : (1 + square) * precision * recall / (square * precision + recall)
    }
    func mean(_ scores: [Double?]) -> Double {
      let scores = scores.compactMap { $0 }
      return scores.isEmpty ? 0 : scores.reduce(0, +) / Double(scores.count)
    }
    let masks = masks
    let tallies = masks.map { Tally(predicted: $0.predicted, truth: $0.truth) }
    let units: [(Metric.Unit, [Double?])] = [
      (
        .image,
        masks.map { score($0.predicted.flatMap(\.pixels), $0.truth.flatMap(\.pixels)) }
      ),
      (
        .imageClass,
        masks.flatMap { image in
          (0..<2).map { score(image.predicted[$0].pixels, image.truth[$0].pixels) }
        }
      ),
      (
        .pixels,
        (0..<2).map { index in
          score(
            masks.flatMap { $0.predicted[index].pixels }, masks.flatMap { $0.truth[index].pixels })
        }
      ),
    ]
    for (unit, scores) in units {
      let metric = Metric(unit: unit, measure: .fBeta, betaHundredths: beta, empty: empty)
      #expect(abs(metric.score(of: tallies) - mean(scores)) < 1e-12, "\(unit)")
      if beta == 100 {
        let dice = Metric(unit: unit, measure: .dice, empty: empty)
        #expect(dice.score(of: tallies) == metric.score(of: tallies))
      }
      let classes = metric.classScores(of: tallies)
      if unit == .pixels {
        for (one, other) in zip(classes, scores) {
          #expect((one == nil) == (other == nil))
          #expect(abs((one ?? 0) - (other ?? 0)) < 1e-12)
        }
      }
    }
  }

  /// Named metrics of tallies are the same bits as means of overlaps.
  @Test func scoresOfOneMaskAreThoseOfOverlaps() {
    let overlaps = (0..<40).map { (index: Int) -> Overlap in
      let predicted = mask(Double(index % 7) / 8, seed: UInt64(index))
      let truth = mask(Double(index % 5) / 6, seed: UInt64(index % 9))
      return Overlap(predicted: predicted, truth: truth)
    }
    for metric in [Metric.meanPrecision, Metric.dice, Metric.iou] {
      #expect(metric.score(of: overlaps.map { Tally($0) }) == metric.mean(overlaps))
    }
  }

  @Test func exclusiveClassesAndIgnoredPixels() {
    let predicted: [UInt8] = [0, 0, 1, 2, 2, 255, 1, 0]
    let truth: [UInt8] = [0, 1, 1, 2, 9, 0, 255, 0]
    let tally = Tally(predictedClasses: predicted, trueClasses: truth, classes: 3)
    #expect(
      tally.classes.map(\.overlap) == [
        Overlap(truth: 3, predicted: 3, intersection: 2),
        Overlap(truth: 2, predicted: 1, intersection: 1),
        Overlap(truth: 1, predicted: 1, intersection: 1),
      ])
    func mask(_ values: [UInt8], _ isMarked: (UInt8) -> Bool) -> Mask {
      Mask(width: 8, height: 1, pixels: values.map { isMarked($0) ? 1 : 0 })
    }
    let masks = Tally(
      predicted: (0..<3).map { index in mask(predicted) { $0 == index } },
      truth: (0..<3).map { index in mask(truth) { $0 == index } },
      ignored: mask(truth) { $0 > 2 })
    #expect(masks == tally)
  }

  /// Random rectangles: few pairs reach an IoU above 0.5, some exactly 0.5.
  private func map(_ seed: UInt64) -> LabelMap {
    var labels = [UInt32](repeating: 0, count: 24 * 18)
    for label in 1...9 {
      var generator = SeededGenerator(seed: seed / 2, "box", "\(label)")
      let shift = seed % 2 == 0 ? 0 : Int(generator.uniform(in: 0...2.9))
      let (x, y) = (label % 3 * 8, label / 3 % 3 * 6)
      let (width, height) = (
        Int(generator.uniform(in: 2...7)), Int(generator.uniform(in: 2...5))
      )
      for pixel in labels.indices
      where (x..<(x + width)).contains(pixel % 24 - shift)
        && (y..<(y + height)).contains(pixel / 24)
      {
        labels[pixel] = UInt32(label)
      }
    }
    return LabelMap(width: 24, height: 18, labels: labels, count: 10)
  }

  @Test func instancesAreFoundByTheirBestIoU() {
    var seen = Set<Double>()
    for seed in stride(from: UInt64(0), to: 40, by: 2) {
      let (predicted, truth) = (map(seed + 1), map(seed).filtered { label, _ in label != 4 })
      let overlaps = InstanceOverlaps(predicted: predicted, truth: truth)
      // By sets of pixels: for each true instance the largest IoU, as score_more does.
      func pixels(_ map: LabelMap) -> [Set<Int>] {
        (1...map.count).map { label in
          Set(map.labels.indices.filter { Int(map.labels[$0]) == label })
        }.filter { !$0.isEmpty }
      }
      let (ones, others) = (pixels(predicted), pixels(truth))
      var score = 0.0
      for threshold in Metric.usualThresholds {
        let hits = others.count { other in
          ones.contains {
            100 * $0.intersection(other).count > threshold * $0.union(other).count
          }
        }
        #expect(overlaps.hits(thresholds: [threshold]).hits == [hits])
        score += Double(hits) / Double(ones.count + others.count - hits) / 10
      }
      let metric = Metric(unit: .instance, measure: .precision)
      let tally = Tally(predicted: [predicted], truth: [truth])
      #expect(abs(metric.score(of: [tally]) - score) < 1e-12)
      #expect(tally.overlap.truth == truth.foreground.area)
      #expect(
        tally.overlap.intersection
          == zip(predicted.labels, truth.labels).count { $0 != 0 && $1 != 0 })
      seen.insert(score)
      for area in [0, 10, 20, 1000] {
        #expect(
          overlaps.removingPredicted(smallerThan: area)
            == InstanceOverlaps(predicted: predicted.removing(smallerThan: area), truth: truth))
      }
    }
    #expect(seen.count > 10)
  }

  @Test func fBetaOfInstances() {
    // Two true ones, three predicted; IoU 0.8 and 0.6.
    let overlaps = InstanceOverlaps(
      truth: [10, 10], predicted: [8, 6, 5],
      pairs: [
        .init(truth: 0, predicted: 0, pixels: 8), .init(truth: 1, predicted: 1, pixels: 6),
      ])
    let tally = Tally(classes: [.init(overlaps)])
    let metric = Metric(
      unit: .instance, measure: .fBetaThresholds, betaHundredths: 200, thresholds: [50, 60, 79, 80])
    // 5 TP / (5 TP + 4 FN + FP): two hits, one at 0.60 (0.6 is not above it), one, none.
    let expected = (10.0 / 11 + 5.0 / (5 + 4 + 2) + 5.0 / 11 + 0) / 4
    #expect(abs(metric.score(of: [tally]) - expected) < 1e-15)
  }

  /// Below 0.5 an instance may overlap several: the largest IoU goes first, each counts once.
  @Test func lowThresholdsUseEachInstanceOnce() {
    let overlaps = InstanceOverlaps(
      truth: [10, 10], predicted: [18, 4],
      pairs: [
        .init(truth: 0, predicted: 0, pixels: 10), .init(truth: 1, predicted: 0, pixels: 8),
        .init(truth: 1, predicted: 1, pixels: 2),
      ])
    #expect(overlaps.hits(thresholds: [10, 20, 50]).hits == [2, 1, 1])
  }

  @Test func emptyImagesOfInstances() {
    let none = LabelMap(width: 2, height: 1)
    let one = LabelMap(width: 2, height: 1, labels: [1, 0])
    func score(_ predicted: LabelMap, _ truth: LabelMap, _ rule: Metric.EmptyRule) -> Double {
      Metric(unit: .instance, measure: .precision, empty: rule)
        .score(of: [
          Tally(predicted: [predicted], truth: [truth]), Tally(predicted: [one], truth: [one]),
        ])
    }
    #expect(score(none, none, .one) == 1)
    #expect(score(none, none, .zero) == 0.5)
    #expect(score(none, none, .skip) == 1)
    #expect(score(one, none, .one) == 0.5)
    #expect(score(one, none, .skip) == 0.5)
    #expect(score(one, none, .truthOnly) == 1)
    #expect(score(none, one, .truthOnly) == 0.5)
    #expect(Metric(empty: .skip).score(of: [Tally]()) == 0)
  }
}
