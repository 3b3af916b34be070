// Which instances of a prediction overlap which of the truth, and which of them are found.

public import Imaging

/// The areas of instances and of what they have in common: all that scores of instances need.
public struct InstanceOverlaps: Sendable, Equatable, Codable {
  /// A true and a predicted instance with pixels in common.
  public struct Pair: Sendable, Equatable, Codable {
    /// The true one's index in `truth`.
    public var truth: Int
    /// The predicted one's index in `predicted`.
    public var predicted: Int
    /// Pixels in both, 1 or more.
    public var pixels: Int

    /// A pair, as it is.
    public init(truth: Int, predicted: Int, pixels: Int) {
      self.truth = truth
      self.predicted = predicted
      self.pixels = pixels
    }
  }

  /// Pixels of each true instance, 1 or more.
  public var truth: [Int]
  /// Pixels of each predicted instance, 1 or more.
  public var predicted: [Int]
  /// By true instance, then by predicted one.
  public var pairs: [Pair]

  /// Areas and pairs, as they are.
  public init(truth: [Int], predicted: [Int], pairs: [Pair]) {
    self.truth = truth
    self.predicted = predicted
    self.pairs = pairs
  }

  /// The overlaps of two maps of one size; instances without a pixel don't count.
  public init(predicted: LabelMap, truth: LabelMap) {
    precondition(
      predicted.width == truth.width && predicted.height == truth.height,
      "maps of \(predicted.width) x \(predicted.height) and \(truth.width) x \(truth.height)")
    let (trueAreas, trueNumbers) = Self.present(truth)
    let (areas, numbers) = Self.present(predicted)
    // Neighbours mostly have the same pair: runs are counted before they are looked up.
    var sums: [UInt64: Int] = [:]
    var (last, run): (UInt64, Int) = (0, 0)
    predicted.labels.withUnsafeBufferPointer { ones in
      truth.labels.withUnsafeBufferPointer { others in
        for pixel in ones.indices {
          let (one, other) = (ones[pixel], others[pixel])
          let key = one == 0 || other == 0 ? 0 : UInt64(other) << 32 | UInt64(one)
          if key != last {
            if last != 0 { sums[last, default: 0] += run }
            (last, run) = (key, 0)
          }
          run += 1
        }
      }
    }
    if last != 0 { sums[last, default: 0] += run }
    self.init(
      truth: trueAreas, predicted: areas,
      pairs: sums.keys.sorted().map { key in
        Pair(
          truth: trueNumbers[Int(key >> 32)], predicted: numbers[Int(key & 0xFFFF_FFFF)],
          pixels: sums[key, default: 0])
      })
  }

  /// The areas of instances with a pixel, and the index of each label among them.
  private static func present(_ map: LabelMap) -> (areas: [Int], numbers: [Int]) {
    var areas: [Int] = []
    var numbers = [0]
    for area in map.areas {
      numbers.append(areas.count)
      if area > 0 { areas.append(area) }
    }
    return (areas, numbers)
  }

  /// Without the predicted instances of fewer pixels, as `LabelMap.removing` would leave them.
  public func removingPredicted(smallerThan area: Int) -> InstanceOverlaps {
    var numbers: [Int?] = []
    var kept: [Int] = []
    for predicted in predicted {
      numbers.append(predicted < area ? nil : kept.count)
      if predicted >= area { kept.append(predicted) }
    }
    return InstanceOverlaps(
      truth: truth, predicted: kept,
      pairs: pairs.compactMap { pair in
        numbers[pair.predicted].map {
          Pair(truth: pair.truth, predicted: $0, pixels: pair.pixels)
        }
      })
  }

  /// How many true instances are found at each threshold of IoU.
  ///
  /// Above 0.5, a true instance has at most one predicted one with such an IoU, since instances of
  /// a map don't overlap. Below, the pairs of largest IoU go first (compared in whole numbers; of
  /// equals, the first true, then the first predicted instance), and each instance is used once.
  /// - Parameter thresholds: in hundredths; an IoU that is greater (strictly) is a hit.
  public func hits(thresholds: [Int]) -> InstanceHits {
    func union(_ pair: Pair) -> Int {
      truth[pair.truth] + predicted[pair.predicted] - pair.pixels
    }
    let least = thresholds.min() ?? 0
    let near = pairs.filter { 100 * $0.pixels > least * union($0) }
    // By descending IoU: each threshold takes the first ones. Sorted by place too, since sorting
    // alone may swap equals.
    let sorted = near.enumerated().sorted { one, other in
      let (left, right) = (
        one.element.pixels * union(other.element), other.element.pixels * union(one.element)
      )
      return left == right ? one.offset < other.offset : left > right
    }.map(\.element)
    var hits = [Int](repeating: 0, count: thresholds.count)
    var usedTruth = Set<Int>()
    var usedPredicted = Set<Int>()
    for pair in sorted where !usedTruth.contains(pair.truth) {
      guard usedPredicted.insert(pair.predicted).inserted else { continue }
      usedTruth.insert(pair.truth)
      for (index, threshold) in thresholds.enumerated()
      where 100 * pair.pixels > threshold * union(pair) {
        hits[index] += 1
      }
    }
    return InstanceHits(truth: truth.count, predicted: predicted.count, hits: hits)
  }
}

/// How many instances are found.
public struct InstanceHits: Sendable, Equatable, Codable {
  /// True instances.
  public var truth: Int
  /// Predicted instances.
  public var predicted: Int
  /// Found instances (true positives), one a threshold.
  public var hits: [Int]

  /// Counts, as they are.
  public init(truth: Int, predicted: Int, hits: [Int]) {
    self.truth = truth
    self.predicted = predicted
    self.hits = hits
  }
}
