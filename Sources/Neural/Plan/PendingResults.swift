// Results that are left half done: a norm's scale and shift, and a ReLU's clamp, are applied by whoever
// reads; so are the factors of their gradients.

extension PlanBuilder {
  /// Makes `x` with something pending the result of a step and of the clamp behind it. The factors are
  /// the joined image's if `x` lies in it.
  func leavePending(_ x: View, _ index: Int, _ clamp: Int?) -> Factors {
    let last = clamp ?? index
    let isInPlace = joinedView(last).map { $0.buffer === x.buffer && $0.offset == x.offset } ?? true
    let factors =
      isInPlace ? pending(last) : Factors(Pending(self, channels: x.shape.channels), offset: 0)
    var y = x
    y.pending = factors
    values[index] = y
    values[last] = y
    return factors
  }

  /// Writes the result to its place in a joined image if it isn't there.
  func copyIntoJoin(_ x: View, _ factors: Factors, _ index: Int) {
    guard let target = joinedView(index), target.buffer !== x.buffer || target.offset != x.offset
    else { return }
    var y = x
    y.pending = factors
    transfer([x, target], x.shape, from: source(y), to: sink(target))
    values[index] = target
  }

  /// Leaves a gradient to the convolution that alone reads it, else writes it.
  func passGradient(_ gradient: DeferredGradient, to input: Int) {
    guard analysis.isTrained[input] else { return }
    if convolutions[input] != nil, analysis.readers[input] == 1, gradients[input] == nil,
      !network.steps[input].layer.isDense
    {
      deferredGradients[input] = gradient
      return
    }
    let (dx, accumulate) = self.gradient(into: input)
    transfer(
      [gradient.dy, gradient.y, dx], dx.shape, from: source(gradient),
      to: sink(dx, accumulate: accumulate))
  }
}
