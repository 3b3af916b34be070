// How good out-of-fold predictions are: for every fold, post-processing is chosen on the other
// folds and judged on it, so that the score is honest; the setting for new images is chosen on all.

public import Datasets

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
  /// Mean score of all images with every setting tried, by threshold, then minimum area.
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

  /// The mask of each image as it was judged, in the order of `images`.
  ///
  /// - Parameter maps: those that were judged.
  public func masks(of maps: ProbabilityMaps) -> [Mask] {
    images.enumerated().map { index, image in
      (setting(ofFold: image.fold) ?? final).mask(maps, index)
    }
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
  /// threshold, then by the minimum area; the least wins.
  /// - Parameters:
  ///   - maps: out-of-fold predictions, one an image.
  ///   - set: images with masks, among them all of the maps.
  ///   - folds: the fold of every image.
  ///   - classes: the classes of coverage of `bins`.
  /// - Throws: `SettingError` or `ProbabilityMapsError` when the parts do not fit together.
  public init(
    of maps: ProbabilityMaps, truth set: ImageSet, folds: Folds, metric: any SegmentationMetric,
    grid: TuningGrid, classes: CoverageClass = CoverageClass()
  ) throws {
    let scores = try SettingScores(maps, set, folds, metric, grid)
    let all = Array(0..<maps.count)
    let members = (0..<folds.count).map { fold in all.filter { scores.folds[$0] == fold } }
    for (fold, images) in members.enumerated() where images.isEmpty {
      throw ProbabilityMapsError(subject: "probability maps", problem: "fold \(fold) has none")
    }

    self.metric = metric.name
    self.folds = members.enumerated().map { fold, images in
      let others = (0..<folds.count).filter { $0 != fold }
      let best = scores.best(onFolds: others, members)
      return Fold(
        fold: fold, images: images.count, setting: scores.settings[best],
        score: scores.mean(of: images, setting: best), scoreAtHalf: scores.meanAtHalf(of: images))
    }
    let chosen = self.folds.map(\.setting)
    let images = all.map { index in
      let fold = scores.folds[index]
      let overlap = scores.overlap(of: index, setting: chosen[fold])
      return Image(
        id: maps.ids[index], fold: fold, overlap: overlap, score: metric.score(overlap),
        scoreAtHalf: metric.score(scores.half[index]))
    }
    self.images = images
    score = Self.mean(images.map(\.score))
    scoreAtHalf = Self.mean(images.map(\.scoreAtHalf))
    let best = scores.best(onFolds: Array(0..<folds.count), members)
    final = scores.settings[best]
    finalScore = scores.mean(of: all, setting: best)

    let pixels = maps.width * maps.height
    bins = (0...classes.count).compactMap { bin in
      let some = images.filter { classes.index(area: $0.overlap.truth, pixels: pixels) == bin }
      return some.isEmpty
        ? nil
        : Bin(
          label: classes.label(bin), images: some.count, score: Self.mean(some.map(\.score)),
          scoreAtHalf: Self.mean(some.map(\.scoreAtHalf)))
    }
    self.grid = scores.settings.indices.map {
      GridPoint(setting: scores.settings[$0], score: scores.mean(of: all, setting: $0))
    }.sorted {
      ($0.setting.threshold, $0.setting.minimumArea)
        < ($1.setting.threshold, $1.setting.minimumArea)
    }
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
