// What a network's logits stand for: which targets it is trained on, and how their channels count.

public import Datasets

/// The logits of a pixel, and what they are compared with.
public enum TargetHead: Sendable, Equatable, Hashable, Codable {
  /// Overlapping classes: each channel is a question of its own, with a target in 0...1.
  /// - `channels`: how many, 1 or more.
  /// - `weights`: what each counts in the loss, 0 or more and not all 0; nil: all the same.
  /// - `regressions`: channels, from 0, whose targets are soft, as a distance is; they are trained by
  ///   cross entropy alone.
  case sigmoid(channels: Int, weights: [Float]? = nil, regressions: Set<Int> = [])
  /// Classes that exclude each other, by a softmax over 2 or more logits. Targets are the classes'
  /// numbers from 0, `Loss.ignored` (255) where a pixel counts for nothing.
  /// - `weights`: what each counts, 0 or more and not all 0; nil: all the same.
  case softmax(classes: Int, weights: [Float]? = nil)

  /// One mask.
  public static let mask = TargetHead.sigmoid(channels: 1)

  /// Foreground (one or one a class), border and distance of instances, in this order.
  public static func instances(classes: Int = 1) -> TargetHead {
    .sigmoid(channels: classes + 2, regressions: [classes + 1])
  }

  /// The head for the images of a set.
  /// - Parameters:
  ///   - weights: what each class counts; nil: all the same.
  ///   - indices: the images by which balanced weights are found.
  public init(for set: ImageSet, weights: ClassWeights? = nil, at indices: [Int] = []) {
    let weights: [Float]? =
      switch weights {
      case .each(let weights): weights
      case .balanced: Self.balanced(set, indices)
      case nil: nil
      }
    switch set.truthKind {
    case .labels: self = .softmax(classes: set.classes, weights: weights)
    case .instances: self = .instances()
    case .mask, nil:
      self = .sigmoid(channels: set.classes, weights: set.classes == 1 ? nil : weights)
    }
  }

  /// The median frequency over each class's own, among the pixels of images that hold it (Eigen and Fergus,
  /// 2015); 0 of a class that no image holds.
  private static func balanced(_ set: ImageSet, _ indices: [Int]) -> [Float] {
    var (marked, pixels) = (
      [Double](repeating: 0, count: set.classes), [Double](repeating: 0, count: set.classes)
    )
    for index in indices {
      for (place, area) in set.areas(index).enumerated() where area > 0 {
        marked[place] += Double(area)
        pixels[place] += Double(set.size(index).pixels)
      }
    }
    let shares = zip(marked, pixels).map { $1 > 0 ? $0 / $1 : 0 }
    let sorted = shares.filter { $0 > 0 }.sorted()
    guard !sorted.isEmpty else { return [Float](repeating: 1, count: set.classes) }
    let median = sorted[sorted.count / 2]
    return shares.map { $0 > 0 ? Float(median / $0) : 0 }
  }

  /// Whether the logits are for what is known of the images.
  func fits(_ set: ImageSet) -> Bool {
    switch (self, set.truthKind) {
    case (.softmax(let classes, _), .labels): classes == set.classes
    case (.sigmoid(let channels, _, _), .instances): channels == 3
    case (.sigmoid(let channels, _, _), .mask): channels == set.classes
    default: false
    }
  }

  /// Whether each channel is a mask.
  var isOfMasks: Bool {
    if case .sigmoid(_, _, let regressions) = self { regressions.isEmpty } else { false }
  }

  /// Logits a pixel.
  public var outputs: Int {
    switch self {
    case .sigmoid(let channels, _, _): channels
    case .softmax(let classes, _): classes
    }
  }

  /// Targets a pixel: as many as logits, or the number of a class.
  public var targets: Int {
    switch self {
    case .sigmoid(let channels, _, _): channels
    case .softmax: 1
    }
  }
}
