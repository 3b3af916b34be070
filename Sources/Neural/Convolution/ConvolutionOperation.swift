// What a backend computes for a layer with weights: it works on one image at a time, on any worker, without
// allocating.

/// A convolution or dense layer, forward and backward, for one image.
///
/// Weights are in the engine's order (see `Parameter.Layout`). `prepare` is called once whenever
/// they changed, and turns them into whatever the other calls want.
protocol ConvolutionOperation: AnyObject {
  /// Floats that prepared weights take, for the forward pass and for the gradient of the input.
  var forwardCount: Int { get }
  var backwardCount: Int { get }
  /// Floats of scratch memory that any call may need.
  var scratchCount: Int { get }
  /// Floats of one gradient of the weights, in the operation's own form.
  var gradientCount: Int { get }
  /// Parts of the gradient of the weights that can be worked out one by one.
  var gradientParts: Int { get }
  /// A library's names for its kernels, or `own`; for people.
  var implementation: String { get }
  /// What turns the gradient, added up over the batch, into the engine's order.
  func gradientFinish() -> (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  func prepareForward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>)
  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>)
  /// y = x * w + bias, clamped at zero if `relu`.
  func forward(
    _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>)
  /// The gradient of x.
  func backwardData(
    _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>)
  /// Adds one image's gradient of the weights to `dw`; with several parts, only part number `part`.
  func backwardWeights(
    _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>)
  /// Sets part number `part` of the weights' gradient to the sum over the batch.
  func backwardWeights(
    images: Int, _ x: (Int) -> Source, _ dy: (Int) -> Source, _ dw: UnsafeMutablePointer<Float>,
    part: Int, scratch: UnsafeMutablePointer<Float>)
}

extension ConvolutionOperation {
  var implementation: String { "own" }

  func backwardWeights(
    images: Int, _ x: (Int) -> Source, _ dy: (Int) -> Source, _ dw: UnsafeMutablePointer<Float>,
    part: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let each = gradientCount / gradientParts
    (dw + part * each).update(repeating: 0, count: each)
    for image in 0..<images {
      backwardWeights(x(image), dy(image), dw, part: part, scratch: scratch)
    }
  }
}

/// An operation whose gradient of the weights is the engine's in another order.
protocol ReorderedGradient: ConvolutionOperation {
  /// For each weight in the engine's order, where its gradient is in the operation's order.
  var gradientOrder: [Int] { get }
}

extension ReorderedGradient {
  func gradientFinish() -> (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void {
    let order = gradientOrder
    return { sum, gradients in
      for (place, from) in order.enumerated() { gradients[place] = sum[from] }
    }
  }
}
