// Convolution of every channel by itself (groups = channels = filters): vectors run along the channels,
// over bands of padded rows as in DirectConvolution. It computes in float32 whatever memory holds: with as
// few products as there are, reading and writing take the time.

import CKernels

/// Floats of padded rows that are worked on at once; 384 KiB, a fraction of a core's L2 cache. Channels are
/// many, and the rows that two bands share are read twice.
private let bandSize = 98_304

final class DepthwiseConvolution: ReorderedGradient {
  private let kernels: Kernels
  private let geometry: ConvolutionGeometry
  private let channels: Int
  /// Rows of a band, and floats of its input with border.
  private let band: (forward: Int, backward: Int)
  private let padded: (forward: Int, backward: Int)
  /// Set where the gradient of the input is worked out by remainders of the stride.
  private let strided: StridedTapSet?

  let gradientCount: Int
  let scratchCount: Int
  let gradientParts = 1
  var forwardCount: Int { gradientCount }
  var backwardCount: Int { gradientCount }

  /// Nil where a group has several channels or filters.
  init?(_ kernels: Kernels, _ geometry: ConvolutionGeometry) {
    let (input, output, stride) = (geometry.input, geometry.output, geometry.stride)
    channels = input.channels
    guard geometry.groups > 1, geometry.groups == channels, output.channels == channels
    else { return nil }
    self.kernels = kernels
    self.geometry = geometry
    gradientCount = geometry.taps * channels
    let reach = geometry.dilation * (geometry.kernel - 1)
    let line = (input.width + reach) * channels
    band.forward = min(output.height, max(1, (bandSize / line - reach) / stride))
    padded.forward = ((band.forward - 1) * stride + reach + 1) * line
    strided = stride > 1 && geometry.dilation == 1 ? StridedTapSet(geometry) : nil
    if let strided {
      let row = strided.results(input.width) * channels
      band.backward = min(input.height, max(1, bandSize / row - strided.reach) * stride)
      padded.backward = strided.results(band.backward) * row
    } else {
      band.backward = min(input.height, max(1, bandSize / line - reach))
      padded.backward = (band.backward + reach) * line
    }
    scratchCount = max(
      padded.forward + band.forward * output.width * channels,
      padded.backward + band.backward * input.width * channels)
  }

  /// dw is [tap][channel], the engine's order [channel][tap].
  var gradientOrder: [Int] {
    let taps = geometry.taps
    return (0..<gradientCount).map { $0 % taps * channels + $0 / taps }
  }

  func prepareForward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    let taps = geometry.taps
    for i in 0..<gradientCount { prepared[i % taps * channels + i / taps] = weights[i] }
  }

  /// The gradient of the input is a convolution with taps reversed; of each pair of remainders by itself
  /// where there is a stride.
  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    let taps = geometry.taps
    if let strided {
      var to = prepared
      strided.forEachPair { row, column in
        for i in (0..<row.taps).reversed() {
          for j in (0..<column.taps).reversed() {
            let tap =
              (row.first + i * strided.stride) * geometry.kernel
              + column.first + j * strided.stride
            for channel in 0..<channels { to[channel] = weights[channel * taps + tap] }
            to += channels
          }
        }
      }
      return
    }
    for i in 0..<gradientCount {
      prepared[(taps - 1 - i % taps) * channels + i / taps] = weights[i]
    }
  }

  func forward(
    _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    var (x, y) = (x, y)
    let output = geometry.output
    var g = distances(stride: geometry.stride)
    g.cols = output.width
    g.relu = relu ? 1 : 0
    for row in stride(from: 0, to: output.height, by: band.forward) {
      g.rows = min(band.forward, output.height - row)
      load(&x, row: row, rows: g.rows, scratch)
      let result = y.begin(row * output.width, scratch: scratch + padded.forward)
      g.y_row = output.width * result.pitch
      g.y_col = result.pitch
      g.accumulate = result.accumulate ? 1 : 0
      kernels.call.depthwise(&g, scratch, prepared, bias, result.pointer)
      y.end(result, row * output.width, g.rows * output.width)
    }
  }

  func backwardData(
    _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    if let strided {
      backwardStrided(strided, dy, dx, prepared: prepared, scratch: scratch)
      return
    }
    var (dy, dx) = (dy, dx)
    let input = geometry.input
    let reach = geometry.dilation * (geometry.kernel - 1)
    let border = Border(
      shape: geometry.output, columns: input.width + reach, border: reach - geometry.padding,
      spread: geometry.stride)
    var g = distances(stride: 1)
    g.cols = input.width
    for row in stride(from: 0, to: input.height, by: band.backward) {
      g.rows = min(band.backward, input.height - row)
      dy.pad(border, first: row, rows: g.rows + reach, into: scratch)
      let result = dx.begin(row * input.width, scratch: scratch + padded.backward)
      g.y_row = input.width * result.pitch
      g.y_col = result.pitch
      g.accumulate = result.accumulate ? 1 : 0
      kernels.call.depthwise(&g, scratch, prepared, nil, result.pointer)
      dx.end(result, row * input.width, g.rows * input.width)
    }
  }

  private func backwardStrided(
    _ strided: StridedTapSet, _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var (dy, dx) = (dy, dx)
    let (input, stride) = (geometry.input, strided.stride)
    let columns = strided.results(input.width)
    let border = Border(shape: geometry.output, columns: columns, border: strided.border)
    var g = ck_conv()
    g.cin = channels
    g.cout = channels
    g.x_row = columns * channels
    g.x_col = channels
    g.tap_row = g.x_row
    g.tap_col = g.x_col
    // Inputs that no tap reaches have no gradient.
    let isSparse = strided.all.contains { $0.taps == 0 }
    for first in Swift.stride(from: 0, to: input.height, by: band.backward) {
      let rows = min(band.backward, input.height - first)
      dy.pad(border, first: first / stride, rows: strided.results(rows), into: scratch)
      let result = dx.begin(first * input.width, scratch: scratch + padded.backward)
      if isSparse, !result.accumulate {
        for pixel in 0..<(rows * input.width) {
          (result.pointer + pixel * result.pitch).update(repeating: 0, count: channels)
        }
      }
      g.y_row = stride * input.width * result.pitch
      g.y_col = stride * result.pitch
      g.accumulate = result.accumulate ? 1 : 0
      var weights = prepared
      strided.forEachPair { row, column in
        (g.kh, g.kw) = (row.taps, column.taps)
        g.rows = strided.count(rows, of: row.remainder)
        g.cols = strided.count(input.width, of: column.remainder)
        let from = scratch + strided.start(row) * g.x_row + strided.start(column) * channels
        let to = result.pointer + (row.remainder * input.width + column.remainder) * result.pitch
        if g.rows > 0, g.cols > 0 { kernels.call.depthwise(&g, from, weights, nil, to) }
        weights += row.taps * column.taps * channels
      }
      dx.end(result, first * input.width, rows * input.width)
    }
  }

  func backwardWeights(
    _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var (x, dy) = (x, dy)
    let output = geometry.output
    var g = distances(stride: geometry.stride)
    g.cols = output.width
    for row in stride(from: 0, to: output.height, by: band.forward) {
      g.rows = min(band.forward, output.height - row)
      load(&x, row: row, rows: g.rows, scratch)
      let gradient = dy.pixels(
        row * output.width, g.rows * output.width, scratch: scratch + padded.forward)
      g.y_row = output.width * gradient.pitch
      g.y_col = gradient.pitch
      kernels.call.depthwise_weights(&g, scratch, gradient.pointer, dw)
    }
  }

  /// What results `row`..<`row + rows` read, with its border.
  private func load(
    _ x: inout Source, row: Int, rows: Int, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let reach = geometry.dilation * (geometry.kernel - 1)
    x.pad(
      Border(
        shape: geometry.input, columns: geometry.input.width + reach, border: geometry.padding),
      first: row * geometry.stride, rows: (rows - 1) * geometry.stride + reach + 1, into: scratch)
  }

  /// Distances in padded rows, for results `stride` pixels apart.
  private func distances(stride: Int) -> ck_conv {
    let line = (geometry.input.width + geometry.dilation * (geometry.kernel - 1)) * channels
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = channels
    g.cout = channels
    g.x_row = stride * line
    g.x_col = stride * channels
    g.tap_row = geometry.dilation * line
    g.tap_col = geometry.dilation * channels
    return g
  }
}
