// Convolution of one tap (1 x 1) by the direct kernels in float32, whatever memory holds. Rows do not matter
// to it: pixels are worked on as they lie, in pieces that stay in cache, and gradients of many weights are
// added up over the pixels of all images at once.
//
// In bfloat16 the products of rounded words would cost as much: processors with two units for float32's
// have one for words, at half its speed on some. So nothing is rounded but what goes into memory.

import CKernels

/// Floats of a piece's pixels, read and written; 128 KiB, a fraction of a core's L2 cache.
private let pieceSize = 32_768
/// Floats of input and gradient that one pass over weight gradients reads; 192 KiB. Sums of a pass are added to
/// the gradient in memory, which takes as long as a few pixels' products.
private let gradientSize = 49_152
/// Weights from which on the gradient is added up over the batch in parts, and most of a part.
private let batchThreshold = 12_288
private let partSize = 49_152

final class PointwiseConvolution: ConvolutionOperation {
  private let kernels: Kernels
  private let channels: Int
  private let filters: Int
  private let pixels: Int
  private let filtersInPart: Int
  /// Pixels of a piece, and of a pass over weight gradients.
  private let piece: Int
  private let gradientPiece: Int

  let forwardCount: Int
  let backwardCount: Int
  let scratchCount: Int
  var gradientCount: Int { channels * filters }
  var gradientParts: Int { filters / filtersInPart }

  /// Nil where there are more taps, or groups, or pixels that are left out, or only one.
  init?(_ kernels: Kernels, _ geometry: ConvolutionGeometry) {
    guard geometry.kernel == 1, geometry.stride == 1, geometry.groups == 1,
      geometry.input.pixels > 1
    else { return nil }
    self.kernels = kernels
    let (channels, filters) = (geometry.input.channels, geometry.output.channels)
    self.channels = channels
    self.filters = filters
    pixels = geometry.input.pixels
    // Each part reads the input again, but leaves work for several threads.
    let parts = channels * filters <= batchThreshold ? 1 : filters < 256 ? 2 : 4
    filtersInPart =
      parts == 1
      ? filters
      : stride(from: filters / parts / 8 * 8, to: 0, by: -8).first {
        filters % $0 == 0 && $0 * channels <= partSize
      } ?? filters
    // Whole tiles of pixels.
    piece = max(16, pieceSize / (channels + filters) / 16 * 16)
    gradientPiece = max(16, gradientSize / (channels + filtersInPart))
    forwardCount = kernels.packedCount(taps: 1, channels: channels, filters: filters)
    backwardCount = kernels.packedCount(taps: 1, channels: filters, filters: channels)
    scratchCount =
      max(piece * (channels + filters), gradientPiece * (channels + filtersInPart)) + 128
  }

  /// dw is [filter][channel].
  func gradientFinish() -> (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void {
    let (kernels, channels, filters) = (kernels, channels, filters)
    return { kernels.call.transpose(filters, channels, $0, channels, $1, filters) }
  }

  func prepareForward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    kernels.pack(
      taps: 1, channels: channels, filters: filters, weights,
      WeightStrides(tap: channels * filters, channel: filters, filter: 1), into: prepared)
  }

  /// The gradient of the input is a convolution with inputs and filters exchanged.
  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    kernels.pack(
      taps: 1, channels: filters, filters: channels, weights,
      WeightStrides(tap: channels * filters, channel: 1, filter: filters), into: prepared)
  }

  func forward(
    _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    convolve(x, y, prepared, bias, relu, scratch)
  }

  func backwardData(
    _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    convolve(dy, dx, prepared, nil, false, scratch)
  }

  private func convolve(
    _ x: Source, _ y: Sink, _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
    _ relu: Bool, _ scratch: UnsafeMutablePointer<Float>
  ) {
    var (x, y) = (x, y)
    let room = scratch + piece * x.channels + 16
    var g = ck_conv()
    (g.kh, g.kw, g.rows) = (1, 1, 1)
    (g.cin, g.cout) = (x.channels, y.channels)
    g.relu = relu ? 1 : 0
    for first in stride(from: 0, to: pixels, by: piece) {
      let count = min(piece, pixels - first)
      let from = x.pixels(first, count, scratch: scratch)
      let to = y.begin(first, scratch: room)
      g.cols = count
      (g.x_col, g.y_col) = (from.pitch, to.pitch)
      g.accumulate = to.accumulate ? 1 : 0
      kernels.call.conv(&g, from.pointer, weights, bias, to.pointer)
      y.end(to, first, count)
    }
  }

  func backwardWeights(
    _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    addUp(1, { _ in x }, { _ in dy }, dw, part, scratch)
  }

  func backwardWeights(
    images: Int, _ x: (Int) -> Source, _ dy: (Int) -> Source, _ dw: UnsafeMutablePointer<Float>,
    part: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let each = filtersInPart * channels
    (dw + part * each).update(repeating: 0, count: each)
    addUp(images, x, dy, dw, part, scratch)
  }

  /// Adds the sum over the pixels of some images, in as few passes as they fill.
  private func addUp(
    _ images: Int, _ x: (Int) -> Source, _ dy: (Int) -> Source, _ dw: UnsafeMutablePointer<Float>,
    _ part: Int, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let gradients = scratch + gradientPiece * channels + 16
    var g = ck_conv()
    (g.kh, g.kw, g.rows, g.cols) = (1, 1, 1, 0)
    (g.cin, g.cout) = (channels, filtersInPart)
    (g.x_col, g.tap_col, g.y_col) = (channels, channels, filtersInPart)
    func add() {
      let to = dw + part * filtersInPart * channels
      if g.cols > 0 { kernels.call.conv_weights(&g, scratch, gradients, to) }
      g.cols = 0
    }
    for image in 0..<images {
      var (x, dy) = (x(image), dy(image).channels(part * filtersInPart, filtersInPart))
      var first = 0
      while first < pixels {
        if g.cols == gradientPiece { add() }
        let count = min(gradientPiece - g.cols, pixels - first)
        x.read(first, count, into: scratch + g.cols * channels, pitch: channels)
        dy.read(first, count, into: gradients + g.cols * filtersInPart, pitch: filtersInPart)
        g.cols += count
        first += count
      }
    }
    add()
  }
}
