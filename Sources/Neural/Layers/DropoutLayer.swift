// Dropout, forward and backward. Which values are dropped follows from the step's key, the layer, the
// image and the value's number alone, so the mask is found again rather than kept.

extension PlanBuilder {
  /// Inference, and a rate of 0, leave the input as it is.
  func dropout(_ index: Int, _ rate: Double, _ spatial: Bool) {
    let x = value(input(of: index))
    if training && rate > 0 {
      drop(index, rate, spatial, from: x, to: result(index), accumulate: false)
    } else if analysis.joins[index] == nil {
      values[index] = x
    } else {
      let y = result(index)
      transfer([x, y], x.shape, from: source(x), to: sink(y))
    }
  }

  func dropoutBackward(_ index: Int, _ rate: Double, _ spatial: Bool, _ dy: View) {
    guard rate > 0 else { return copyGradient(dy, into: input(of: index)) }
    let (dx, accumulate) = gradient(into: input(of: index))
    drop(index, rate, spatial, from: dy, to: dx, accumulate: accumulate)
  }

  /// Zeroes values with probability `rate` and scales the rest, by the same mask for values and
  /// gradients.
  private func drop(
    _ index: Int, _ rate: Double, _ spatial: Bool, from x: View, to y: View, accumulate: Bool
  ) {
    let threshold = UInt32((rate * 0x1p32).rounded())
    let scale = Float(1 / (1 - rate))
    let (inputs, kernels, layer) = (inputs, kernels, UInt64(index))
    slice([x, y]) { at in
      let key = mixed(inputs.key, layer, UInt64(at.image))
      kernels.drop(
        x.shape.pixels, channels: x.shape.channels, x.pixels(at), key: key, threshold: threshold,
        scale: scale, spatial: spatial, to: y.rows(at, accumulate: accumulate))
    }
  }
}
