// What scores of masks are made of: how many pixels two masks have, and have in common.

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

extension Overlap {
  /// The counts of two masks of one size, without pixels that count for nothing.
  public init(predicted: Mask, truth: Mask, ignored: Mask?) {
    guard let ignored else {
      self.init(predicted: predicted, truth: truth)
      return
    }
    func counted(_ mask: Mask) -> Mask {
      precondition(
        mask.width == ignored.width && mask.height == ignored.height,
        "a mask of \(mask.width) x \(mask.height) and ignored pixels of another size")
      return Mask(
        width: mask.width, height: mask.height,
        pixels: zip(mask.pixels, ignored.pixels).map { $0 & ~$1 & 1 })
    }
    self.init(predicted: counted(predicted), truth: counted(truth))
  }

  /// Adds the counts of other pixels.
  public mutating func add(_ other: Overlap) {
    truth += other.truth
    predicted += other.predicted
    intersection += other.intersection
  }
}
