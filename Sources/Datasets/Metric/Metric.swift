// How a competition scores: an algebra of what is scored, by what measure, and what holds where
// nothing is marked.

/// A score of one image, averaged over images: what training watches.
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

/// A metric: unit × measure × rule for what is empty, or a command of the user's own. All scores
/// are decided in whole numbers up to the last divisions; larger is better.
public struct Metric: Sendable, Equatable, SegmentationMetric {
  /// What is scored by itself; the score is the mean of all.
  public enum Unit: String, NamedChoice {
    /// An image, its classes' pixels together.
    case image
    /// An image and class.
    case imageClass = "image-class"
    /// A class: its pixels of all images, pooled.
    case pixels
    /// An image and class, in which instances are found or missed.
    case instance
  }

  /// How truth and prediction are compared.
  public enum Measure: String, NamedChoice {
    /// Dice's coefficient of pixels, also called F1.
    case dice
    /// Intersection of pixels over their union, also called Jaccard's index.
    case iou
    /// F-beta of pixels: recall counts beta times as much as precision.
    case fBeta = "f-beta"
    /// The mean of TP / (TP + FP + FN) over thresholds of IoU.
    case precision
    /// The mean of F-beta, of instances that are found or missed, over thresholds of IoU.
    case fBetaThresholds = "f-beta-thresholds"
  }

  /// What holds where nothing is marked. Where just one of truth and prediction is empty, every
  /// measure is 0.
  public enum EmptyRule: String, NamedChoice {
    /// Nothing marked and nothing predicted scores 1.
    case one
    /// Nothing marked and nothing predicted scores 0.
    case zero
    /// A unit without truth and prediction doesn't count.
    case skip
    /// A unit without truth doesn't count, whatever is predicted.
    case truthOnly = "truth-only"
  }

  /// What is scored by itself.
  public var unit: Unit
  /// How truth and prediction are compared.
  public var measure: Measure
  /// Beta of F-beta in hundredths, 1 … 10,000; 100 is F1.
  public var betaHundredths: Int
  /// Thresholds of IoU in hundredths, 1 … 99, ascending; an IoU that is greater (strictly) is a hit.
  public var thresholds: [Int]
  /// What holds where nothing is marked.
  public var empty: EmptyRule
  /// A shell command that scores two tables (`MetricCommand`); the other settings are then what
  /// training and the tuning of thresholds go by. Nil where they are the metric.
  public var command: String?

  /// IoU 0.50, 0.55 … 0.95.
  public static let usualThresholds = Array(stride(from: 50, through: 95, by: 5))

  /// A metric; the defaults are those of the salt competition.
  public init(
    unit: Unit = .image, measure: Measure = .precision, betaHundredths: Int = 100,
    thresholds: [Int] = Metric.usualThresholds, empty: EmptyRule = .one, command: String? = nil
  ) {
    precondition((1...10_000).contains(betaHundredths), "beta is 0.01 to 100")
    precondition(
      !thresholds.isEmpty && thresholds.allSatisfy((1...99).contains)
        && zip(thresholds, thresholds.dropFirst()).allSatisfy(<),
      "thresholds are 0.01 to 0.99, ascending")
    self.unit = unit
    self.measure = measure
    self.betaHundredths = betaHundredths
    self.thresholds = thresholds
    self.empty = empty
    self.command = command
  }

  /// Mean precision over IoU thresholds, of the TGS Salt Identification Challenge.
  public static let meanPrecision = Metric()
  /// Dice's coefficient of an image, also called F1.
  public static let dice = Metric(measure: .dice)
  /// Intersection over union of an image, also called Jaccard's index.
  public static let iou = Metric(measure: .iou)

  /// Points of the algebra that have a name, in the order of messages.
  static let named: [(name: String, metric: Metric)] = [
    ("mean-precision", meanPrecision), ("dice", dice), ("iou", iou),
  ]

  /// The name, as params.yaml has it; of a metric without one, unit and measure.
  public var name: String {
    if command != nil { return "command" }
    if let (name, _) = Self.named.first(where: { $0.metric == self }) { return name }
    let beta = betaHundredths == 100 ? "" : " \(Double(betaHundredths) / 100)"
    switch measure {
    case .dice, .iou, .precision: return "\(unit.rawValue) \(measure.rawValue)"
    case .fBeta: return "\(unit.rawValue) f-beta\(beta)"
    case .fBetaThresholds: return "\(unit.rawValue) f-beta-thresholds\(beta)"
    }
  }

  /// Whether instances have to be counted.
  public var countsInstances: Bool { unit == .instance }
}
