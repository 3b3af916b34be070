// Transposed convolution in bfloat16 with float32 sums, by the kernels of the convolution.

import CKernels

/// Words that are worked on at once; 128 KiB, a fraction of a core's L2 cache.
private let bandSize = 32_768

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
    tapCount = kernels.call.packed_count(1, geometry.input.channels, geometry.output.channels)
    band = min(geometry.input.height, max(1, bandSize / rowWords(geometry.input)))
  }

  var forwardCount: Int { tapCount * geometry.taps }
  var backwardCount: Int { adjoint.forwardCount }
  var scratchCount: Int { max(adjoint.scratchCount, band * rowWords(geometry.input) + 64) }
  var gradientCount: Int { adjoint.gradientCount }
  var gradientOrder: [Int] { adjoint.gradientOrder }
  var gradientParts: Int { adjoint.gradientParts }

  func prepareForward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    let (channels, filters) = (geometry.input.channels, geometry.output.channels)
    for tap in 0..<geometry.taps {
      kernels.call.pack(
        1, channels, filters, weights + tap * channels * filters, 0, filters, 1, 0,
        prepared + tap * tapCount)
    }
  }

  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    adjoint.prepareForward(weights, into: prepared)
  }

  func forward(
    _ x: Pixels, _ y: Pixels, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    let (input, kernel) = (geometry.input, geometry.kernel)
    let outRow = geometry.output.width * y.pitch
    var g = ck_conv()
    g.kh = 1
    g.kw = 1
    g.cin = even(input.channels) / 2
    g.cout = geometry.output.channels
    g.cols = input.width
    g.x_row = rowWords(input)
    g.x_col = g.cin
    g.y_row = geometry.stride * outRow
    g.y_col = geometry.stride * y.pitch
    g.relu = relu ? 1 : 0
    for first in stride(from: 0, to: input.height, by: band) {
      g.rows = min(band, input.height - first)
      kernels.call.round(
        g.rows * input.width, input.channels, x.pointer + first * input.width * x.pitch, x.pitch,
        numbers(scratch), even(input.channels))
      for tap in 0..<geometry.taps {
        let (row, column) = (tap / kernel, tap % kernel)
        kernels.call.conv(
          &g, scratch, prepared + tap * tapCount, bias,
          y.pointer + (first * geometry.stride + row) * outRow + column * y.pitch)
      }
    }
  }

  func backwardData(
    _ dy: Pixels, _ dx: Pixels, prepared: UnsafePointer<Float>, accumulate: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    adjoint.forward(
      dy, dx, prepared: prepared, bias: nil, relu: false, accumulate: accumulate,
      scratch: scratch)
  }

  func backwardWeights(
    _ x: Pixels, _ dy: Pixels, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    adjoint.backwardWeights(dy, x, dw, part: part, scratch: scratch)
  }
}

/// Words of a row without border.
private func rowWords(_ shape: Shape) -> Int { shape.width * even(shape.channels) / 2 }
