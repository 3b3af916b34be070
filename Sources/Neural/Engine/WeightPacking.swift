// Bringing weights into the order that the kernels of convolutions read.

import CKernels

/// Where the weights of a convolution are, in floats from one to the next. The stride of channels or that
/// of filters is 1.
struct WeightStrides {
  var tap: Int
  /// From a channel that is read to the next.
  var channel: Int
  /// From a channel that is written to the next.
  var filter: Int
}

extension Kernels {
  /// Floats that packed weights need.
  func packedCount(taps: Int, channels: Int, filters: Int) -> Int {
    call.packed_count(taps, channels, filters)
  }

  /// Packs the weights of `taps` taps for `conv`.
  /// - Parameter reversed: whether the last tap comes first, as for gradients of inputs.
  func pack(
    taps: Int, channels: Int, filters: Int, _ weights: UnsafePointer<Float>,
    _ strides: WeightStrides, reversed: Bool = false, into packed: UnsafeMutablePointer<Float>
  ) {
    call.pack(
      taps, channels, filters, weights, strides.tap, strides.channel, strides.filter,
      reversed ? 1 : 0, packed)
  }
}

extension BFloat16Kernels {
  /// Words that packed weights need.
  func packedCount(taps: Int, channels: Int, filters: Int) -> Int {
    call.packed_count(taps, channels, filters)
  }

  /// Rounds and packs the weights of `taps` taps for `conv`.
  /// - Parameter reversed: whether the last tap comes first, as for gradients of inputs.
  func pack(
    taps: Int, channels: Int, filters: Int, _ weights: UnsafePointer<Float>,
    _ strides: WeightStrides, reversed: Bool = false, into packed: UnsafeMutablePointer<Float>
  ) {
    call.pack(
      taps, channels, filters, weights, strides.tap, strides.channel, strides.filter,
      reversed ? 1 : 0, packed)
  }
}
