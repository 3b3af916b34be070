// From probabilities to a mask.

public import Datasets
public import Imaging
public import Notebook

/// How a map of probabilities becomes a prediction: of masks by all but the last, of instances by the last.
public struct PostProcessing: Sendable, Equatable, Hashable, Codable {
  /// Pixels with a probability strictly above it are marked, 0...1.
  public var threshold: Double
  /// A mask with fewer pixels becomes empty; 0 and 1 leave masks as they are.
  public var minimumArea: Int
  /// Holes in a mask of up to so many pixels are filled, before anything else; nil: none is.
  public var holeArea: Int?
  /// Connected parts of a mask with fewer pixels are removed, before its area is looked at; nil: none is.
  public var minimumPart: Int?
  /// How instances are made; nil where masks or classes are predicted.
  public var instances: InstanceSettings?

  enum CodingKeys: String, CodingKey {
    case threshold, instances
    case minimumArea = "minimum_area"
    case holeArea = "hole_area"
    case minimumPart = "minimum_part"
  }

  /// A threshold of 0.5 and no least area, unless said otherwise.
  public init(
    threshold: Double = 0.5, minimumArea: Int = 0, holeArea: Int? = nil, minimumPart: Int? = nil,
    instances: InstanceSettings? = nil
  ) {
    self.instances = instances
    self.holeArea = holeArea
    self.minimumPart = minimumPart
    self.threshold = threshold
    self.minimumArea = minimumArea
  }

  /// What one map says.
  public func prediction(_ maps: ProbabilityMaps, _ index: Int, _ kind: TargetKind) -> Prediction {
    let size = maps.sizes[index]
    let found = Prediction(
      kept: maps.bytes(index), size, channels: maps.channels, kind: kind,
      least: Self.leastByte(above: threshold), instances: instances ?? InstanceSettings())
    guard case .masks(let masks) = found else { return found }
    return .masks(
      masks.map { mask in
        let mask = cleaning.isNone ? mask : cleaning(mask)
        return mask.area < minimumArea ? Mask(width: size.width, height: size.height) : mask
      })
  }

  /// What becomes of a mask before its area is looked at.
  var cleaning: MaskCleaning { MaskCleaning(holes: holeArea ?? 0, parts: minimumPart ?? 0) }

  /// In words, such as "0.46" and "minimum area 20".
  public var words: (threshold: String, rest: String) {
    guard let instances else {
      return (
        String(format: "%.2f", threshold),
        "minimum area \(minimumArea)" + (holeArea.map { ", holes up to \($0) filled" } ?? "")
          + (minimumPart.map { ", parts below \($0) removed" } ?? "")
      )
    }
    return (
      String(format: "%.2f", instances.foregroundThreshold),
      "cores above " + String(format: "%.2f", instances.seedThreshold)
        + ", minimum area \(instances.minimumArea)"
    )
  }

  /// The threshold as a figure for a page; of exclusive classes that there is none.
  public func figure(_ kind: TargetKind) -> Figure {
    kind == .labels
      ? Figure("threshold", "none", note: "the likeliest class is taken")
      : Figure("threshold", words.threshold, note: words.rest)
  }

  /// What `minimumArea` makes of a class's overlap.
  func apply(_ overlap: Overlap) -> Overlap {
    overlap.predicted < minimumArea
      ? Overlap(truth: overlap.truth, predicted: 0, intersection: 0) : overlap
  }

  /// The least byte that stands for a probability above a threshold; 256 if there is none.
  static func leastByte(above threshold: Double) -> Int {
    (0...255).first { Double($0) / 255 > threshold } ?? 256
  }
}
