// Tuning of instances: what is shared among settings changes no count.

import Analysis
import Datasets
import Imaging
import Testing

@Suite struct InstanceTuningTests {
  private func truth(_ image: Int) -> LabelMap {
    let masks = (0..<8).map { index in
      var generator = SeededGenerator(seed: UInt64(image), "disc", "\(index)")
      let (x, y) = (generator.uniform(in: 0...50), generator.uniform(in: 0...40))
      let radius = generator.uniform(in: 1...8)
      return Mask(
        width: 50, height: 40,
        pixels: (0..<2000).map {
          let (dx, dy) = (Double($0 % 50) - x, Double($0 / 50) - y)
          return dx * dx + dy * dy < radius * radius ? 1 : 0
        })
    }
    return LabelMap(masks: masks, width: 50, height: 40)
  }

  /// Targets with errors.
  private func maps(_ image: Int) -> InstanceMaps {
    let maps = InstanceMaps(targetsOf: truth(image))
    func noisy(_ values: [UInt8]) -> [UInt8] {
      var generator = SeededGenerator(seed: UInt64(image), "noise")
      return values.map { UInt8((Double($0) + 255 * generator.uniform()) / 2) }
    }
    return InstanceMaps(
      width: 50, height: 40, foreground: noisy(maps.foreground),
      border: maps.border.map(noisy), distance: maps.distance.map(noisy))
  }

  private func grid() throws -> InstanceGrid {
    try InstanceGrid(
      seeds: [.both, .border], seedThresholds: [0.3, 0.5], foregroundThresholds: [0.4, 0.5, 0.6],
      minimumSeeds: [0, 4], minimumAreas: [0, 5, 30])
  }

  @Test func talliesAreThoseOfEachSettingAlone() throws {
    let settings = try grid().settings
    #expect(Set(settings).count == 72)
    #expect(settings[0].foregroundThreshold == 0.5 && settings[0].minimumArea == 0)
    let tallies = try InstanceTuning.tallies(
      images: 3, settings: settings, threads: 3, maps: { maps($0) }, truth: { truth($0) })
    let alone = (0..<3).map { image in
      settings.map {
        Tally(predicted: [maps(image).instances($0)], truth: [truth(image)])
      }
    }
    #expect(tallies == alone)
    #expect(Set(alone[0].map(\.overlap.predicted)).count > 10)
    #expect(
      try InstanceTuning.tallies(
        images: 3, settings: settings, threads: 1, maps: { maps($0) }, truth: { truth($0) })
        == tallies)
  }

  @Test func theBestSettingIsTheFirstWithTheHighestScore() throws {
    let settings = try grid().settings
    let tallies = try InstanceTuning.tallies(
      images: 4, settings: settings, threads: 2, maps: { maps($0) }, truth: { truth($0) })
    let metric = Metric(unit: .instance)
    let best = InstanceTuning.best(metric, tallies, images: [0, 2])
    let scores = settings.indices.map { setting in
      metric.score(of: [tallies[0][setting], tallies[2][setting]])
    }
    #expect(scores[best] == scores.max())
    #expect(scores[..<best].allSatisfy { $0 < scores[best] })
  }

  @Test func gridsOfNothingAreRefused() {
    #expect(throws: SettingError.self) {
      try InstanceGrid(seedThresholds: [], foregroundThresholds: [0.5], minimumAreas: [0])
    }
    #expect(throws: SettingError.self) {
      try InstanceGrid(seedThresholds: [1.5], foregroundThresholds: [0.5], minimumAreas: [0])
    }
    #expect(throws: SettingError.self) {
      try InstanceGrid(seedThresholds: [0.5], foregroundThresholds: [0.5], minimumAreas: [-1])
    }
  }
}
