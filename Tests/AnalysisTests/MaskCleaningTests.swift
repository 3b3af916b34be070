// Holes filled and small parts removed: tuned on other folds than they are judged on, and applied as they were judged.

import Analysis
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct MaskCleaningTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func folds(_ ids: [String], _ count: Int) throws -> Folds {
    let rows = ids.enumerated().map { "\($1),\($0 % count)" }.joined(separator: "\n")
    return try Folds(
      contentsOf: folder.write("id,fold\n\(rows)\n", to: "folds.csv"), known: ids)
  }

  private func set(_ ids: [String], _ masks: [Mask]) -> ImageSet {
    ImageSet(ids: ids, images: masks.map { Plane($0) }, masks: masks)
  }

  /// A square, predicted with a hole of two pixels and with a speck of three beside it.
  private func squares() throws -> (set: ImageSet, folds: Folds, maps: ProbabilityMaps) {
    let ids = (0..<6).map { "image-\($0)" }
    let side = 14
    let masks = ids.indices.map { index in
      Mask(
        width: side, height: side,
        pixels: (0..<196).map {
          (2..<9).contains($0 % side) && (1..<(7 + index)).contains($0 / side) ? 1 : 0
        })
    }
    let maps = masks.map { mask -> Plane in
      var values = mask.pixels.map { $0 == 1 ? Float(0.8) : 0.1 }
      for pixel in [3 * side + 4, 3 * side + 5] { values[pixel] = 0.2 }
      for pixel in [side + 11, side + 12, 2 * side + 12] { values[pixel] = 0.9 }
      return Plane(width: side, height: side, values: values)
    }
    return (set(ids, masks), try folds(ids, 3), ProbabilityMaps(ids: ids, maps: maps))
  }

  @Test func whatHelpsIsChosenOnTheOtherFolds() throws {
    let (set, folds, maps) = try squares()
    let plain = try Evaluation(
      of: maps, truth: set, folds: folds, metric: Metric.iou,
      grid: TuningGrid(thresholds: [0.5], minimumAreas: [0, 2]))
    let found = try Evaluation(
      of: maps, truth: set, folds: folds, metric: Metric.iou,
      grid: TuningGrid(
        thresholds: [0.5], minimumAreas: [0, 2], holeAreas: [0, 1, 2, 50],
        minimumParts: [0, 3, 4, 400]))
    // The least of each that does it.
    let best = PostProcessing(threshold: 0.5, minimumArea: 0, holeArea: 2, minimumPart: 4)
    #expect(found.final == best && found.folds.allSatisfy { $0.setting == best })
    #expect(found.score == 1 && plain.score < 0.96)
    #expect(found.scoreAtHalf == plain.score)
    for (index, id) in maps.ids.enumerated() {
      #expect(found.prediction(index, of: maps, .mask) == set.truth(try set.index(of: id)))
    }
    #expect(best.words.rest == "minimum area 0, holes up to 2 filled, parts below 4 removed")
    #expect(found.foldTable.rows[0].contains(best.words.rest))
    #expect(plain.foldTable.columns.contains("minimum area"))
  }

  /// Every setting's score is that of the masks which it makes.
  @Test func whatIsCountedIsWhatIsPredicted() throws {
    let (width, height) = (21, 17)
    let ids = (0..<8).map { "noise-\($0)" }
    var (masks, planes): ([Mask], [Plane]) = ([], [])
    for id in ids {
      var generator = SeededGenerator(seed: 3, id)
      let values = (0..<(width * height)).map { _ in Float(generator.uniform()) }
      planes.append(Plane(width: width, height: height, values: values))
      masks.append(
        Mask(
          width: width, height: height,
          pixels: values.map { $0 + Float(generator.uniform()) > 1 ? 1 : 0 }))
    }
    let (set, folds) = (set(ids, masks), try folds(ids, 2))
    let maps = ProbabilityMaps(ids: ids, maps: planes)
    let metric = Metric.dice
    let found = try Evaluation(
      of: maps, truth: set, folds: folds, metric: metric,
      grid: TuningGrid(
        thresholds: [0.35, 0.45, 0.6], minimumAreas: [0, 150], holeAreas: [0, 1, 3],
        minimumParts: [0, 1, 2, 6]), threads: 2)
    #expect(found.grid.count == 3 * 2 * 3 * 4)
    for point in found.grid {
      let tallies = ids.indices.map { index in
        Tally(
          point.setting.prediction(maps, index, .mask), truth: set.truth(index), classes: 1)
      }
      #expect(abs(metric.score(of: tallies) - point.score) < 1e-12, "\(point.setting)")
    }
    #expect(Set(found.grid.map(\.score)).count > 20)
  }

  @Test func settingsSayWhatTheyDo() throws {
    let plain = try JSONEncoder().encode(PostProcessing(threshold: 0.5, minimumArea: 3))
    #expect(!String(decoding: plain, as: UTF8.self).contains("hole"))
    let both = PostProcessing(threshold: 0.5, holeArea: 9, minimumPart: 5)
    let text = try JSONEncoder().encode(both)
    #expect(String(decoding: text, as: UTF8.self).contains("\"hole_area\":9"))
    #expect(try JSONDecoder().decode(PostProcessing.self, from: text) == both)
    for (holes, parts, name) in [
      ([-1], [0], "evaluate.hole_areas"), ([0], [], "evaluate.minimum_parts"),
    ] {
      let error = #expect(throws: SettingError.self) {
        try TuningGrid(thresholds: [0.5], minimumAreas: [0], holeAreas: holes, minimumParts: parts)
      }
      #expect(error?.setting == name)
    }
  }
}
