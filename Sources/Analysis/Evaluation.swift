// How good out-of-fold predictions are: for every fold, post-processing is chosen on the other
// folds and judged on it, so that the score is honest; the setting for new images is chosen on all.

public import Datasets
import Imaging

/// Scores of out-of-fold predictions.
public struct Evaluation: Sendable, Equatable, Codable {
  /// The metric's name.
  public var metric: String
  /// The mean score of all images, each with the setting chosen on the other folds.
  public var score: Double
  /// The mean score at a threshold of 0.5 without a minimum area.
  public var scoreAtHalf: Double
  /// The setting with the best score on all images: for new images.
  public var final: PostProcessing
  /// The mean score of all images with `final`; flattered, since `final` was chosen by it.
  public var finalScore: Double
  /// One a fold, in order.
  public var folds: [Fold]
  /// One an image, in the order of the maps.
  public var images: [Image]
  /// Mean scores of all images by class of coverage; classes without images are left out.
  public var bins: [Bin]
  /// True instances by size; nil where there are none.
  public var sizes: [SizeBin]?
  /// The score of each class by itself; nil where there is one class.
  public var classes: [ClassScore]?
  /// Pixels by true class, then by predicted class, of exclusive classes.
  public var confusion: [[Int]]?
  /// The score of all images with every setting tried, by threshold, minimum area, holes and parts.
  public var grid: [GridPoint]

  /// A fold left out.
  public struct Fold: Sendable, Equatable, Codable {
    /// Its number.
    public var fold: Int
    /// Its images.
    public var images: Int
    /// The setting with the best score on the other folds.
    public var setting: PostProcessing
    /// The mean score of this fold's images with that setting.
    public var score: Double
    /// At a threshold of 0.5 without a minimum area.
    public var scoreAtHalf: Double
  }

  /// One image, post-processed by its fold's setting.
  public struct Image: Sendable, Equatable, Codable {
    /// Its id.
    public var id: String
    /// Its fold.
    public var fold: Int
    /// Pixels of masks and of what they have in common.
    public var overlap: Overlap
    /// Its score.
    public var score: Double
    /// At a threshold of 0.5 without a minimum area.
    public var scoreAtHalf: Double
  }

  /// Images of one class of coverage.
  public struct Bin: Sendable, Equatable, Codable {
    /// The class, as in "0–10 %".
    public var label: String
    /// Number of images.
    public var images: Int
    /// Mean score, each with its fold's setting.
    public var score: Double
    /// At a threshold of 0.5 without a minimum area.
    public var scoreAtHalf: Double
  }

  /// One class.
  public struct ClassScore: Sendable, Equatable, Codable {
    /// Its name.
    public var name: String
    /// Its score; nil where no image has it, and none counts.
    public var score: Double?
    /// Its pixels in the truth.
    public var truth: Int
    /// Its pixels in the prediction.
    public var predicted: Int
  }

  /// One setting and its score.
  public struct GridPoint: Sendable, Equatable, Codable {
    /// The setting.
    public var setting: PostProcessing
    /// The mean score of all images.
    public var score: Double
  }

  /// The images with the lowest scores, as indices into `images`; among equals, those whose area is
  /// furthest off come first.
  public func worst(_ count: Int) -> [Int] {
    func order(_ index: Int) -> (Double, Int, String) {
      let image = images[index]
      return (image.score, -abs(image.overlap.predicted - image.overlap.truth), image.id)
    }
    return Array(images.indices.sorted { order($0) < order($1) }.prefix(count))
  }

  /// What was predicted of an image as it was judged, by its place in `images`.
  ///
  /// - Parameter maps: those that were judged.
  public func prediction(_ index: Int, of maps: ProbabilityMaps, _ kind: TargetKind) -> Prediction {
    (setting(ofFold: images[index].fold) ?? final).prediction(maps, index, kind)
  }

  /// The setting by which a fold's images were judged.
  public func setting(ofFold fold: Int) -> PostProcessing? {
    folds.first { $0.fold == fold }?.setting
  }
}

extension Evaluation {
  /// Chooses and judges post-processing.
  ///
  /// Settings of equal score are told apart by the distance of the threshold from 0.5, then by the
  /// threshold, then by holes, parts and the minimum area; the least wins.
  /// - Parameters:
  ///   - maps: out-of-fold predictions, one an image.
  ///   - set: images with masks, among them all of the maps.
  ///   - folds: the fold of every image.
  ///   - classes: the classes of coverage of `bins`.
  /// - Throws: `SettingError` or `ProbabilityMapsError` when the parts do not fit together.
  public init(
    of maps: ProbabilityMaps, truth set: ImageSet, folds: Folds, metric: Metric,
    grid: TuningGrid, instances: InstanceGrid = .usual, classes: CoverageClass = CoverageClass(),
    names: [String] = [], threads: Int = 1, progress: (@Sendable (Int) -> Void)? = nil
  ) throws {
    let scores = try SettingScores(
      maps, set, folds, metric, (grid, instances), threads: threads, progress: progress)
    let all = Array(0..<maps.count)
    let members = (0..<folds.count).map { fold in all.filter { scores.folds[$0] == fold } }
    for (fold, images) in members.enumerated() where images.isEmpty {
      throw ProbabilityMapsError(subject: "probability maps", problem: "fold \(fold) has none")
    }

    self.metric = metric.name
    var chosen: [Int] = []
    self.folds = members.enumerated().map { fold, images in
      let others = (0..<folds.count).filter { $0 != fold }
      let best = scores.best(onFolds: others, members)
      chosen.append(best)
      return Fold(
        fold: fold, images: images.count, setting: scores.settings[best],
        score: scores.score(of: images, setting: best), scoreAtHalf: scores.scoreAtHalf(of: images))
    }
    let tallies = all.map { scores.tally(of: $0, setting: chosen[scores.folds[$0]]) }
    let images = all.map { index in
      Image(
        id: maps.ids[index], fold: scores.folds[index], overlap: tallies[index].overlap,
        score: metric.score(of: [tallies[index]]),
        scoreAtHalf: metric.score(of: [scores.half[index]]))
    }
    self.images = images
    score = metric.score(of: tallies)
    scoreAtHalf = scores.scoreAtHalf(of: all)
    let best = scores.best(onFolds: Array(0..<folds.count), members)
    final = scores.settings[best]
    finalScore = scores.score(of: all, setting: best)
    sizes = Self.sizes(tallies)
    self.classes = Self.classes(tallies, metric, names, set)
    confusion = try Self.confusion(maps, set, threads: threads)

    bins = (0...classes.count).compactMap { bin in
      let some = all.filter {
        classes.index(area: tallies[$0].overlap.truth, pixels: maps.sizes[$0].pixels) == bin
      }
      return some.isEmpty
        ? nil
        : Bin(
          label: classes.label(bin), images: some.count,
          score: metric.score(of: some.map { tallies[$0] }),
          scoreAtHalf: scores.scoreAtHalf(of: some))
    }
    self.grid = scores.settings.indices.map {
      GridPoint(setting: scores.settings[$0], score: scores.score(of: all, setting: $0))
    }.sorted { Self.order($0.setting) < Self.order($1.setting) }
  }

  private static func order(_ setting: PostProcessing) -> (Double, Int, Int, Int) {
    (setting.threshold, setting.minimumArea, setting.holeArea ?? 0, setting.minimumPart ?? 0)
  }

  private static func classes(
    _ tallies: [Tally], _ metric: Metric, _ names: [String], _ set: ImageSet
  ) -> [ClassScore]? {
    guard set.classes > 1 else { return nil }
    return metric.classScores(of: tallies).enumerated().map { index, score in
      var sum = Overlap(truth: 0, predicted: 0, intersection: 0)
      for tally in tallies { sum.add(tally.classes[index].overlap) }
      return ClassScore(
        name: index < names.count ? names[index] : "class \(index)", score: score,
        truth: sum.truth, predicted: sum.predicted)
    }
  }

  private static func confusion(_ maps: ProbabilityMaps, _ set: ImageSet, threads: Int) throws
    -> [[Int]]?
  {
    guard set.truthKind == .labels else { return nil }
    let classes = set.classes
    let ofImages = try concurrentMap(count: maps.count, threads: threads) { index in
      var counts = [Int](repeating: 0, count: classes * classes)
      let truth = set.targets(try set.index(of: maps.ids[index])).values
      for (one, other) in zip(maps.bytes(index, channel: 0), truth) where Int(other) < classes {
        counts[Int(other) * classes + Int(one)] += 1
      }
      return counts
    }
    return (0..<classes).map { row in
      (0..<classes).map { column in
        ofImages.reduce(0) { $0 + $1[row * classes + column] }
      }
    }
  }
}
