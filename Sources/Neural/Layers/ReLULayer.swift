// ReLU and ReLU6, forward and backward. The layer before computes the clamp if it can (a norm both, a
// convolution and a sum ReLU); else it is left pending for whoever reads.

extension PlanBuilder {
  /// A clamp that no other layer computes.
  func clamp(_ index: Int) {
    guard !absorbed.contains(index), let limits = network.steps[index].layer.clamp else { return }
    let x = unchanged(input(of: index))
    let pending = leavePending(x, index, nil)
    pending.clamp(x.shape.channels, to: limits)
    clamps[index] = (x, pending)
    copyIntoJoin(x, pending, index)
  }

  /// Hands the gradient to the layer that computed the clamp.
  func clampBackward(_ index: Int, _ dy: View) {
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
    clamp.clamp(c, to: 0...(.infinity))
    return DeferredGradient(
      dy: dy, y: y, pending: clamp, factors: GradientFactors(self, channels: c))
  }
}
