// What pages say of marked pixels: of masks and instances by what they mark, as in "salt"; of label maps that
// they are labelled.

public import Datasets

/// Words about how much of images is marked.
public struct CoverageWords: Sendable, Equatable {
  /// Of a number of images with nothing marked, as in "without salt".
  public let without: String
  /// What a share of pixels is, as in "of all pixels are salt".
  public let ofAllPixels: String
  /// For an axis, as in "share of the image that is salt (%)".
  public let share: String
  /// Above images from little coverage to much.
  public let fromLittleToMuch: String
  /// Above images with nothing marked.
  public let none: String
  /// Above a histogram of the others.
  public let histogram: String

  /// The words of a competition.
  public init(of competition: Competition) {
    let target = competition.target ?? "target"
    let isLabels = competition.targets == .labels
    without = isLabels ? "without labels" : "without \(target)"
    ofAllPixels = isLabels ? "of all pixels have a class" : "of all pixels are \(target)"
    share = "share of the image that " + (isLabels ? "has a class (%)" : "is \(target) (%)")
    fromLittleToMuch = isLabels ? "Images and their classes" : "From little \(target) to much"
    none = isLabels ? "Images without labels" : "Images without \(target)"
    histogram = isLabels ? "Pixels with a class" : "Coverage of the images with \(target)"
  }
}
