// Whether one submission should score more than another, by what was measured before Kaggle saw either.

/// The difference of two estimates, with its noise.
public struct ScoreGain: Sendable, Equatable, Codable {
  /// What the noise was judged by.
  public enum Basis: String, Sendable, Codable {
    /// The same images in both, in pairs.
    case images
    /// The spread of the folds of each, as if they had nothing to do with each other: a wider band.
    case folds
  }

  /// New less old.
  public var difference: Double
  /// Half the width of the 95 % interval around it; nil where there is nothing to judge it by.
  public var band: Double?
  /// What the band comes from.
  public var basis: Basis?
  /// How many images in pairs, or folds of the smaller division.
  public var count: Int?

  /// Whether the interval holds 0; nil where there is none.
  public var isNoise: Bool? { band.map { abs(difference) <= $0 } }

  /// A difference with the band that pairs of images give.
  public init(
    _ old: SubmissionLedger.Estimate, _ new: SubmissionLedger.Estimate, _ paired: PairedDifference?
  ) {
    difference = new.mean - old.mean
    if let paired, let band = paired.band {
      (self.band, basis, count) = (band, .images, paired.count)
      return
    }
    // Welch's interval, with the degrees of freedom of the smaller division, which is the widest choice.
    guard let a = old.deviation, let b = new.deviation else { return }
    let (n, m) = (Double(old.folds.count), Double(new.folds.count))
    let least = min(old.folds.count, new.folds.count)
    band =
      PairedDifference.quantile(degrees: least - 1) * (a * a / n + b * b / m).squareRoot()
    (basis, count) = (.folds, least)
  }
}

extension RunHistory {
  /// How much more a submission should score than another one; nil where either has no estimate.
  ///
  /// - Throws: `PipelineError` where a run's record is damaged.
  public func gain(from old: SubmissionLedger.Entry, to new: SubmissionLedger.Entry) throws
    -> ScoreGain?
  {
    guard let before = old.estimate, let after = new.estimate else { return nil }
    // The same measurement has no noise.
    let isSame = before.run == after.run && before.instance == after.instance
    let paired = isSame ? nil : try scoreChanges(from: before.run, to: after.run)?.byRow
    var gain = ScoreGain(before, after, paired)
    if isSame { (gain.band, gain.basis, gain.count) = (nil, nil, nil) }
    return gain
  }
}
