// Convolution by the direct kernels: bands of rows are copied into a padded piece of scratch memory
// that stays in cache, so that the kernels need no tests at the borders.

import CKernels

/// Floats of padded rows that are worked on at once; 128 KiB, a fraction of a core's L2 cache.
private let bandSize = 32_768
/// Floats of input and gradient that one pass over weight gradients reads; near an L1 cache.
private let gradientBandSize = 10_240
/// Filters in a part of the weights' gradient, and from how many floats on it is cut into parts.
private let partFilters = 32
private let partThreshold = 40_000

final class DirectConvolution: ConvolutionOperation {
  private let kernels: Kernels
  private let geometry: ConvolutionGeometry
  /// Channels and filters of a group.
  private let channels: Int
  private let filters: Int
  private let filtersInPart: Int
  private let forwardGroup: Int
  private let backwardGroup: Int
  /// Rows of a band, and floats of its input with border.
  private let band: (forward: Int, backward: Int)
  private let padded: (forward: Int, backward: Int)

  let forwardCount: Int
  let backwardCount: Int
  let scratchCount: Int
  let gradientCount: Int

  init(_ kernels: Kernels, _ geometry: ConvolutionGeometry) {
    self.kernels = kernels
    self.geometry = geometry
    channels = geometry.input.channels / geometry.groups
    filters = geometry.output.channels / geometry.groups
    gradientCount = geometry.taps * channels * filters * geometry.groups
    filtersInPart =
      geometry.groups == 1 && gradientCount > partThreshold && filters % partFilters == 0
      ? partFilters : filters
    forwardGroup = kernels.packedCount(taps: geometry.taps, channels: channels, filters: filters)
    backwardGroup = kernels.packedCount(taps: geometry.taps, channels: filters, filters: channels)
    forwardCount = forwardGroup * geometry.groups
    backwardCount = backwardGroup * geometry.groups
    // A band has at least one row's worth of taps.
    let reach = geometry.dilation * (geometry.kernel - 1)
    let (input, output, stride) = (geometry.input, geometry.output, geometry.stride)
    let inRow = (input.width + 2 * geometry.padding) * input.channels
    let outRow = (input.width + reach) * output.channels
    band.forward = min(output.height, max(1, (bandSize / inRow - reach) / stride))
    band.backward = min(input.height, max(1, bandSize / outRow - reach))
    padded.forward = ((band.forward - 1) * stride + reach + 1) * inRow + 64
    padded.backward = (band.backward + reach) * outRow + 64
    scratchCount =
      max(
        padded.forward + band.forward * output.width * output.channels,
        padded.backward + band.backward * input.width * input.channels) + 64
  }

  var gradientParts: Int { filters / filtersInPart * geometry.groups }

  /// dw is [group][part][kh][filters in part][kw][channels].
  func gradientFinish() -> (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void {
    let (kernels, kernel, parts, partCount) = (kernels, geometry.kernel, gradientParts, partCount)
    let (channels, filters, filtersInPart) = (channels, filters, filtersInPart)
    let pitch = kernel * channels
    return { sum, gradients in
      for part in 0..<parts {
        // Parts of all groups are numbered one after the other.
        let (group, first) = (part * filtersInPart).quotientAndRemainder(dividingBy: filters)
        for tap in 0..<(kernel * kernel) {
          let (row, column) = (tap / kernel, tap % kernel)
          let from = sum + part * partCount + row * filtersInPart * pitch + column * channels
          let position = (group * kernel * kernel + tap) * channels * filters + first
          kernels.call.transpose(
            filtersInPart, channels, from, pitch, gradients + position, filters)
        }
      }
    }
  }

  private var partCount: Int { geometry.taps * channels * filtersInPart }

  func prepareForward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    let count = geometry.taps * channels * filters
    for group in 0..<geometry.groups {
      kernels.pack(
        taps: geometry.taps, channels: channels, filters: filters, weights + group * count,
        WeightStrides(tap: channels * filters, channel: filters, filter: 1),
        into: prepared + group * forwardGroup)
    }
  }

  /// The gradient of the input is a convolution with taps reversed, inputs and filters exchanged.
  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    let count = geometry.taps * channels * filters
    for group in 0..<geometry.groups {
      kernels.pack(
        taps: geometry.taps, channels: filters, filters: channels, weights + group * count,
        WeightStrides(tap: channels * filters, channel: 1, filter: filters), reversed: true,
        into: prepared + group * backwardGroup)
    }
  }

  func forward(
    _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    var (x, y) = (x, y)
    let output = geometry.output
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = channels
    g.cout = filters
    g.cols = output.width
    g.relu = relu ? 1 : 0
    for row in stride(from: 0, to: output.height, by: band.forward) {
      g.rows = min(band.forward, output.height - row)
      let start = load(&x, row: row, rows: g.rows, &g, scratch)
      let result = y.begin(row * output.width, scratch: scratch + padded.forward)
      g.y_row = output.width * result.pitch
      g.y_col = result.pitch
      g.accumulate = result.accumulate ? 1 : 0
      for group in 0..<geometry.groups {
        kernels.call.conv(
          &g, start + group * channels, prepared + group * forwardGroup,
          bias.map { $0 + group * filters }, result.pointer + group * filters)
      }
      y.end(result, row * output.width, g.rows * output.width)
    }
  }

  /// What results `row`..<`row + rows` read, where it is or as a band in scratch memory; sets the
  /// distances of x.
  private func load(
    _ x: inout Source, row: Int, rows: Int, _ g: inout ck_conv,
    _ scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let (stride, dilation) = (geometry.stride, geometry.dilation)
    let pixel: Int
    let line: Int
    let start: UnsafePointer<Float>
    if geometry.kernel == 1, geometry.padding == 0, let plain = x.plain {
      pixel = plain.pitch
      line = geometry.input.width * plain.pitch
      start = plain.pointer + row * stride * line
    } else {
      let columns = geometry.input.width + 2 * geometry.padding
      pixel = geometry.input.channels
      line = columns * pixel
      x.pad(
        Border(shape: geometry.input, columns: columns, border: geometry.padding),
        first: row * stride, rows: (rows - 1) * stride + dilation * (geometry.kernel - 1) + 1,
        into: scratch)
      start = UnsafePointer(scratch)
    }
    g.x_row = stride * line
    g.x_col = stride * pixel
    g.tap_row = dilation * line
    g.tap_col = dilation * pixel
    return start
  }

  func backwardData(
    _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var (dy, dx) = (dy, dx)
    let (input, dilation) = (geometry.input, geometry.dilation)
    let reach = dilation * (geometry.kernel - 1)
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = filters
    g.cout = channels
    g.cols = input.width
    let columns = input.width + reach
    let border = Border(
      shape: geometry.output, columns: columns, border: reach - geometry.padding,
      spread: geometry.stride)
    // Pixels of dy beyond the padded row belong to taps that read only zeros: with "same" padding
    // and any stride, (width_out - 1) * stride < width_in, so all of them fit.
    for row in stride(from: 0, to: input.height, by: band.backward) {
      g.rows = min(band.backward, input.height - row)
      let pixel: Int
      let start: UnsafePointer<Float>
      if geometry.kernel == 1, geometry.stride == 1, let plain = dy.plain {
        pixel = plain.pitch
        start = plain.pointer + row * columns * pixel
      } else {
        pixel = geometry.output.channels
        dy.pad(border, first: row, rows: g.rows + reach, into: scratch)
        start = UnsafePointer(scratch)
      }
      let result = dx.begin(row * input.width, scratch: scratch + padded.backward)
      g.x_row = columns * pixel
      g.x_col = pixel
      g.tap_row = dilation * columns * pixel
      g.tap_col = dilation * pixel
      g.y_row = input.width * result.pitch
      g.y_col = result.pitch
      g.accumulate = result.accumulate ? 1 : 0
      for group in 0..<geometry.groups {
        kernels.call.conv(
          &g, start + group * filters, prepared + group * backwardGroup, nil,
          result.pointer + group * channels)
      }
      dx.end(result, row * input.width, g.rows * input.width)
    }
  }

  func backwardWeights(
    _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var x = x
    let output = geometry.output
    var dy = dy.channels(part * filtersInPart, filtersInPart)
    let group = part * filtersInPart / filters
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = channels
    g.cout = filtersInPart
    g.cols = output.width
    let reach = geometry.dilation * (geometry.kernel - 1)
    let inRow = (geometry.input.width + 2 * geometry.padding) * geometry.input.channels
    let inner = max(
      1,
      (gradientBandSize - reach * inRow) / (geometry.stride * inRow + output.width * filtersInPart))
    let to = dw + part * partCount
    for row in stride(from: 0, to: output.height, by: band.forward) {
      let rows = min(band.forward, output.height - row)
      let start = load(&x, row: row, rows: rows, &g, scratch)
      let gradients: UnsafePointer<Float>
      if let plain = dy.plain {
        g.y_col = plain.pitch
        gradients = plain.pointer + row * output.width * plain.pitch
      } else {
        g.y_col = filtersInPart
        let room = scratch + padded.forward
        dy.read(row * output.width, rows * output.width, into: room, pitch: filtersInPart)
        gradients = UnsafePointer(room)
      }
      g.y_row = output.width * g.y_col
      for sub in stride(from: 0, to: rows, by: inner) {
        g.rows = min(inner, rows - sub)
        kernels.call.conv_weights(
          &g, start + sub * g.x_row + group * channels, gradients + sub * g.y_row, to)
      }
    }
  }
}
