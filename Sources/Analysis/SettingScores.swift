// Scores of every image with every setting of post-processing, and the best setting on some folds.

import Datasets

struct SettingScores {
  /// Those to prefer among equals first.
  let settings: [PostProcessing]
  /// The fold of each map.
  let folds: [Int]
  /// Overlap of each map at a threshold of 0.5.
  let half: [Overlap]
  private let metric: any SegmentationMetric
  private let rows: [Double: Int]
  private let table: OverlapTable
  /// By setting, then by map.
  private let scores: [[Double]]

  init(
    _ maps: ProbabilityMaps, _ set: ImageSet, _ folds: Folds, _ metric: any SegmentationMetric,
    _ grid: TuningGrid
  ) throws {
    guard set.hasMasks else {
      throw ProbabilityMapsError(
        subject: "probability maps", problem: "cannot be judged: the images have no masks")
    }
    guard set.width == maps.width, set.height == maps.height else {
      throw ProbabilityMapsError(
        subject: "probability maps",
        problem: "are of \(maps.width) x \(maps.height) pixels, the masks of "
          + "\(set.width) x \(set.height)")
    }
    let foldOf = Dictionary(zip(folds.ids, folds.folds), uniquingKeysWith: { first, _ in first })
    self.folds = try maps.ids.map { id in
      guard let fold = foldOf[id] else {
        throw ProbabilityMapsError(
          subject: "probability maps", problem: "image \(id) is in no fold")
      }
      return fold
    }
    let settings = grid.settings
    self.settings = settings
    self.metric = metric
    let thresholds = Set(settings.map(\.threshold)).union([0.5]).sorted()
    let table = OverlapTable(
      maps, truth: set, positions: try maps.ids.map(set.index(of:)), thresholds: thresholds)
    let rows = Dictionary(uniqueKeysWithValues: zip(thresholds, thresholds.indices))
    self.table = table
    self.rows = rows
    half = table.overlaps[rows[0.5] ?? 0]
    scores = settings.map { setting in
      table.overlaps[rows[setting.threshold] ?? 0].map { metric.score(setting.apply($0)) }
    }
  }

  func overlap(of map: Int, setting: PostProcessing) -> Overlap {
    setting.apply(table.overlaps[rows[setting.threshold] ?? 0][map])
  }

  func mean(of maps: [Int], setting: Int) -> Double {
    maps.reduce(0) { $0 + scores[setting][$1] } / Double(maps.count)
  }

  func meanAtHalf(of maps: [Int]) -> Double {
    maps.reduce(0) { $0 + metric.score(half[$1]) } / Double(maps.count)
  }

  /// The best setting on the maps of some folds.
  func best(onFolds folds: [Int], _ members: [[Int]]) -> Int {
    let maps = folds.flatMap { members[$0] }
    var best = 0
    var bestScore = mean(of: maps, setting: 0)
    for setting in settings.indices.dropFirst() {
      let score = mean(of: maps, setting: setting)
      // Not for a difference that comes of rounding.
      if score > bestScore + 1e-9 {
        best = setting
        bestScore = score
      }
    }
    return best
  }
}
