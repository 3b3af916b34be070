// A batch norm in the plan, shared by its forward and backward work.

/// What a batch norm reads, this batch's statistics, and the factors of its gradient.
final class BatchNormStep {
  let channels: Int
  let mean: Floats
  /// 1 / sigma.
  let inverse: Floats
  /// This batch's unbiased variance, for the running one.
  let variance: Floats
  let gradient: GradientFactors
  /// Moments, and later sums of the gradient: one row of channels for each image.
  let shifts: Floats
  let sums: Doubles
  let squares: Doubles
  /// Whether the layer before takes the moments of what it writes.
  var isMeasured = false
  /// What the norm reads, as stored.
  var x: View?
  /// The factors of the forward pass.
  var pending: Factors?

  init(_ builder: PlanBuilder, channels: Int) {
    self.channels = channels
    mean = builder.floats(channels)
    inverse = builder.floats(channels)
    variance = builder.floats(channels)
    gradient = GradientFactors(builder, channels: channels)
    let count = builder.training ? builder.batch * channels : 0
    shifts = builder.floats(count)
    sums = builder.doubles(count)
    squares = builder.doubles(count)
  }

  func moments(_ at: Position) -> Moments {
    let row = at.image * channels
    return Moments(
      shift: shifts.pointer + row, sum: sums.pointer + row, squares: squares.pointer + row)
  }
}
