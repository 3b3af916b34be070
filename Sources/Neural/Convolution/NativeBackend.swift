// The backend of the engine's own kernels, which runs anywhere. In float32, Winograd's way for 3 x 3 convolutions of 8 channels or
// more; for others direct kernels where the processor has vectors of eight floats or more, which beats
// OpenBLAS's sgemm on them for every layer of a U-Net, and im2col with sgemm elsewhere.

import CKernels
import Choices
import COpenBLAS

struct NativeBackend: Backend {
  let kernels: Kernels
  /// Set for bfloat16.
  let narrow: BFloat16Kernels?
  let name = BackendChoice.native.rawValue
  let library: String

  /// Sets OpenBLAS to one thread: the engine's own workers share the batch.
  init(_ kernels: Kernels, _ narrow: BFloat16Kernels? = nil) {
    self.kernels = kernels
    self.narrow = narrow
    openblas_set_num_threads(1)
    library =
      String(cString: openblas_get_config()).split(separator: " ").prefix(2)
      .joined(separator: " ") + " " + String(cString: openblas_get_corename())
  }

  func convolution(_ geometry: ConvolutionGeometry) -> any ConvolutionOperation {
    if let depthwise = DepthwiseConvolution(kernels, geometry) { return depthwise }
    let hasTiles = narrow?.hasTiles ?? false
    if !hasTiles, WinogradConvolution.suits(geometry, inBFloat16: narrow != nil) {
      return WinogradConvolution(WinogradKernels(kernels, narrow), geometry)
    }
    // Words of two numbers are of no use to one channel or filter.
    let isSingle = !hasTiles && (geometry.input.channels == 1 || geometry.output.channels == 1)
    if let narrow, !narrow.hasTiles, !isSingle,
      let pointwise = PointwiseConvolution(kernels, geometry)
    {
      return pointwise
    }
    if let narrow, geometry.groups == 1, !isSingle { return BFloat16Convolution(narrow, geometry) }
    return kernels.call.lanes >= 8
      ? DirectConvolution(kernels, geometry) : MatrixConvolution(kernels, geometry)
  }

  func batchConvolution(_ geometry: ConvolutionGeometry, images: Int) -> WinogradBatch? {
    guard let narrow, !narrow.hasTiles else { return nil }
    return WinogradBatch(WinogradKernels(kernels, narrow), geometry, images: images)
  }

  func transposedConvolution(_ geometry: ConvolutionGeometry) -> any ConvolutionOperation {
    if let narrow { return BFloat16TransposedConvolution(narrow, geometry) }
    return DirectTransposedConvolution(kernels, geometry)
  }

  func dense(inputs: Int, units: Int) -> any ConvolutionOperation {
    convolution(
      ConvolutionGeometry(
        input: Shape(height: 1, width: 1, channels: inputs),
        output: Shape(height: 1, width: 1, channels: units), kernel: 1))
  }
}
