// Means and standard deviations of the training images, by which images and depths are scaled
// before a network sees them. They belong to a model, and are kept with it.

/// Scales images and features to mean 0 and standard deviation 1 over the training images.
public struct Normalization: Sendable, Equatable, Codable {
  /// Mean and standard deviation of one channel or feature.
  public struct Scale: Sendable, Equatable, Codable {
    /// The mean.
    public var mean: Float
    /// The standard deviation; 1 where all values are the same.
    public var deviation: Float
    /// What lower values count as, and higher ones; nil: themselves. The mean is that of these values.
    public var lowest: Float?
    /// See `lowest`.
    public var highest: Float?

    /// A mean and a deviation above 0.
    public init(mean: Float, deviation: Float) {
      self.mean = mean
      self.deviation = deviation
    }

    /// Whether values can be scaled by it; in a file may be anything.
    var isUsable: Bool {
      mean.isFinite && deviation.isFinite && deviation > 0 && (lowest ?? 0) <= (highest ?? 0)
    }

    func callAsFunction(_ value: Float) -> Float {
      guard let lowest, let highest else { return (value - mean) / deviation }
      return (min(max(value, lowest), highest) - mean) / deviation
    }
  }

  /// One a channel, of values in 0...1.
  public var channels: [Scale]
  /// One a feature.
  public var features: [Scale]

  /// The scales of these images of a set: sums are taken in whole numbers, so that the order of
  /// images does not matter.
  /// - Parameter percentiles: two of each channel's samples, 0...100, beyond which values are clipped first
  ///   (as nnU-Net does with computed tomography; Isensee et al., 2021); nil: none is.
  public init(of set: ImageSet, _ indices: [Int], percentiles: ClosedRange<Double>? = nil) {
    precondition(!indices.isEmpty, "normalization needs an image")
    if let percentiles {
      channels = set.histograms(indices).map { Self.scale(of: $0, within: percentiles) }
    } else {
      let (sums, full, pixels) = set.sums(indices)
      channels = sums.map { channel in
        let count = Double(pixels)
        let mean = Double(channel.sum) / count
        return Self.scale(
          mean: mean / full,
          variance: (Double(channel.squares) / count - mean * mean) / (full * full))
      }
    }
    features = (0..<set.featureCount).map { feature in
      let values = indices.sorted().map { Double(set.features[$0][feature]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance =
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return Self.scale(mean: mean, variance: variance)
    }
  }

  /// The scale of a channel with these counts of samples, clipped at the least samples that at least such a
  /// share of all don't exceed.
  private static func scale(of counts: [UInt64], within percentiles: ClosedRange<Double>) -> Scale {
    let full = Double(counts.count - 1)
    let total = Double(counts.reduce(0, +))
    func sample(at percentile: Double) -> Int {
      var sum: UInt64 = 0
      return counts.firstIndex { count in
        sum += count
        return sum > 0 && Double(sum) >= percentile / 100 * total
      } ?? counts.count - 1
    }
    let (low, high) = (sample(at: percentiles.lowerBound), sample(at: percentiles.upperBound))
    var (mean, squares) = (0.0, 0.0)
    for (sample, count) in counts.enumerated() where count > 0 {
      let value = Double(min(max(sample, low), high)) / full
      mean += value * Double(count) / total
      squares += value * value * Double(count) / total
    }
    var scale = Self.scale(mean: mean, variance: squares - mean * mean)
    scale.lowest = Float(Double(low) / full)
    scale.highest = Float(Double(high) / full)
    return scale
  }

  private static func scale(mean: Double, variance: Double) -> Scale {
    Scale(mean: Float(mean), deviation: variance > 1e-12 ? Float(variance.squareRoot()) : 1)
  }

  /// Scales the values of an image in place, [height, width, channels].
  func apply(to values: inout [Float]) {
    if channels.count == 1 {
      let scale = channels[0]
      values.withUnsafeMutableBufferPointer { values in
        for index in values.indices { values[index] = scale(values[index]) }
      }
    } else {
      let count = channels.count
      channels.withUnsafeBufferPointer { channels in
        values.withUnsafeMutableBufferPointer { values in
          for start in stride(from: 0, to: values.count, by: count) {
            for channel in 0..<count {
              values[start + channel] = channels[channel](values[start + channel])
            }
          }
        }
      }
    }
  }

  /// Scaled features.
  func apply(features values: [Float]) -> [Float] {
    zip(values, features).map { $1($0) }
  }
}
