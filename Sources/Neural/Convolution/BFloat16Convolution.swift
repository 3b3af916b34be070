// Convolution in bfloat16 with float32 sums by the direct kernels. Images stay float32 in memory:
// numbers are rounded where a band of rows is copied into padded scratch memory anyway.

import CKernels

/// Words of padded rows that are worked on at once; 128 KiB, a fraction of a core's L2 cache.
private let bandSize = 32_768
/// Filters in a part of the weights' gradient, and from how many floats on it is cut into parts.
private let partFilters = 32
private let partThreshold = 40_000

/// A convolution without groups. A word is two bfloat16 numbers in the place of a float.
final class BFloat16Convolution: ConvolutionOperation {
  private let kernels: BFloat16Kernels
  private let geometry: ConvolutionGeometry
  private let channels: Int
  private let filters: Int
  private let filtersInPart: Int
  /// Set where the gradient of the input is worked out by remainders of the stride.
  private let strided: StridedTapSet?
  private let band: (forward: Int, backward: Int, gradient: Int)
  /// Words of a band with its border.
  private let padded: (forward: Int, backward: Int)
  /// Floats between the weights of two channels and of two filters.
  private let strides: (channel: Int, filter: Int)

  let forwardCount: Int
  let backwardCount: Int
  let scratchCount: Int
  let gradientCount: Int

  /// - Parameter transposed: whether weights come with filters before channels.
  init(_ kernels: BFloat16Kernels, _ geometry: ConvolutionGeometry, transposed: Bool = false) {
    precondition(geometry.groups == 1, "groups are for float32")
    self.kernels = kernels
    self.geometry = geometry
    channels = geometry.input.channels
    filters = geometry.output.channels
    strides = transposed ? (1, channels) : (filters, 1)
    gradientCount = geometry.taps * even(channels) * filters
    filtersInPart =
      gradientCount > partThreshold && filters % partFilters == 0 ? partFilters : filters
    strided = geometry.stride > 1 && geometry.dilation == 1 ? StridedTapSet(geometry) : nil
    forwardCount = kernels.packedCount(taps: geometry.taps, channels: channels, filters: filters)
    backwardCount =
      strided?.packedCount(kernels, filters, channels)
      ?? kernels.packedCount(taps: geometry.taps, channels: filters, filters: channels)
    let reach = geometry.dilation * (geometry.kernel - 1)
    let (stride, input, output) = (geometry.stride, geometry.input, geometry.output)
    let columns = input.width + 2 * geometry.padding
    func rows(_ row: Int, over rows: Int = 0) -> Int { max(1, (bandSize / row - rows)) }
    let inRow = columns * even(channels) / 2
    let outRow = (input.width + reach) * even(filters) / 2
    band.forward = min(output.height, rows(inRow, over: reach) / stride + 1)
    if let strided {
      let row = strided.results(input.width) * even(filters) / 2
      band.backward = min(input.height, stride * rows(row, over: strided.reach))
      padded.backward = strided.results(band.backward) * row + 64
    } else {
      band.backward = min(input.height, rows(outRow, over: reach))
      padded.backward = (band.backward + reach) * outRow + 64
    }
    // Gradients read a word for each number.
    band.gradient = min(output.height, rows(2 * inRow, over: reach) / stride + 1)
    func taps(_ rows: Int) -> Int { (rows - 1) * stride + reach + 1 }
    padded.forward = taps(band.forward) * inRow + 64
    let gradientWords =
      (columns + stride) * even(channels) + taps(band.gradient) * 2 * inRow
      + band.gradient * (output.width + 1) / 2 * filtersInPart + output.width * even(filtersInPart)
    scratchCount =
      max(
        padded.forward + band.forward * output.width * filters,
        padded.backward + band.backward * input.width * channels, gradientWords) + 128
  }

  var gradientParts: Int { filters / filtersInPart }

  /// dw is [part][kh][filters in part][kw][channels, filled up to an even number].
  func gradientFinish() -> (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void {
    let (kernels, kernel, parts, partCount) = (kernels, geometry.kernel, gradientParts, partCount)
    let (channels, filters, strides) = (channels, filtersInPart, strides)
    let count = channels * filters * parts
    let pitch = kernel * even(channels)
    return { sum, gradients in
      for part in 0..<parts {
        for tap in 0..<(kernel * kernel) {
          let (row, column) = (tap / kernel, tap % kernel)
          let from = sum + part * partCount + row * filters * pitch + column * even(channels)
          let to = gradients + tap * count + part * filters * strides.filter
          if strides.filter == 1 {
            kernels.call.transpose(filters, channels, from, pitch, to, strides.channel)
          } else {
            for filter in 0..<filters {
              (to + filter * channels).update(from: from + filter * pitch, count: channels)
            }
          }
        }
      }
    }
  }

  private var partCount: Int { geometry.taps * even(channels) * filtersInPart }

  func prepareForward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    kernels.pack(
      taps: geometry.taps, channels: channels, filters: filters, weights,
      WeightStrides(
        tap: channels * filters, channel: strides.channel, filter: strides.filter),
      into: prepared)
  }

  /// The gradient of the input is a convolution with taps reversed, inputs and filters exchanged.
  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    if let strided {
      prepareStrided(strided, weights, into: prepared)
      return
    }
    kernels.pack(
      taps: geometry.taps, channels: filters, filters: channels, weights,
      WeightStrides(
        tap: channels * filters, channel: strides.filter, filter: strides.channel),
      reversed: true, into: prepared)
  }

  func forward(
    _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    var (x, y) = (x, y)
    let (output, stride, dilation) = (geometry.output, geometry.stride, geometry.dilation)
    let columns = geometry.input.width + 2 * geometry.padding
    let border = Border(shape: geometry.input, columns: columns, border: geometry.padding)
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = even(channels) / 2
    g.cout = filters
    g.cols = output.width
    g.x_row = stride * columns * g.cin
    g.x_col = stride * g.cin
    g.tap_row = dilation * columns * g.cin
    g.tap_col = dilation * g.cin
    g.relu = relu ? 1 : 0
    for row in Swift.stride(from: 0, to: output.height, by: band.forward) {
      g.rows = min(band.forward, output.height - row)
      x.padRounded(
        border, first: row * stride,
        rows: (g.rows - 1) * stride + dilation * (geometry.kernel - 1) + 1, into: numbers(scratch))
      let result = y.begin(row * output.width, scratch: scratch + padded.forward)
      g.y_row = output.width * result.pitch
      g.y_col = result.pitch
      g.accumulate = result.accumulate ? 1 : 0
      kernels.call.conv(&g, scratch, prepared, bias, result.pointer)
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
    let (input, dilation) = (geometry.input, geometry.dilation)
    let reach = dilation * (geometry.kernel - 1)
    let columns = input.width + reach
    let border = Border(
      shape: geometry.output, columns: columns, border: reach - geometry.padding,
      spread: geometry.stride)
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = even(filters) / 2
    g.cout = channels
    g.cols = input.width
    g.x_row = columns * g.cin
    g.x_col = g.cin
    g.tap_row = dilation * columns * g.cin
    g.tap_col = dilation * g.cin
    for row in stride(from: 0, to: input.height, by: band.backward) {
      g.rows = min(band.backward, input.height - row)
      dy.padRounded(border, first: row, rows: g.rows + reach, into: numbers(scratch))
      let result = dx.begin(row * input.width, scratch: scratch + padded.backward)
      g.y_row = input.width * result.pitch
      g.y_col = result.pitch
      g.accumulate = result.accumulate ? 1 : 0
      kernels.call.conv(&g, scratch, prepared, nil, result.pointer)
      dx.end(result, row * input.width, g.rows * input.width)
    }
  }

  /// Packs each row of taps by itself: taps of several are not the same distance apart.
  private func prepareStrided(
    _ strided: StridedTapSet, _ weights: UnsafePointer<Float>,
    into prepared: UnsafeMutablePointer<Float>
  ) {
    let (tap, stride, kernel) = (channels * filters, geometry.stride, geometry.kernel)
    var packed = prepared
    strided.forEachRow { row, number, column in
      let first = (row.first + number * stride) * kernel + column.first
      kernels.pack(
        taps: column.taps, channels: filters, filters: channels, weights + first * tap,
        WeightStrides(tap: stride * tap, channel: strides.filter, filter: strides.channel),
        reversed: true, into: packed)
      packed += kernels.packedCount(taps: column.taps, channels: filters, filters: channels)
    }
  }

  private func backwardStrided(
    _ strided: StridedTapSet, _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var (dy, dx) = (dy, dx)
    let (input, stride) = (geometry.input, geometry.stride)
    let columns = strided.results(input.width)
    let border = Border(shape: geometry.output, columns: columns, border: strided.border)
    var g = ck_conv()
    g.kh = 1
    g.cin = even(filters) / 2
    g.cout = channels
    g.x_row = columns * g.cin
    g.x_col = g.cin
    g.tap_col = g.cin
    // Inputs that no tap reaches have no gradient.
    let isSparse = strided.all.contains { $0.taps == 0 }
    for first in Swift.stride(from: 0, to: input.height, by: band.backward) {
      let rows = min(band.backward, input.height - first)
      dy.padRounded(
        border, first: first / stride, rows: strided.results(rows), into: numbers(scratch))
      let result = dx.begin(first * input.width, scratch: scratch + padded.backward)
      if isSparse, !result.accumulate {
        for pixel in 0..<(rows * input.width) {
          (result.pointer + pixel * result.pitch).update(repeating: 0, count: channels)
        }
      }
      g.y_row = stride * input.width * result.pitch
      g.y_col = stride * result.pitch
      var packed = prepared
      strided.forEachRow { row, number, column in
        g.kw = column.taps
        g.rows = strided.count(rows, of: row.remainder)
        g.cols = strided.count(input.width, of: column.remainder)
        g.accumulate = result.accumulate || number > 0 ? 1 : 0
        let line = strided.border + row.result - number
        let from = scratch + line * g.x_row + strided.start(column) * g.cin
        let to = result.pointer + (row.remainder * input.width + column.remainder) * result.pitch
        if g.rows > 0, g.cols > 0 { kernels.call.conv(&g, from, packed, nil, to) }
        packed += kernels.packedCount(taps: column.taps, channels: filters, filters: channels)
      }
      dx.end(result, first * input.width, rows * input.width)
    }
  }

  /// The dot product of pairs runs over neighbouring results here, so a word of x is a number and
  /// the one that the next result reads in its place.
  func backwardWeights(
    _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var x = x
    var dy = dy.channels(part * filtersInPart, filtersInPart)
    let (output, stride, dilation) = (geometry.output, geometry.stride, geometry.dilation)
    let reach = dilation * (geometry.kernel - 1)
    let columns = geometry.input.width + 2 * geometry.padding
    let border = Border(shape: geometry.input, columns: columns, border: geometry.padding)
    let c = even(channels)
    let line = columns * c
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = c
    g.cout = filtersInPart
    g.cols = (output.width + 1) / 2
    g.x_row = stride * line
    g.x_col = 2 * stride * c
    g.tap_row = dilation * line
    g.tap_col = dilation * c
    g.y_row = g.cols * filtersInPart
    g.y_col = filtersInPart
    let inner = max(
      1, (kernels.call.gradient_band - reach * line) / (stride * line + g.y_row))
    // One row of numbers, with zeros behind for what the last result's neighbour would read.
    let row = numbers(scratch)
    (row + line).update(repeating: 0, count: stride * c)
    let words = scratch + (columns + stride) * c
    let pitch = even(filtersInPart)
    for first in Swift.stride(from: 0, to: output.height, by: band.gradient) {
      let rows = min(band.gradient, output.height - first)
      let inputs = (rows - 1) * stride + reach + 1
      let gradients = words + inputs * line + 16
      let numbersOfRow = numbers(gradients + rows * g.y_row + 16)
      for i in 0..<inputs {
        x.padRounded(border, first: first * stride + i, rows: 1, into: row)
        kernels.call.pair(line, row, stride * c, bits(words + i * line))
      }
      for i in 0..<rows {
        dy.readRounded(
          (first + i) * output.width, output.width, into: numbersOfRow, pitch: pitch)
        kernels.call.pair_pixels(
          output.width, filtersInPart, numbersOfRow, pitch, bits(gradients + i * g.y_row))
      }
      for sub in Swift.stride(from: 0, to: rows, by: inner) {
        g.rows = min(inner, rows - sub)
        kernels.call.conv_weights(
          &g, words + sub * g.x_row, gradients + sub * g.y_row, dw + part * partCount)
      }
    }
  }
}
