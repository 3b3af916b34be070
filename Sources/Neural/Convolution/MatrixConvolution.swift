// Convolution as a matrix product (im2col and OpenBLAS's sgemm): for processors whose vectors the
// direct kernels do not use well. Bands of rows are unrolled at a time, so that they stay in cache.

import COpenBLAS

/// Floats of unrolled input that are multiplied at once; 256 KiB.
private let unrolledSize = 65_536

final class MatrixConvolution: ReorderedGradient {
  private let kernels: Kernels
  private let geometry: ConvolutionGeometry
  private let channels: Int
  private let filters: Int
  /// Columns of the unrolled input: taps x channels of a group.
  private let depth: Int
  /// Rows of the result in a band.
  private let band: Int
  /// Floats of scratch memory for the unrolled input, and behind it for an image of the input.
  private let unrolledCount: Int
  private let inputCount: Int
  private let ones: Floats

  let gradientCount: Int
  let scratchCount: Int
  let gradientParts = 1
  var forwardCount: Int { gradientCount }
  var backwardCount: Int { gradientCount }
  /// dw is in the engine's order.
  var gradientOrder: [Int] { Array(0..<gradientCount) }

  init(_ kernels: Kernels, _ geometry: ConvolutionGeometry) {
    self.kernels = kernels
    self.geometry = geometry
    channels = geometry.input.channels / geometry.groups
    filters = geometry.output.channels / geometry.groups
    depth = geometry.taps * channels
    band = max(1, unrolledSize / (depth * geometry.output.width))
    gradientCount = depth * filters * geometry.groups
    unrolledCount = depth * geometry.output.width * min(band, geometry.output.height)
    inputCount = geometry.input.count
    scratchCount = unrolledCount + geometry.input.count + geometry.output.count
    ones = Floats(geometry.output.channels)
    ones.pointer.update(repeating: 1, count: geometry.output.channels)
  }

  func prepareForward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    prepared.update(from: weights, count: gradientCount)
  }

  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    prepared.update(from: weights, count: gradientCount)
  }

  /// Calls `body` with every tap of rows `first`..<`first + rows` of the result: its place in the
  /// unrolled matrix, and the pixel of the input that it reads, nil in the border.
  private func forEachTap(first: Int, rows: Int, _ body: (_ position: Int, _ pixel: Int?) -> Void) {
    let (input, width) = (geometry.input, geometry.output.width)
    for row in 0..<rows {
      for column in 0..<width {
        for tap in 0..<geometry.taps {
          let i =
            (first + row) * geometry.stride - geometry.padding
            + tap / geometry.kernel * geometry.dilation
          let j =
            column * geometry.stride - geometry.padding + tap % geometry.kernel * geometry.dilation
          let inside = i >= 0 && i < input.height && j >= 0 && j < input.width
          body(
            (row * width + column) * depth + tap * channels, inside ? i * input.width + j : nil)
        }
      }
    }
  }

  /// An image as floats: where it is, or copied into `room`.
  private func floats(_ x: Source, _ shape: Shape, _ room: UnsafeMutablePointer<Float>) -> (
    pointer: UnsafePointer<Float>, pitch: Int
  ) {
    if let plain = x.plain { return plain }
    var x = x
    x.read(0, shape.pixels, into: room, pitch: shape.channels)
    return (UnsafePointer(room), shape.channels)
  }

  private func unroll(
    _ x: (pointer: UnsafePointer<Float>, pitch: Int), first: Int, rows: Int, group: Int,
    into scratch: UnsafeMutablePointer<Float>
  ) {
    forEachTap(first: first, rows: rows) { position, pixel in
      if let pixel {
        (scratch + position).update(
          from: x.pointer + pixel * x.pitch + group * channels, count: channels)
      } else {
        (scratch + position).update(repeating: 0, count: channels)
      }
    }
  }

  private func forEachBand(_ body: (_ first: Int, _ rows: Int, _ group: Int) -> Void) {
    for group in 0..<geometry.groups {
      for first in stride(from: 0, to: geometry.output.height, by: band) {
        body(first, min(band, geometry.output.height - first), group)
      }
    }
  }

  func forward(
    _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    var y = y
    let (width, output) = (geometry.output.width, geometry.output)
    let image = floats(x, geometry.input, scratch + unrolledCount)
    let result = y.begin(0, scratch: scratch + unrolledCount + inputCount)
    forEachBand { first, rows, group in
      unroll(image, first: first, rows: rows, group: group, into: scratch)
      let to = result.pointer + first * width * result.pitch + group * filters
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows * width), blasint(filters),
        blasint(depth), 1, scratch, blasint(depth), prepared + group * depth * filters,
        blasint(filters), result.accumulate ? 1 : 0, to, blasint(result.pitch))
      guard bias != nil || relu else { return }
      kernels.scaleShift(
        rows * width, filters, to, result.pitch, scale: ones.pointer,
        shift: bias.map { $0 + group * filters }, relu: relu)
    }
    y.end(result, 0, output.pixels)
  }

  func backwardData(
    _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var dx = dx
    let (width, input) = (geometry.output.width, geometry.input)
    let image = floats(dy, geometry.output, scratch + unrolledCount + inputCount)
    let result = dx.begin(0, scratch: scratch + unrolledCount)
    if !result.accumulate {
      for pixel in 0..<input.pixels {
        (result.pointer + pixel * result.pitch).update(repeating: 0, count: input.channels)
      }
    }
    forEachBand { first, rows, group in
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows * width), blasint(depth),
        blasint(filters), 1, image.pointer + first * width * image.pitch + group * filters,
        blasint(image.pitch), prepared + group * depth * filters, blasint(filters), 0, scratch,
        blasint(depth))
      forEachTap(first: first, rows: rows) { position, pixel in
        guard let pixel else { return }
        kernels.add(
          channels, scratch + position,
          to: result.pointer + pixel * result.pitch + group * channels)
      }
    }
    dx.end(result, 0, input.pixels)
  }

  func backwardWeights(
    _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let width = geometry.output.width
    let image = floats(x, geometry.input, scratch + unrolledCount)
    let gradients = floats(dy, geometry.output, scratch + unrolledCount + inputCount)
    forEachBand { first, rows, group in
      unroll(image, first: first, rows: rows, group: group, into: scratch)
      cblas_sgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, blasint(depth), blasint(filters),
        blasint(rows * width), 1, scratch, blasint(depth),
        gradients.pointer + first * width * gradients.pitch + group * filters,
        blasint(gradients.pitch), 1, dw + group * depth * filters, blasint(filters))
    }
  }
}
