// Post-processing and its choice: the known best is found, on other folds than it is judged on.

import Foundation
import Imaging
import Analysis
import Datasets
import TestSupport
import Notebook
import Testing

@Suite struct EvaluationTests {
  private static let side = 10

  /// The set, its folds (by the id's last digit) and maps that are best cut at `cuts[fold]`: inside
  /// the mask the probability is cut + 0.04, outside cut - 0.04. Every fourth mask is empty, and has
  /// a speck of three pixels with a high probability.
  private func problem(cuts: [Double], perFold: Int = 8, seed: UInt64 = 4) throws
    -> (set: ImageSet, folds: Folds, maps: ProbabilityMaps)
  {
    var (ids, masks, maps): ([String], [Mask], [Plane]) = ([], [], [])
    var table = "id,fold\n"
    let pixels = Self.side * Self.side
    for (fold, cut) in cuts.enumerated() {
      for index in 0..<perFold {
        let id = "f\(fold)-\(index)"
        var generator = SeededGenerator(seed: seed, id)
        let count = index % 4 == 3 ? 0 : 10 + generator.int(below: 80)
        let truth = (0..<pixels).map { UInt8($0 < count ? 1 : 0) }
        var values = truth.map { Float($0 == 1 ? cut + 0.04 : cut - 0.04) }
        if count == 0 { values.replaceSubrange(40..<43, with: [0.99, 0.99, 0.99]) }
        ids.append(id)
        table += "\(id),\(fold)\n"
        masks.append(Mask(width: Self.side, height: Self.side, pixels: truth))
        maps.append(Plane(width: Self.side, height: Self.side, values: values))
      }
    }
    let folder = try TemporaryFolder()
    let folds = try Folds(contentsOf: folder.write(table, to: "folds.csv"), known: ids)
    let blank = Plane(
      width: Self.side, height: Self.side, values: [Float](repeating: 0, count: pixels))
    let set = ImageSet(
      ids: ids, images: [Plane](repeating: blank, count: ids.count), masks: masks)
    return (set, folds, ProbabilityMaps(ids: ids, maps: maps))
  }

  private func maskOf(_ prediction: Prediction) -> Mask {
    guard case .masks(let masks) = prediction else { return Mask(width: 1, height: 1) }
    return masks[0]
  }

  private func grid(areas: [Int] = [0, 2, 3, 4, 20]) throws -> TuningGrid {
    try TuningGrid(
      thresholds: ThresholdRange(from: 0.2, to: 0.8, step: 0.1).values(), minimumAreas: areas)
  }

  @Test func whatIsChosenIsToldByKind() {
    let setting = PostProcessing(threshold: 0.46, minimumArea: 20)
    #expect(setting.figure(.mask) == Figure("threshold", "0.46", note: "minimum area 20"))
    #expect(
      setting.figure(.labels) == Figure("threshold", "none", note: "the likeliest class is taken"))
  }

  @Test func theKnownBestIsFound() throws {
    let (set, folds, maps) = try problem(cuts: [0.3, 0.3, 0.3])
    let found = try Evaluation(
      of: maps, truth: set, folds: folds, metric: Metric.meanPrecision, grid: grid())
    let best = PostProcessing(threshold: 0.3, minimumArea: 4)
    #expect(found.final == best)
    #expect(found.folds.map(\.setting) == [best, best, best])
    #expect(found.score == 1)
    #expect(found.finalScore == 1)
    // At 0.5 nothing but the specks is marked: every image scores 0.
    #expect(found.scoreAtHalf == 0)
    #expect(found.images.map(\.id) == maps.ids)
    #expect(found.grid.count == 35)
    #expect(found.grid.map(\.score).max() == 1)
    #expect(found.bins.first?.label == "empty")
    #expect(found.bins.reduce(0) { $0 + $1.images } == 24)
    // And the masks are those that were judged.
    for index in 0..<maps.count {
      let overlap = Overlap(
        predicted: maskOf(best.prediction(maps, index, .mask)), truth: set.mask(index))
      #expect(overlap == found.images[index].overlap)
    }
  }

  /// Fold 2 would like another threshold, but is judged by what the others like.
  @Test func aFoldIsJudgedByTheOthersChoice() throws {
    let (set, folds, maps) = try problem(cuts: [0.3, 0.3, 0.7])
    let found = try Evaluation(
      of: maps, truth: set, folds: folds, metric: Metric.iou, grid: grid(areas: [4]))
    #expect(found.setting(ofFold: 2) == PostProcessing(threshold: 0.3, minimumArea: 4))
    // Which marks all pixels of its images: the IoU is the share that is truly marked.
    let expected = try folds.images(of: 2, in: set).map { set.mask($0).coverage }
    #expect(abs(found.folds[2].score - expected.reduce(0, +) / 8) < 1e-12)
    #expect(found.folds[0].score == 1)
  }

  /// The truth of the fold left out has no say in its setting.
  @Test func theFoldLeftOutHasNoSay() throws {
    let cuts = [0.3, 0.4, 0.6]
    let (set, folds, maps) = try problem(cuts: cuts)
    let before = try Evaluation(
      of: maps, truth: set, folds: folds, metric: Metric.meanPrecision, grid: grid())
    for fold in 0..<3 {
      var generator = SeededGenerator(seed: 9, "\(fold)")
      let masks = try set.ids.indices.map { index in
        try #require(folds.ids[index] == set.ids[index])
        guard folds.folds[index] == fold else { return set.mask(index) }
        return Mask(
          width: Self.side, height: Self.side,
          pixels: (0..<100).map { _ in UInt8(generator.int(below: 2)) })
      }
      let other = ImageSet(
        ids: set.ids, images: set.ids.indices.map { set.image($0) }, masks: masks)
      let after = try Evaluation(
        of: maps, truth: other, folds: folds, metric: Metric.meanPrecision, grid: grid())
      #expect(after.setting(ofFold: fold) == before.setting(ofFold: fold))
      #expect(after.folds[fold].score != before.folds[fold].score)
    }
  }

  @Test func equalsAreToldApartByTheRule() throws {
    // Cut anywhere from 0.4 to 0.6 or by any area: all the same.
    let ids = ["a", "b"]
    let mask = Mask(width: 2, height: 2, pixels: [1, 1, 0, 0])
    let map = Plane(width: 2, height: 2, values: [0.9, 0.9, 0.1, 0.1])
    let set = ImageSet(ids: ids, images: [map, map], masks: [mask, mask])
    let folder = try TemporaryFolder()
    let folds = try Folds(contentsOf: folder.write("id,fold\na,0\nb,1\n", to: "f.csv"))
    let found = try Evaluation(
      of: ProbabilityMaps(ids: ids, maps: [map, map]), truth: set, folds: folds,
      metric: Metric.dice,
      grid: TuningGrid(thresholds: [0.6, 0.3, 0.45, 0.55], minimumAreas: [2, 1, 0]))
    #expect(found.final == PostProcessing(threshold: 0.45, minimumArea: 0))
  }

  @Test func anEmptyPredictionScoresTheShareOfEmptyMasks() throws {
    let (set, folds, _) = try problem(cuts: [0.5, 0.5])
    let nothing = Plane(width: 10, height: 10, values: [Float](repeating: 0, count: 100))
    let maps = ProbabilityMaps(
      ids: set.ids, maps: [Plane](repeating: nothing, count: set.count))
    let found = try Evaluation(
      of: maps, truth: set, folds: folds, metric: Metric.meanPrecision, grid: grid())
    #expect(found.score == 0.25)
    #expect(found.bins.map(\.score) == [1] + [Double](repeating: 0, count: found.bins.count - 1))
  }

  @Test func smallMasksBecomeEmptyAndThresholdsAreStrict() {
    let plane = Plane(width: 3, height: 1, values: [0.4, 0.8, 0.2])
    let maps = ProbabilityMaps(ids: ["a"], maps: [plane])
    func pixels(_ threshold: Double, _ area: Int) -> [UInt8] {
      maskOf(PostProcessing(threshold: threshold, minimumArea: area).prediction(maps, 0, .mask))
        .pixels
    }
    #expect(pixels(0.4, 0) == [0, 1, 0])
    #expect(pixels(0.39, 0) == [1, 1, 0])
    #expect(pixels(0.39, 2) == [1, 1, 0])
    #expect(pixels(0.39, 3) == [0, 0, 0])
    #expect(pixels(1, 0) == [0, 0, 0])
  }

  @Test func gridsAreChecked() throws {
    #expect(
      try ThresholdRange(from: 0.3, to: 0.7, step: 0.1).values() == [0.3, 0.4, 0.5, 0.6, 0.7])
    #expect(try ThresholdRange(from: 0.5, to: 0.5, step: 0.1).values() == [0.5])
    for (from, to, step) in [(0.6, 0.5, 0.1), (-0.1, 0.5, 0.1), (0.1, 1.5, 0.1), (0, 1, 0)] {
      #expect(throws: SettingError.self) {
        try ThresholdRange(from: from, to: to, step: step).values()
      }
    }
    #expect(throws: SettingError.self) { try TuningGrid(thresholds: [], minimumAreas: [0]) }
    #expect(throws: SettingError.self) { try TuningGrid(thresholds: [0.5], minimumAreas: [-1]) }
  }

  @Test func partsMustFit() throws {
    let (set, folds, maps) = try problem(cuts: [0.5, 0.5])
    let blind = ImageSet(ids: set.ids, images: set.ids.indices.map { set.image($0) })
    #expect(throws: ProbabilityMapsError.self) {
      try Evaluation(of: maps, truth: blind, folds: folds, metric: Metric.iou, grid: grid())
    }
    let half = try ProbabilityMaps(
      merging: [maps], order: folds.images(of: 0, in: set).map { set.ids[$0] })
    let error = #expect(throws: ProbabilityMapsError.self) {
      try Evaluation(of: half, truth: set, folds: folds, metric: Metric.iou, grid: grid())
    }
    #expect(error?.problem == "fold 1 has none")
  }

  @Test func settingsAreCheckedBeforeAnythingIsPredicted() throws {
    func settings(_ change: (inout EvaluationSettings) -> Void) throws -> EvaluationSettings {
      var settings = try JSONDecoder().decode(
        EvaluationSettings.self,
        from: Data(
          #"{"thresholds": {"from": 0.3, "to": 0.7, "step": 0.2}, "minimumAreas": [0, 9], "coverageBins": 10, "worst": 2}"#
            .utf8))
      change(&settings)
      return settings
    }
    try settings { _ in }.check()
    #expect(try settings { _ in }.grid().thresholds == [0.3, 0.5, 0.7])
    for (change, name) in [
      ({ $0.coverageBins = 0 }, "evaluate.coverage_bins"), ({ $0.worst = -1 }, "evaluate.worst"),
      ({ $0.minimumAreas = [] }, "evaluate.minimum_areas"),
      ({ $0.thresholds.step = 0 }, "evaluate.thresholds"),
    ] as [((inout EvaluationSettings) -> Void, String)] {
      let error = #expect(throws: SettingError.self) { try settings(change).check() }
      #expect(error?.setting == name)
    }
  }

  @Test func masksAndTablesAreThoseThatWereJudged() throws {
    let (set, folds, maps) = try problem(cuts: [0.3, 0.7])
    let found = try Evaluation(
      of: maps, truth: set, folds: folds, metric: Metric.iou, grid: grid(areas: [0]))
    for (index, image) in found.images.enumerated() {
      #expect(
        Overlap(predicted: maskOf(found.prediction(index, of: maps, .mask)), truth: set.mask(index))
          == image.overlap, "\(image.id)")
    }
    // The lowest scores first; among equals, the masks whose area is furthest off.
    let worst = found.worst(found.images.count).map { found.images[$0] }
    #expect(worst.map(\.score) == worst.map(\.score).sorted())
    for (one, next) in zip(worst, worst.dropFirst()) where one.score == next.score {
      #expect(
        abs(one.overlap.predicted - one.overlap.truth)
          >= abs(next.overlap.predicted - next.overlap.truth))
    }
    #expect(found.worst(3) == Array(found.worst(16).prefix(3)) && found.worst(0) == [])
    #expect(found.foldTable.rows.map(\.[0]) == ["0", "1"])
    #expect(found.coverageTable.rows.count == found.bins.count)
    #expect(found.thresholdChart?.layers.count == 1)
    let scores = found.scores(idColumn: "id")
    #expect(scores.columns == ["id", "fold", "score"] && scores.rows.count == 16)
    #expect(scores.rows[0] == ["f0-0", "0", "\(found.images[0].score)"])
  }
}
