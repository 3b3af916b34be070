// Gradients of what a norm or activation read: not written, but worked out where they are read.

/// The gradient of what a norm and activation, or an activation alone, read.
struct DeferredGradient {
  /// The gradient of the result.
  var dy: View
  /// What was read, as stored.
  var y: View
  /// What the forward pass does to y.
  var pending: Factors
  var factors: GradientFactors
}

/// dx = a g + b y + d, one factor a channel.
final class GradientFactors {
  let a: Floats
  let b: Floats
  let d: Floats

  /// dx = g until the factors are set.
  init(_ builder: PlanBuilder, channels: Int) {
    a = builder.floats(channels)
    b = builder.floats(channels)
    d = builder.floats(channels)
    a.pointer.update(repeating: 1, count: channels)
    b.pointer.update(repeating: 0, count: channels)
    d.pointer.update(repeating: 0, count: channels)
  }
}
