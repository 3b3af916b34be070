// Settings for making instances of probabilities, tried on images whose instances are known.

public import Datasets
public import Imaging

/// All combinations of settings for instances.
public struct InstanceGrid: Sendable, Equatable, Codable {
  /// What cores are found by.
  public var seeds: [InstanceSettings.Seeds]
  /// Thresholds of cores, 0…1.
  public var seedThresholds: [Double]
  /// Thresholds of foreground, 0…1.
  public var foregroundThresholds: [Double]
  /// Least pixels of a core.
  public var minimumSeeds: [Int]
  /// Least pixels of an instance.
  public var minimumAreas: [Int]
  /// Whether holes are filled.
  public var fillHoles: Bool

  /// - Throws: `SettingError` when there is nothing to try, or a value cannot be used.
  public init(
    seeds: [InstanceSettings.Seeds] = [.border], seedThresholds: [Double],
    foregroundThresholds: [Double], minimumSeeds: [Int] = [4], minimumAreas: [Int],
    fillHoles: Bool = true
  ) throws {
    self.seeds = seeds
    self.seedThresholds = seedThresholds
    self.foregroundThresholds = foregroundThresholds
    self.minimumSeeds = minimumSeeds
    self.minimumAreas = minimumAreas
    self.fillHoles = fillHoles
    try check()
  }

  /// What is tried unless params.yaml says otherwise.
  public static let usual = InstanceGrid(
    seeds: [.border], seedThresholds: [0.3, 0.4, 0.5, 0.6, 0.7],
    foregroundThresholds: [0.3, 0.4, 0.5, 0.6], minimumSeeds: [4, 12],
    minimumAreas: [0, 10, 20, 40])

  private init(
    seeds: [InstanceSettings.Seeds], seedThresholds: [Double], foregroundThresholds: [Double],
    minimumSeeds: [Int], minimumAreas: [Int]
  ) {
    self.seeds = seeds
    self.seedThresholds = seedThresholds
    self.foregroundThresholds = foregroundThresholds
    self.minimumSeeds = minimumSeeds
    self.minimumAreas = minimumAreas
    fillHoles = true
  }

  /// - Throws: `SettingError` when there is nothing to try, or a value cannot be used.
  func check() throws {
    for (name, values) in [
      ("seed_thresholds", seedThresholds), ("foreground_thresholds", foregroundThresholds),
    ] {
      try SettingError.check(
        !values.isEmpty && values.allSatisfy((0...1).contains), "evaluate.instances.\(name)",
        "should be one or more, each from 0 to 1")
    }
    for (name, values) in [("minimum_seeds", minimumSeeds), ("minimum_areas", minimumAreas)] {
      try SettingError.check(
        !values.isEmpty && values.allSatisfy { $0 >= 0 }, "evaluate.instances.\(name)",
        "should be one or more, none negative")
    }
    try SettingError.check(
      !seeds.isEmpty, "evaluate.instances.seeds", "should be one or more of border, distance, both")
  }

  /// The settings, those to prefer among equals first: foreground's threshold nearest to 0.5, then
  /// the cores' in the middle of those that there are, then the least areas.
  public var settings: [InstanceSettings] {
    func nearest(_ values: [Double], to middle: Double) -> [Double] {
      Set(values).sorted { (abs($0 - middle), $0) < (abs($1 - middle), $1) }
    }
    let ascending = Set(seedThresholds).sorted()
    let middle = ascending.isEmpty ? 0.5 : ascending[(ascending.count - 1) / 2]
    return seeds.flatMap { seeds in
      nearest(foregroundThresholds, to: 0.5).flatMap { foreground in
        nearest(seedThresholds, to: middle).flatMap { seed in
          Set(minimumSeeds).sorted().flatMap { minimumSeed in
            Set(minimumAreas).sorted().map {
              InstanceSettings(
                seeds: seeds, seedThreshold: seed, foregroundThreshold: foreground,
                minimumSeed: minimumSeed, minimumArea: $0, fillHoles: fillHoles)
            }
          }
        }
      }
    }
  }
}

/// Counts of images with every setting, from which any metric is told on any images.
public enum InstanceTuning {
  /// The counts of each image (first) with each setting (second), of one class.
  ///
  /// Instances are grown once for settings that differ in the minimum area alone. Images are
  /// shared among threads; the result doesn't depend on them.
  /// - Parameters:
  ///   - maps: the probabilities of an image, by index; called once an image, from any thread.
  ///   - truth: its true instances, of the same size.
  ///   - progress: called with the number of images done.
  /// - Throws: what `maps` or `truth` throws for the least index.
  public static func tallies(
    images: Int, settings: [InstanceSettings], threads: Int,
    progress: (@Sendable (Int) -> Void)? = nil, maps: @Sendable (Int) throws -> InstanceMaps,
    truth: @Sendable (Int) throws -> LabelMap
  ) throws -> [[Tally]] {
    try concurrentMap(count: images, threads: threads, progress: progress) { image in
      tallies(of: try maps(image), truth: try truth(image), settings: settings)
    }
  }

  /// The counts of one image with each setting.
  public static func tallies(
    of maps: InstanceMaps, truth: LabelMap, settings: [InstanceSettings]
  ) -> [Tally] {
    var grown: [InstanceSettings: InstanceOverlaps] = [:]
    return settings.map { setting in
      var any = setting
      any.minimumArea = 0
      let overlaps =
        grown[any] ?? InstanceOverlaps(predicted: maps.instances(any), truth: truth)
      grown[any] = overlaps
      return Tally(
        classes: [.init(overlaps.removingPredicted(smallerThan: setting.minimumArea))])
    }
  }

  /// The setting with the best score on some images, by index; of equals (but for rounding) the
  /// first.
  /// - Parameter tallies: by image, then by setting.
  public static func best(_ metric: Metric, _ tallies: [[Tally]], images: [Int]) -> Int {
    let count = tallies.first?.count ?? 0
    var (best, bestScore) = (0, -Double.infinity)
    for setting in 0..<count {
      let score = metric.score(of: images.lazy.map { tallies[$0][setting] })
      if score > bestScore + 1e-9 { (best, bestScore) = (setting, score) }
    }
    return best
  }
}
