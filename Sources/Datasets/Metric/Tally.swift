// Counts of one image, from which every metric follows: kept instead of scores, so that settings can
// be judged on any images without looking at pixels again.

public import Imaging

/// What truth and prediction of one image have, and have in common, class by class.
public struct Tally: Sendable, Equatable, Codable {
  /// One class of one image.
  public struct Counts: Sendable, Equatable, Codable {
    /// Pixels, of instances those of all together.
    public var overlap: Overlap
    /// Instances; nil where there are none to count, and pixels are all there is.
    public var instances: InstanceOverlaps?

    /// Counts, as they are.
    public init(overlap: Overlap, instances: InstanceOverlaps? = nil) {
      self.overlap = overlap
      self.instances = instances
    }

    /// How many instances are found. Without instances, a mask is one instance.
    func hits(metric: Metric) -> InstanceHits {
      // IoU above 0.5 where a measure of its own needs no thresholds.
      let thresholds: [Int] =
        switch metric.measure {
        case .precision, .fBetaThresholds: metric.thresholds
        case .dice, .iou, .fBeta: [50]
        }
      let found =
        instances
        ?? InstanceOverlaps(
          truth: overlap.truth > 0 ? [overlap.truth] : [],
          predicted: overlap.predicted > 0 ? [overlap.predicted] : [],
          pairs: overlap.intersection > 0
            ? [.init(truth: 0, predicted: 0, pixels: overlap.intersection)] : [])
      return found.hits(thresholds: thresholds)
    }
  }

  /// One a class.
  public var classes: [Counts]

  /// Counts, as they are.
  public init(classes: [Counts]) { self.classes = classes }

  /// The counts of one class.
  public init(_ overlap: Overlap) { self.init(classes: [Counts(overlap: overlap)]) }

  /// The pixels of all classes together.
  public var overlap: Overlap {
    var sum = Overlap(truth: 0, predicted: 0, intersection: 0)
    for counts in classes { sum.add(counts.overlap) }
    return sum
  }

  /// The counts of masks, one a class.
  /// - Parameter ignored: pixels that count for nothing, in truth and prediction.
  public init(predicted: [Mask], truth: [Mask], ignored: Mask? = nil) {
    precondition(predicted.count == truth.count, "a predicted and a true mask for each class")
    self.init(
      classes: zip(predicted, truth).map {
        Counts(overlap: Overlap(predicted: $0, truth: $1, ignored: ignored))
      })
  }

  /// The counts of exclusive classes.
  /// - Parameters:
  ///   - predicted: the class of each pixel, 0 ..< `classes`; larger values are no class.
  ///   - truth: the same; where it is no class, the pixel counts for nothing.
  public init(predictedClasses predicted: [UInt8], trueClasses truth: [UInt8], classes: Int) {
    precondition(predicted.count == truth.count, "a predicted and a true class for each pixel")
    precondition((1...255).contains(classes), "1 to 255 classes")
    var overlaps = [Overlap](
      repeating: Overlap(truth: 0, predicted: 0, intersection: 0), count: classes)
    for (one, other) in zip(predicted, truth) where Int(other) < classes {
      overlaps[Int(other)].truth += 1
      if Int(one) < classes { overlaps[Int(one)].predicted += 1 }
      if one == other { overlaps[Int(other)].intersection += 1 }
    }
    self.init(classes: overlaps.map { Counts(overlap: $0) })
  }

  /// The counts of instances, one map a class.
  public init(predicted: [LabelMap], truth: [LabelMap]) {
    precondition(predicted.count == truth.count, "a predicted and a true map for each class")
    self.init(
      classes: zip(predicted, truth).map { Counts(InstanceOverlaps(predicted: $0, truth: $1)) })
  }
}

extension Tally.Counts {
  /// The counts of instances, and of their pixels together.
  public init(_ instances: InstanceOverlaps) {
    self.init(
      overlap: Overlap(
        truth: instances.truth.reduce(0, +), predicted: instances.predicted.reduce(0, +),
        intersection: instances.pairs.reduce(0) { $0 + $1.pixels }),
      instances: instances)
  }
}
