// Transposed convolution in bfloat16 with float32 sums, by the kernels of the convolution.

import CKernels

/// Words that are worked on at once; 256 KiB, a fraction of a core's L2 cache.
private let bandSize = 65_536

/// A transposed convolution whose windows do not overlap: the adjoint of a convolution from the
/// larger image to the smaller, and forward a 1 x 1 convolution for each tap.
final class BFloat16TransposedConvolution: ConvolutionOperation {
  private let kernels: BFloat16Kernels
  private let geometry: ConvolutionGeometry
  private let adjoint: BFloat16Convolution
  private let tapCount: Int
  private let band: Int

  init(_ kernels: BFloat16Kernels, _ geometry: ConvolutionGeometry) {
    self.kernels = kernels
    self.geometry = geometry
    var reversed = geometry
    (reversed.input, reversed.output) = (geometry.output, geometry.input)
    adjoint = BFloat16Convolution(kernels, reversed, transposed: true)
    tapCount = kernels.packedCount(
      taps: 1, channels: geometry.input.channels, filters: geometry.output.channels)
    let row =
      rowWords(geometry.input)
      + geometry.stride * geometry.output.width * geometry.output.channels
    band = min(geometry.input.height, max(1, bandSize / row))
  }

  var forwardCount: Int { tapCount * geometry.taps }
  var backwardCount: Int { adjoint.forwardCount }
  var scratchCount: Int {
    max(
      adjoint.scratchCount,
      smallCount + band * geometry.stride * geometry.output.width * geometry.output.channels + 64)
  }
  /// Words of a band of the smaller image.
  private var smallCount: Int { band * rowWords(geometry.input) + 64 }
  var gradientCount: Int { adjoint.gradientCount }
  var gradientParts: Int { adjoint.gradientParts }

  func gradientFinish() -> (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void {
    adjoint.gradientFinish()
  }

  func prepareForward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    let (channels, filters) = (geometry.input.channels, geometry.output.channels)
    for tap in 0..<geometry.taps {
      kernels.pack(
        taps: 1, channels: channels, filters: filters, weights + tap * channels * filters,
        WeightStrides(tap: 0, channel: filters, filter: 1), into: prepared + tap * tapCount)
    }
  }

  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    adjoint.prepareForward(weights, into: prepared)
  }

  func forward(
    _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    var (x, y) = (x, y)
    let (input, output, kernel) = (geometry.input, geometry.output, geometry.kernel)
    var g = ck_conv()
    g.kh = 1
    g.kw = 1
    g.cin = even(input.channels) / 2
    g.cout = output.channels
    g.cols = input.width
    g.x_row = rowWords(input)
    g.x_col = g.cin
    g.relu = relu ? 1 : 0
    for first in stride(from: 0, to: input.height, by: band) {
      g.rows = min(band, input.height - first)
      x.readRounded(
        first * input.width, g.rows * input.width, into: numbers(scratch),
        pitch: even(input.channels))
      let position = first * geometry.stride * output.width
      let result = y.begin(position, scratch: scratch + smallCount)
      let line = output.width * result.pitch
      g.y_row = geometry.stride * line
      g.y_col = geometry.stride * result.pitch
      g.accumulate = result.accumulate ? 1 : 0
      for tap in 0..<geometry.taps {
        let (row, column) = (tap / kernel, tap % kernel)
        kernels.call.conv(
          &g, scratch, prepared + tap * tapCount, bias,
          result.pointer + row * line + column * result.pitch)
      }
      y.end(result, position, g.rows * geometry.stride * output.width)
    }
  }

  func backwardData(
    _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    adjoint.forward(dy, dx, prepared: prepared, bias: nil, relu: false, scratch: scratch)
  }

  func backwardWeights(
    _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    adjoint.backwardWeights(dy, x, dw, part: part, scratch: scratch)
  }
}

/// Words of a row without border.
private func rowWords(_ shape: Shape) -> Int { shape.width * even(shape.channels) / 2 }
