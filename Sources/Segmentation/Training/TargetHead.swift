// What a network's logits stand for: which targets it is trained on, and how their channels count.

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
