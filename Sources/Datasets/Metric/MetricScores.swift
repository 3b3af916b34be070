// From counts to scores.

extension Metric {
  /// The score of one image and class by its pixels, 0…1; 0 where it doesn't count.
  ///
  /// For thresholds, a mask is one object, which is hit or missed.
  public func score(_ overlap: Overlap) -> Double { unitScore(overlap) ?? 0 }

  /// The score of images, 0…1; 0 where none counts. Sums run in the images' order.
  /// - Parameter images: of each its counts; all of as many classes.
  public func score(of images: some Sequence<Tally>) -> Double {
    switch unit {
    case .pixels: Self.mean(pooled(images).map(unitScore))
    case .image: Self.mean(images.map { unitScore($0.overlap) })
    case .imageClass, .instance: Self.mean(images.flatMap(classScores))
    }
  }

  /// The score of each class by itself, 0…1; nil where nothing of it counts.
  public func classScores(of images: [Tally]) -> [Double?] {
    let classes = images.first?.classes.count ?? 0
    return (0..<classes).map { index in
      let alone = images.map { Tally(classes: [$0.classes[index]]) }
      let scores: [Double?] =
        switch unit {
        case .pixels: pooled(alone).map(unitScore)
        default: alone.flatMap(classScores)
        }
      return scores.contains { $0 != nil } ? Self.mean(scores) : nil
    }
  }

  /// The score of each class of one image; nil where it doesn't count.
  func classScores(_ image: Tally) -> [Double?] {
    image.classes.map { counts in
      unit == .instance ? unitScore(counts.hits(metric: self)) : unitScore(counts.overlap)
    }
  }

  /// The pixels of each class over all images.
  private func pooled(_ images: some Sequence<Tally>) -> [Overlap] {
    var sums: [Overlap] = []
    for image in images {
      if sums.isEmpty {
        sums = image.classes.map(\.overlap)
      } else {
        for (index, counts) in image.classes.enumerated() { sums[index].add(counts.overlap) }
      }
    }
    return sums
  }

  private static func mean(_ scores: [Double?]) -> Double {
    var (sum, count) = (0.0, 0)
    for case let score? in scores {
      sum += score
      count += 1
    }
    return count == 0 ? 0 : sum / Double(count)
  }

  /// What holds for a unit where truth, or both, are empty; nil where the measure decides.
  private func emptyScore(truth: Int, predicted: Int) -> Double?? {
    guard truth == 0 else { return nil }
    if empty == .truthOnly { return .some(nil) }
    guard predicted == 0 else { return .some(0) }
    switch empty {
    case .one: return .some(1)
    case .zero: return .some(0)
    case .skip, .truthOnly: return .some(nil)
    }
  }

  private func unitScore(_ overlap: Overlap) -> Double? {
    if let score = emptyScore(truth: overlap.truth, predicted: overlap.predicted) { return score }
    let (intersection, union) = (overlap.intersection, overlap.union)
    switch measure {
    case .dice: return Double(2 * intersection) / Double(overlap.truth + overlap.predicted)
    case .iou: return Double(intersection) / Double(union)
    case .fBeta:
      return fBeta(
        hits: intersection, missed: overlap.truth - intersection,
        false: overlap.predicted - intersection)
    case .precision, .fBetaThresholds:
      // One object, found or missed: both measures are the share of thresholds below its IoU.
      // Decided in whole numbers, so that an IoU of exactly 0.55 never counts as more.
      return Double(thresholds.count { 100 * intersection > $0 * union })
        / Double(thresholds.count)
    }
  }

  private func unitScore(_ hits: InstanceHits) -> Double? {
    if let score = emptyScore(truth: hits.truth, predicted: hits.predicted) { return score }
    switch measure {
    case .dice, .iou, .fBeta:
      return ratio(hits, hits.hits[0])
    case .precision, .fBetaThresholds:
      return hits.hits.reduce(0) { $0 + ratio(hits, $1) } / Double(hits.hits.count)
    }
  }

  /// The measure of instances at one threshold.
  private func ratio(_ counts: InstanceHits, _ hits: Int) -> Double {
    let (missed, false_) = (counts.truth - hits, counts.predicted - hits)
    switch measure {
    case .dice: return Double(2 * hits) / Double(counts.truth + counts.predicted)
    case .iou, .precision: return Double(hits) / Double(hits + missed + false_)
    case .fBeta, .fBetaThresholds: return fBeta(hits: hits, missed: missed, false: false_)
    }
  }

  /// (1 + β²) TP / ((1 + β²) TP + β² FN + FP), with β in hundredths.
  private func fBeta(hits: Int, missed: Int, false wrong: Int) -> Double {
    let beta = betaHundredths * betaHundredths
    let gain = (10_000 + beta) * hits
    return Double(gain) / Double(gain + beta * missed + 10_000 * wrong)
  }
}
