// The door behind which the heavy operations are computed. A backend makes an operation for one
// geometry; the operation then works on one image at a time, on any worker, without allocating.

/// Makes the heavy operations.
protocol Backend {
  /// For checkpoints and for people.
  var name: String { get }
  /// The library behind it, with version and chosen kernels.
  var library: String { get }
  func convolution(_ geometry: ConvolutionGeometry) -> any ConvolutionOperation
  func transposedConvolution(_ geometry: ConvolutionGeometry) -> any ConvolutionOperation
  func dense(inputs: Int, units: Int) -> any ConvolutionOperation
  /// For a layer whose results and gradients of inputs are worked out faster for a whole batch at
  /// once; what `convolution` makes does the rest.
  func batchConvolution(_ geometry: ConvolutionGeometry, images: Int) -> WinogradBatch?
}

extension Backend {
  func batchConvolution(_ geometry: ConvolutionGeometry, images: Int) -> WinogradBatch? { nil }
}
