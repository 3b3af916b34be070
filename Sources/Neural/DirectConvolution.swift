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
    forwardGroup = kernels.call.packed_count(geometry.taps, channels, filters)
    backwardGroup = kernels.call.packed_count(geometry.taps, filters, channels)
    forwardCount = forwardGroup * geometry.groups
    backwardCount = backwardGroup * geometry.groups
    // A band has at least one row's worth of taps.
    let reach = geometry.dilation * (geometry.kernel - 1)
    let forward =
      (bandSize + (reach + geometry.stride)
        * (geometry.input.width + 2 * geometry.padding) * geometry.input.channels)
    let backward =
      (bandSize + (reach + 1) * (geometry.input.width + reach)
        * geometry.output.channels)
    scratchCount = max(forward, backward) + 64
  }

  var gradientParts: Int { filters / filtersInPart * geometry.groups }

  /// dw is [group][part][kh][filters in part][kw][channels].
  var gradientOrder: [Int] {
    let kernel = geometry.kernel
    var order: [Int] = []
    order.reserveCapacity(gradientCount)
    for group in 0..<geometry.groups {
      for row in 0..<kernel {
        for col in 0..<kernel {
          for channel in 0..<channels {
            for filter in 0..<filters {
              let part = group * (filters / filtersInPart) + filter / filtersInPart
              let within = (row * filtersInPart + filter % filtersInPart) * kernel + col
              order.append(part * partCount + within * channels + channel)
            }
          }
        }
      }
    }
    return order
  }

  private var partCount: Int { geometry.taps * channels * filtersInPart }

  func prepareForward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    let count = geometry.taps * channels * filters
    for group in 0..<geometry.groups {
      kernels.call.pack(
        geometry.taps, channels, filters, weights + group * count, channels * filters, filters, 1,
        0, prepared + group * forwardGroup)
    }
  }

  /// The gradient of the input is a convolution with taps reversed, inputs and filters exchanged.
  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    let count = geometry.taps * channels * filters
    for group in 0..<geometry.groups {
      kernels.call.pack(
        geometry.taps, filters, channels, weights + group * count, channels * filters, 1, filters,
        1, prepared + group * backwardGroup)
    }
  }

  /// Copies rows `first`..<`first + rows` of an image, surrounded by zeros, into scratch. Row 0,
  /// column 0 is `border` above and left of the image; pixels are `spread` apart, with zeros
  /// between. Returns the floats between rows.
  private func pad(
    _ x: Pixels, _ shape: Shape, first: Int, rows: Int, columns: Int, border: Int, spread: Int,
    into scratch: UnsafeMutablePointer<Float>
  ) -> Int {
    let c = shape.channels
    let pitch = columns * c
    let inner = ((shape.width - 1) * spread + 1) * c
    for row in 0..<rows {
      let to = scratch + row * pitch
      let at = first + row - border
      if at < 0 || at % spread != 0 || at / spread >= shape.height {
        to.update(repeating: 0, count: pitch)
        continue
      }
      if spread > 1 {
        to.update(repeating: 0, count: pitch)
      } else {
        to.update(repeating: 0, count: border * c)
        (to + border * c + inner).update(repeating: 0, count: pitch - border * c - inner)
      }
      kernels.call.copy(
        shape.width, c, x.pointer + at / spread * shape.width * x.pitch, x.pitch, to + border * c,
        spread * c, 0)
    }
    return pitch
  }

  func forward(
    _ x: Pixels, _ y: Pixels, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    let (output, stride, dilation) = (geometry.output, geometry.stride, geometry.dilation)
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = channels
    g.cout = filters
    g.cols = output.width
    g.y_row = output.width * y.pitch
    g.y_col = y.pitch
    g.relu = relu ? 1 : 0
    let reach = dilation * (geometry.kernel - 1)
    let columns = geometry.input.width + 2 * geometry.padding
    let inRow = columns * geometry.input.channels
    let band = max(1, (bandSize / inRow - reach) / stride)
    var row = 0
    while row < output.height {
      let rows = min(band, output.height - row)
      let pixel: Int
      let line: Int
      let start: UnsafePointer<Float>
      if geometry.kernel == 1 && geometry.padding == 0 {
        pixel = x.pitch
        line = geometry.input.width * x.pitch
        start = UnsafePointer(x.pointer) + row * stride * line
      } else {
        pixel = geometry.input.channels
        line = pad(
          x, geometry.input, first: row * stride, rows: (rows - 1) * stride + reach + 1,
          columns: columns, border: geometry.padding, spread: 1, into: scratch)
        start = UnsafePointer(scratch)
      }
      g.rows = rows
      g.x_row = stride * line
      g.x_col = stride * pixel
      g.tap_row = dilation * line
      g.tap_col = dilation * pixel
      for group in 0..<geometry.groups {
        kernels.call.conv(
          &g, start + group * channels, prepared + group * forwardGroup,
          bias.map { $0 + group * filters }, y.pointer + row * g.y_row + group * filters)
      }
      row += rows
    }
  }

  func backwardData(
    _ dy: Pixels, _ dx: Pixels, prepared: UnsafePointer<Float>, accumulate: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (input, dilation) = (geometry.input, geometry.dilation)
    let reach = dilation * (geometry.kernel - 1)
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = filters
    g.cout = channels
    g.cols = input.width
    g.y_row = input.width * dx.pitch
    g.y_col = dx.pitch
    g.accumulate = accumulate ? 1 : 0
    let columns = input.width + reach
    let c = geometry.output.channels
    let band = max(1, bandSize / (columns * c) - reach)
    // Pixels of dy beyond the padded row belong to taps that read only zeros: with "same" padding
    // and any stride, (width_out - 1) * stride < width_in, so all of them fit.
    var row = 0
    while row < input.height {
      let rows = min(band, input.height - row)
      let pixel: Int
      let line: Int
      let start: UnsafePointer<Float>
      if geometry.kernel == 1 && geometry.stride == 1 {
        pixel = dy.pitch
        line = input.width * dy.pitch
        start = UnsafePointer(dy.pointer) + row * line
      } else {
        pixel = c
        line = pad(
          dy, geometry.output, first: row, rows: rows + reach, columns: columns,
          border: reach - geometry.padding, spread: geometry.stride, into: scratch)
        start = UnsafePointer(scratch)
      }
      g.rows = rows
      g.x_row = line
      g.x_col = pixel
      g.tap_row = dilation * line
      g.tap_col = dilation * pixel
      for group in 0..<geometry.groups {
        kernels.call.conv(
          &g, start + group * filters, prepared + group * backwardGroup, nil,
          dx.pointer + row * g.y_row + group * channels)
      }
      row += rows
    }
  }

  func backwardWeights(
    _ x: Pixels, _ dy: Pixels, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (output, stride, dilation) = (geometry.output, geometry.stride, geometry.dilation)
    let group = part * filtersInPart / filters
    var g = ck_conv()
    g.kh = geometry.kernel
    g.kw = geometry.kernel
    g.cin = channels
    g.cout = filtersInPart
    g.cols = output.width
    g.y_row = output.width * dy.pitch
    g.y_col = dy.pitch
    let reach = dilation * (geometry.kernel - 1)
    let columns = geometry.input.width + 2 * geometry.padding
    let inRow = columns * geometry.input.channels
    let band = max(1, (bandSize / inRow - reach) / stride)
    let inner = max(
      1, (gradientBandSize - reach * inRow) / (stride * inRow + output.width * filtersInPart))
    let from = dy.pointer + part * filtersInPart
    let to = dw + part * partCount
    var row = 0
    while row < output.height {
      let rows = min(band, output.height - row)
      let pixel: Int
      let line: Int
      let start: UnsafePointer<Float>
      if geometry.kernel == 1 && geometry.padding == 0 {
        pixel = x.pitch
        line = geometry.input.width * x.pitch
        start = UnsafePointer(x.pointer) + row * stride * line
      } else {
        pixel = geometry.input.channels
        line = pad(
          x, geometry.input, first: row * stride, rows: (rows - 1) * stride + reach + 1,
          columns: columns, border: geometry.padding, spread: 1, into: scratch)
        start = UnsafePointer(scratch)
      }
      g.x_row = stride * line
      g.x_col = stride * pixel
      g.tap_row = dilation * line
      g.tap_col = dilation * pixel
      var sub = 0
      while sub < rows {
        g.rows = min(inner, rows - sub)
        kernels.call.conv_weights(
          &g, start + sub * g.x_row + group * channels, from + (row + sub) * g.y_row, to)
        sub += g.rows
      }
      row += rows
    }
  }
}
