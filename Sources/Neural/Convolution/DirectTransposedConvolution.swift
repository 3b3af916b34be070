// Transposed convolution whose windows do not overlap, by the direct kernels: each tap is a 1 x 1
// convolution into every stride-th pixel.

import CKernels

/// Floats of both images that are worked on at once; 256 KiB, a fraction of a core's L2 cache.
private let bandSize = 65_536

final class DirectTransposedConvolution: ReorderedGradient {
  private let kernels: Kernels
  private let geometry: ConvolutionGeometry
  private let channels: Int
  private let filters: Int
  private let tapCount: Int

  let forwardCount: Int
  let backwardCount: Int
  let scratchCount: Int
  /// Rows of the smaller image in a band.
  private let band: Int
  let gradientCount: Int
  let gradientParts = 1

  init(_ kernels: Kernels, _ geometry: ConvolutionGeometry) {
    self.kernels = kernels
    self.geometry = geometry
    channels = geometry.input.channels
    filters = geometry.output.channels
    tapCount = kernels.packedCount(taps: 1, channels: channels, filters: filters)
    forwardCount = tapCount * geometry.taps
    backwardCount = kernels.packedCount(taps: geometry.taps, channels: filters, filters: channels)
    gradientCount = geometry.taps * channels * filters
    let (input, output) = (geometry.input, geometry.output)
    let row = input.width * input.channels + geometry.stride * output.width * output.channels
    band = min(input.height, max(1, bandSize / row))
    scratchCount = band * row + 128
  }

  /// Floats of a band of the smaller image.
  private var smallCount: Int { band * geometry.input.width * geometry.input.channels + 64 }

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
      kernels.pack(
        taps: 1, channels: channels, filters: filters, weights + tap * channels * filters,
        WeightStrides(tap: 0, channel: filters, filter: 1), into: prepared + tap * tapCount)
    }
  }

  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    kernels.pack(
      taps: geometry.taps, channels: filters, filters: channels, weights,
      WeightStrides(tap: channels * filters, channel: 1, filter: filters), into: prepared)
  }

  func forward(
    _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    var (x, y) = (x, y)
    let (input, output) = (geometry.input, geometry.output)
    var g = ck_conv()
    g.kh = 1
    g.kw = 1
    g.cin = channels
    g.cout = filters
    g.cols = input.width
    g.relu = relu ? 1 : 0
    for first in stride(from: 0, to: input.height, by: band) {
      g.rows = min(band, input.height - first)
      let small = rows(&x, first, g.rows, input, scratch)
      g.x_row = input.width * small.pitch
      g.x_col = small.pitch
      let position = first * geometry.stride * output.width
      let result = y.begin(position, scratch: scratch + smallCount)
      let line = output.width * result.pitch
      g.y_row = geometry.stride * line
      g.y_col = geometry.stride * result.pitch
      g.accumulate = result.accumulate ? 1 : 0
      for tap in 0..<geometry.taps {
        let (row, col) = (tap / geometry.kernel, tap % geometry.kernel)
        kernels.call.conv(
          &g, small.pointer, prepared + tap * tapCount, bias,
          result.pointer + row * line + col * result.pitch)
      }
      y.end(result, position, g.rows * geometry.stride * output.width)
    }
  }

  /// Rows of an image where they are, or in scratch memory.
  private func rows(
    _ x: inout Source, _ first: Int, _ rows: Int, _ shape: Shape,
    _ scratch: UnsafeMutablePointer<Float>
  ) -> (pointer: UnsafePointer<Float>, pitch: Int) {
    if let plain = x.plain {
      return (plain.pointer + first * shape.width * plain.pitch, plain.pitch)
    }
    x.read(first * shape.width, rows * shape.width, into: scratch, pitch: shape.channels)
    return (UnsafePointer(scratch), shape.channels)
  }

  /// The geometry from `rows` rows of the larger image to the smaller, with these pitches.
  private func adjoint(large: Int, small: Int) -> ck_conv {
    let line = geometry.output.width * large
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = filters
    g.cout = channels
    g.cols = geometry.input.width
    g.x_row = geometry.stride * line
    g.x_col = geometry.stride * large
    g.tap_row = line
    g.tap_col = large
    g.y_row = geometry.input.width * small
    g.y_col = small
    return g
  }

  func backwardData(
    _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var (dy, dx) = (dy, dx)
    let (input, stride) = (geometry.input, geometry.stride)
    for first in Swift.stride(from: 0, to: input.height, by: band) {
      let count = min(band, input.height - first)
      let large = rows(
        &dy, first * stride, count * stride, geometry.output, scratch + smallCount)
      let result = dx.begin(first * input.width, scratch: scratch)
      var g = adjoint(large: large.pitch, small: result.pitch)
      g.rows = count
      g.accumulate = result.accumulate ? 1 : 0
      kernels.call.conv(&g, large.pointer, prepared, nil, result.pointer)
      dx.end(result, first * input.width, count * input.width)
    }
  }

  func backwardWeights(
    _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var (x, dy) = (x, dy)
    let (input, stride) = (geometry.input, geometry.stride)
    for first in Swift.stride(from: 0, to: input.height, by: band) {
      let count = min(band, input.height - first)
      let small = rows(&x, first, count, input, scratch)
      let large = rows(
        &dy, first * stride, count * stride, geometry.output, scratch + smallCount)
      var g = adjoint(large: large.pitch, small: small.pitch)
      g.rows = count
      kernels.call.conv_weights(&g, large.pointer, small.pointer, dw)
    }
  }
}
