// From probabilities to a mask.

public import Imaging
import Datasets

/// How a map of probabilities becomes a mask.
public struct PostProcessing: Sendable, Equatable, Hashable, Codable {
  /// Pixels with a probability strictly above it are marked, 0...1.
  public var threshold: Double
  /// A mask with fewer pixels becomes empty; 0 and 1 leave masks as they are.
  public var minimumArea: Int

  enum CodingKeys: String, CodingKey {
    case threshold
    case minimumArea = "minimum_area"
  }

  /// A threshold of 0.5 and no least area, unless said otherwise.
  public init(threshold: Double = 0.5, minimumArea: Int = 0) {
    self.threshold = threshold
    self.minimumArea = minimumArea
  }

  /// The mask of one map.
  public func mask(_ maps: ProbabilityMaps, _ index: Int) -> Mask {
    let least = Self.leastByte(above: threshold)
    let pixels = maps.bytes(index).map { UInt8(Int($0) >= least ? 1 : 0) }
    let area = pixels.reduce(0) { $0 + Int($1) }
    return area < minimumArea
      ? Mask(width: maps.width, height: maps.height)
      : Mask(width: maps.width, height: maps.height, pixels: pixels)
  }

  /// What `minimumArea` makes of an overlap.
  func apply(_ overlap: Overlap) -> Overlap {
    overlap.predicted < minimumArea
      ? Overlap(truth: overlap.truth, predicted: 0, intersection: 0) : overlap
  }

  /// The least byte that stands for a probability above a threshold; 256 if there is none.
  static func leastByte(above threshold: Double) -> Int {
    (0...255).first { Double($0) / 255 > threshold } ?? 256
  }
}
