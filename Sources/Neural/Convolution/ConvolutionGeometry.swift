// The sizes that an operation is made for.

/// Sizes of a convolution from `input` to `output`. For a transposed convolution, those of the
/// operation itself: `output` is larger.
struct ConvolutionGeometry {
  var input: Shape
  var output: Shape
  var kernel: Int
  var stride = 1
  var dilation = 1
  var groups = 1
  /// Zeros around the input.
  var padding = 0
  var taps: Int { kernel * kernel }
}
