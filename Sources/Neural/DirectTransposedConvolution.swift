// Transposed convolution whose windows do not overlap, by the direct kernels: each tap is a 1 x 1
// convolution into every stride-th pixel.

import CKernels

final class DirectTransposedConvolution: ConvolutionOperation {
  private let kernels: Kernels
  private let geometry: ConvolutionGeometry
  private let channels: Int
  private let filters: Int
  private let tapCount: Int

  let forwardCount: Int
  let backwardCount: Int
  let scratchCount = 64
  let gradientCount: Int
  let gradientParts = 1

  init(_ kernels: Kernels, _ geometry: ConvolutionGeometry) {
    self.kernels = kernels
    self.geometry = geometry
    channels = geometry.input.channels
    filters = geometry.output.channels
    tapCount = kernels.call.packed_count(1, channels, filters)
    forwardCount = tapCount * geometry.taps
    backwardCount = kernels.call.packed_count(geometry.taps, filters, channels)
    gradientCount = geometry.taps * channels * filters
  }

  /// dw is [kh][channels][kw][filters].
  var gradientOrder: [Int] {
    let kernel = geometry.kernel
    var order: [Int] = []
    order.reserveCapacity(gradientCount)
    for row in 0..<kernel {
      for col in 0..<kernel {
        for channel in 0..<channels {
          for filter in 0..<filters {
            order.append(((row * channels + channel) * kernel + col) * filters + filter)
          }
        }
      }
    }
    return order
  }

  func prepareForward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    for tap in 0..<geometry.taps {
      kernels.call.pack(
        1, channels, filters, weights + tap * channels * filters, 0, filters, 1, 0,
        prepared + tap * tapCount)
    }
  }

  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    kernels.call.pack(
      geometry.taps, filters, channels, weights, channels * filters, 1, filters, 0, prepared)
  }

  func forward(
    _ x: Pixels, _ y: Pixels, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    let outRow = geometry.output.width * y.pitch
    var g = ck_conv()
    g.kh = 1
    g.kw = 1
    g.cin = channels
    g.cout = filters
    g.rows = geometry.input.height
    g.cols = geometry.input.width
    g.x_row = geometry.input.width * x.pitch
    g.x_col = x.pitch
    g.y_row = geometry.stride * outRow
    g.y_col = geometry.stride * y.pitch
    g.relu = relu ? 1 : 0
    for tap in 0..<geometry.taps {
      let (row, col) = (tap / geometry.kernel, tap % geometry.kernel)
      kernels.call.conv(
        &g, x.pointer, prepared + tap * tapCount, bias, y.pointer + row * outRow + col * y.pitch)
    }
  }

  /// The geometry from the larger image to the smaller.
  private func adjoint(large: Pixels, small: Pixels) -> ck_conv {
    let line = geometry.output.width * large.pitch
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = filters
    g.cout = channels
    g.rows = geometry.input.height
    g.cols = geometry.input.width
    g.x_row = geometry.stride * line
    g.x_col = geometry.stride * large.pitch
    g.tap_row = line
    g.tap_col = large.pitch
    g.y_row = geometry.input.width * small.pitch
    g.y_col = small.pitch
    return g
  }

  func backwardData(
    _ dy: Pixels, _ dx: Pixels, prepared: UnsafePointer<Float>, accumulate: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var g = adjoint(large: dy, small: dx)
    g.accumulate = accumulate ? 1 : 0
    kernels.call.conv(&g, dy.pointer, prepared, nil, dx.pointer)
  }

  func backwardWeights(
    _ x: Pixels, _ dy: Pixels, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var g = adjoint(large: dy, small: x)
    kernels.call.conv_weights(&g, dy.pointer, x.pointer, dw)
  }
}
