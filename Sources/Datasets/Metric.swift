// Scores of a predicted mask against the true one, image by image, from counts of pixels alone.

public import Imaging

/// How many pixels a predicted and a true mask have, and have in common.
public struct Overlap: Sendable, Equatable, Hashable, Codable {
  /// Pixels of the true mask.
  public var truth: Int
  /// Pixels of the predicted mask.
  public var predicted: Int
  /// Pixels in both.
  public var intersection: Int
  /// Pixels in either.
  public var union: Int { truth + predicted - intersection }

  /// Counts, as they are.
  public init(truth: Int, predicted: Int, intersection: Int) {
    self.truth = truth
    self.predicted = predicted
    self.intersection = intersection
  }

  /// The counts of two masks of the same size.
  public init(predicted: Mask, truth: Mask) {
    precondition(
      predicted.width == truth.width && predicted.height == truth.height,
      "masks of \(predicted.width) x \(predicted.height) and \(truth.width) x \(truth.height)")
    var both = 0
    var one = 0
    var other = 0
    for index in truth.pixels.indices {
      let (p, t) = (Int(predicted.pixels[index]), Int(truth.pixels[index]))
      one += p
      other += t
      both += p & t
    }
    self.init(truth: other, predicted: one, intersection: both)
  }
}

/// A score of one image, averaged over images; the door for other competitions' metrics.
public protocol SegmentationMetric: Sendable {
  /// The name, as params.yaml has it.
  var name: String { get }
  /// The score of one image; larger is better.
  func score(_ overlap: Overlap) -> Double
}

extension SegmentationMetric {
  /// The mean score; 0 of no image.
  public func mean(_ overlaps: [Overlap]) -> Double {
    overlaps.isEmpty ? 0 : overlaps.reduce(0) { $0 + score($1) } / Double(overlaps.count)
  }
}

/// The metrics that competitions name in params.yaml.
public enum Metric: String, SegmentationMetric, NamedChoice {
  /// Mean precision over IoU thresholds, of the TGS Salt Identification Challenge.
  case meanPrecision = "mean-precision"
  /// Dice's coefficient, also called F1.
  case dice
  /// Intersection over union, also called Jaccard's index.
  case iou

  /// The name, as params.yaml has it.
  public var name: String { rawValue }

  /// The score of one image, 0...1.
  ///
  /// An image whose true mask is empty scores 1 for an empty prediction and 0 for any other, in
  /// all of them. Mean precision is the share of the thresholds 0.50, 0.55 ... 0.95 that the IoU is
  /// strictly greater than; it is decided in whole numbers, so that an IoU of exactly 0.55 never
  /// counts as more.
  public func score(_ overlap: Overlap) -> Double {
    let (intersection, union) = (overlap.intersection, overlap.union)
    guard overlap.truth > 0 else { return overlap.predicted == 0 ? 1 : 0 }
    switch self {
    case .meanPrecision:
      // IoU > (10 + k) / 20, for k from 0 to 9.
      return Double((0..<10).count { 20 * intersection > (10 + $0) * union }) / 10
    case .dice:
      return Double(2 * intersection) / Double(overlap.truth + overlap.predicted)
    case .iou:
      return Double(intersection) / Double(union)
    }
  }
}
