// ReLU, forward and backward. The layer before it computes it if it can (a convolution, a norm, a sum);
// else the clamp is left pending for whoever reads.

extension PlanBuilder {
  /// A ReLU that no other layer computes.
  func relu(_ index: Int) {
    guard !absorbed.contains(index) else { return }
    let x = unchanged(input(of: index))
    let pending = leavePending(x, index, nil)
    pending.setFloor(0, x.shape.channels)
    clamps[index] = (x, pending)
    copyIntoJoin(x, pending, index)
  }

  /// Hands the gradient to the layer that computed the ReLU.
  func reluBackward(_ index: Int, _ dy: View) {
    let input = input(of: index)
    if let (x, pending) = clamps[index] {
      let factors = GradientFactors(self, channels: x.shape.channels)
      passGradient(DeferredGradient(dy: dy, y: x, pending: pending, factors: factors), to: input)
    } else if norms[input] != nil {
      normalizeBackward(input, dy)
    } else if groupNorms[input] != nil {
      groupNormalizeBackward(input, dy)
    } else if network.steps[input].layer == .add {
      addedClampBackward(index, dy)
    } else {
      deferredGradients[input] = clamped(dy, at: stored(input))
    }
  }

  /// The gradient behind a ReLU that the convolution or sum before it computed: its result is clamped
  /// already, and clamping again finds where.
  func clamped(_ dy: View, at y: View) -> DeferredGradient {
    let c = dy.shape.channels
    let clamp = Factors(Pending(self, channels: c), offset: 0)
    clamp.setFloor(0, c)
    return DeferredGradient(
      dy: dy, y: y, pending: clamp, factors: GradientFactors(self, channels: c))
  }
}
