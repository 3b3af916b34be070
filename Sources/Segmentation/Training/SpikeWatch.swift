// When a training has gone wrong though its numbers are still finite: the loss has jumped up and
// stays there.

/// The running median of the steps' losses, and for how many steps they have been far above it.
package struct SpikeWatch: Codable, Equatable {
  /// Losses that the median is of; before there are so many, nothing is said.
  private static let window = 50
  /// Steps in a row that are a spike: single ones are batches of hard images.
  private static let persistence = 10
  /// The median counts as no less than this share of the first one, so that a loss that has come near
  /// zero may be many times itself.
  private static let leastShare = 0.05

  /// The latest that were not far above.
  private var losses: [Double] = []
  private var firstMedian: Double?
  private var above = 0

  /// At the start of a training.
  package init() {}

  /// Whether the latest loss was far above the median.
  package var isRising: Bool { above > 0 }

  /// Takes in a step's loss.
  /// - Parameter factor: how many times the median is far above; 0 if nothing is.
  /// - Returns: what has happened, if training should stop.
  package mutating func note(_ loss: Double, factor: Double) -> String? {
    guard factor > 0 else { return nil }
    guard losses.count == Self.window else {
      losses.append(loss)
      return nil
    }
    let median = losses.sorted()[Self.window / 2]
    let first = firstMedian ?? median
    firstMedian = first
    guard loss > factor * max(median, Self.leastShare * first) else {
      above = 0
      losses.removeFirst()
      losses.append(loss)
      return nil
    }
    above += 1
    guard above >= Self.persistence else { return nil }
    return "the loss has been above \(factor) times its running median of "
      + "\(rounded(median)) for \(above) steps, and is \(rounded(loss)) now"
  }

  private func rounded(_ loss: Double) -> Float { Float((loss * 1e4).rounded() / 1e4) }
}
