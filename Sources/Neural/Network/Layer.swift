// The kinds of layers and their settings. Shapes and parameters follow from these elsewhere.

package enum Layer: Sendable, Equatable, Codable {
  case image(channels: Int)
  case features(count: Int)
  case reflectPad(top: Int, bottom: Int, left: Int, right: Int)
  case crop(top: Int, left: Int, height: Int, width: Int)
  case convolution(Convolution)
  case transposedConvolution(filters: Int, kernel: Int, stride: Int, bias: Bool)
  case batchNorm(momentum: Float, epsilon: Float)
  case groupNorm(groups: Int, epsilon: Float)
  case dense(units: Int, bias: Bool)
  case activation(Activation)
  /// Windows side by side.
  case pool(Pooling, size: Int)
  /// Windows that may overlap, leave gaps or reach beyond the image.
  case slidingPool(Pooling, Window)
  case globalAveragePool
  case adaptiveAveragePool(height: Int, width: Int)
  case upsample(factor: Int, Network.Interpolation)
  case concatenate
  case add
  case multiply
  case broadcast
  case coordinates
  case conjunction
  case dropout(rate: Double, spatial: Bool)

  /// The word for this layer in errors and in the summary.
  package var label: String {
    switch self {
    case .image: "image"
    case .features: "features"
    case .reflectPad: "reflect pad"
    case .crop: "crop"
    case .convolution(let c):
      "conv \(c.kernel)x\(c.kernel)" + (c.stride > 1 ? " /\(c.stride)" : "")
    case .transposedConvolution(_, let kernel, let stride, _):
      "up-conv \(kernel)x\(kernel) /\(stride)"
    case .batchNorm: "batch norm"
    case .groupNorm(let groups, _): "group norm of \(groups)"
    case .dense: "dense"
    case .activation(let activation): activation.rawValue
    case .pool(let pooling, let size): "\(pooling.rawValue) pool \(size)x\(size)"
    case .slidingPool(let pooling, let window):
      "\(pooling.rawValue) pool \(window.size)x\(window.size) /\(window.stride)"
    case .globalAveragePool: "global average pool"
    case .adaptiveAveragePool(let height, let width): "average pool to \(height)x\(width)"
    case .upsample(let factor, let interpolation): "upsample x\(factor) \(interpolation.rawValue)"
    case .concatenate: "concatenate"
    case .add: "add"
    case .multiply: "multiply"
    case .broadcast: "broadcast"
    case .coordinates: "coordinates"
    case .conjunction: "both"
    case .dropout(let rate, let spatial): "\(spatial ? "spatial " : "")dropout \(rate)"
    }
  }
}

/// Settings of a convolution.
package struct Convolution: Sendable, Equatable, Codable {
  package var filters: Int
  package var kernel: Int
  package var stride: Int
  package var dilation: Int
  package var groups: Int
  package var bias: Bool

  /// Zeros on each side of the image.
  package var padding: Int { dilation * (kernel - 1) / 2 }
}

package enum Activation: String, Sendable, Equatable, Codable {
  case relu, relu6, elu, silu, sigmoid

  /// The limits of an activation that only clamps; nil for others.
  var clamp: ClosedRange<Float>? {
    switch self {
    case .relu: 0...(.infinity)
    case .relu6: 0...6
    default: nil
    }
  }
}

package enum Pooling: String, Sendable, Equatable, Codable {
  case maximum = "max"
  case average
}

/// The windows of a pooling layer along both sides.
package struct Window: Sendable, Equatable, Codable {
  /// Pixels on each side.
  package var size: Int
  /// Pixels from a window to the next.
  package var stride: Int
  /// Pixels beyond each side of the image that windows may begin or end at.
  package var padding: Int

  /// How many windows fit a side of `count` pixels.
  func results(_ count: Int) -> Int { (count + 2 * padding - size) / stride + 1 }
}
