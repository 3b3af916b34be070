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

    /// A mean and a deviation above 0.
    public init(mean: Float, deviation: Float) {
      self.mean = mean
      self.deviation = deviation
    }

    func callAsFunction(_ value: Float) -> Float { (value - mean) / deviation }
  }

  /// One a channel, of values in 0...1.
  public var channels: [Scale]
  /// One a feature.
  public var features: [Scale]

  /// The scales of these images of a set: sums are taken in whole numbers, so that the order of
  /// images does not matter.
  public init(of set: ImageSet, _ indices: [Int]) {
    precondition(!indices.isEmpty, "normalization needs an image")
    let (sums, full, pixels) = set.sums(indices)
    channels = sums.map { channel in
      let count = Double(pixels)
      let mean = Double(channel.sum) / count
      return Self.scale(
        mean: mean / full,
        variance: (Double(channel.squares) / count - mean * mean) / (full * full))
    }
    features = (0..<set.featureCount).map { feature in
      let values = indices.sorted().map { Double(set.features[$0][feature]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance =
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return Self.scale(mean: mean, variance: variance)
    }
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
