// What a plan wants to know of a kind of layer, whatever its settings.

extension Layer {
  var isDense: Bool { if case .dense = self { true } else { false } }

  /// The limits of an activation that only clamps; nil for other layers.
  var clamp: ClosedRange<Float>? {
    if case .activation(let activation) = self { activation.clamp } else { nil }
  }

  /// Whether its backward pass leaves the gradient of its result as it is.
  var onlyReadsGradient: Bool {
    switch self {
    case .convolution, .batchNorm: true
    default: false
    }
  }

  /// What computing it counts as.
  var workKind: WorkKind {
    switch self {
    case .convolution, .transposedConvolution, .dense: .convolutionForward
    case .batchNorm, .groupNorm, .activation: .normalization
    case .pool, .slidingPool, .globalAveragePool, .adaptiveAveragePool: .pooling
    default: .other
    }
  }

  /// Whether the layer reads and writes memory of any element, forward and backward.
  var takesAnyElement: Bool {
    switch self {
    case .convolution, .transposedConvolution, .batchNorm, .groupNorm, .activation, .concatenate,
      .pool, .slidingPool, .globalAveragePool, .adaptiveAveragePool, .upsample, .add, .multiply,
      .conjunction:
      true
    default: false
    }
  }

  /// Whether the result may lie in the input's memory.
  var sharesMemory: Bool {
    switch self {
    case .batchNorm, .activation(.relu), .activation(.relu6), .concatenate: true
    default: false
    }
  }
}
