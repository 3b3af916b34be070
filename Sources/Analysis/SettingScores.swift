// Counts of every image with every setting of post-processing, and the best setting on some folds.

import Datasets
import Imaging

struct SettingScores {
  /// Those to prefer among equals first.
  let settings: [PostProcessing]
  /// The fold of each map.
  let folds: [Int]
  /// Counts of each map without any tuning: at a threshold of 0.5, or by the usual settings of instances.
  let half: [Tally]
  private let metric: Metric
  /// Of a setting and a map.
  private let counts: (Int, Int) -> Tally

  init(
    _ maps: ProbabilityMaps, _ set: ImageSet, _ folds: Folds, _ metric: Metric,
    _ grids: (masks: TuningGrid, instances: InstanceGrid), threads: Int,
    progress: (@Sendable (Int) -> Void)?
  ) throws {
    @Sendable func fail(_ problem: String) -> ProbabilityMapsError {
      ProbabilityMapsError(subject: "probability maps", problem: problem)
    }
    guard let kind = set.truthKind else { throw fail("cannot be judged: the images have no masks") }
    let positions = try maps.ids.map(set.index(of:))
    for (index, position) in positions.enumerated() where maps.sizes[index] != set.size(position) {
      throw fail(
        "are of \(maps.sizes[index]) pixels, the masks of \(set.size(position)): image \(maps.ids[index])"
      )
    }
    let foldOf = Dictionary(zip(folds.ids, folds.folds), uniquingKeysWith: { first, _ in first })
    self.folds = try maps.ids.map { id in
      guard let fold = foldOf[id] else { throw fail("image \(id) is in no fold") }
      return fold
    }
    self.metric = metric
    switch kind {
    case .mask:
      let settings = grids.masks.settings
      let untuned = OverlapTable.Row(threshold: 0.5)
      let wanted = settings.map {
        OverlapTable.Row(threshold: $0.threshold, cleaning: $0.cleaning)
      }
      let distinct = Array(Set(wanted).union([untuned]))
      let table = try OverlapTable(
        maps, truth: set, positions: positions, rows: distinct, threads: threads,
        progress: progress)
      let rowOf = Dictionary(uniqueKeysWithValues: zip(distinct, distinct.indices))
      let rows = wanted.map { rowOf[$0] ?? 0 }
      self.settings = settings
      half = table.overlaps[rowOf[untuned] ?? 0].map {
        Tally(classes: $0.map { .init(overlap: $0) })
      }
      counts = { setting, map in
        Tally(
          classes: table.overlaps[rows[setting]][map].map {
            .init(overlap: settings[setting].apply($0))
          })
      }
    case .labels:
      settings = [PostProcessing()]
      let tallies = try concurrentMap(count: maps.count, threads: threads, progress: progress) {
        index in
        Tally(
          PostProcessing().prediction(maps, index, kind), truth: set.truth(positions[index]),
          classes: set.classes)
      }
      half = tallies
      counts = { tallies[$1] }
    case .instances:
      let instances = grids.instances.settings
      let tried = instances + [InstanceSettings()]
      let tallies = try InstanceTuning.tallies(
        images: maps.count, settings: tried, threads: threads, progress: progress,
        maps: { index in
          InstanceMaps(
            width: maps.sizes[index].width, height: maps.sizes[index].height,
            foreground: maps.bytes(index, channel: 0), border: maps.bytes(index, channel: 1),
            distance: maps.bytes(index, channel: 2))
        },
        truth: { index in
          guard case .instances(let map) = set.truth(positions[index]) else {
            throw fail("cannot be judged: image \(maps.ids[index]) has no instances")
          }
          return map
        })
      settings = instances.map { PostProcessing(instances: $0) }
      half = tallies.map { $0[instances.count] }
      counts = { tallies[$1][$0] }
    }
  }

  func tally(of map: Int, setting: Int) -> Tally { counts(setting, map) }

  func score(of maps: [Int], setting: Int) -> Double {
    metric.score(of: maps.lazy.map { counts(setting, $0) })
  }

  func scoreAtHalf(of maps: [Int]) -> Double { metric.score(of: maps.lazy.map { half[$0] }) }

  /// The best setting on the maps of some folds.
  func best(onFolds folds: [Int], _ members: [[Int]]) -> Int {
    let maps = folds.flatMap { members[$0] }
    var best = 0
    var bestScore = score(of: maps, setting: 0)
    for setting in settings.indices.dropFirst() {
      let score = score(of: maps, setting: setting)
      // Not for a difference that comes of rounding.
      if score > bestScore + 1e-9 {
        best = setting
        bestScore = score
      }
    }
    return best
  }
}
