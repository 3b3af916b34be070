// A group norm in the plan, shared by its forward and backward work, with the arithmetic of its statistics.

/// A group norm in the plan: what it reads, its parameters' places, and each image's statistics and
/// factors. One row of channels for each image.
final class GroupNormStep {
  /// As stored.
  let x: View
  let groups: Int
  let weight: Int
  let bias: Int
  let scale: Floats
  let shift: Floats
  /// One value a channel, for all images.
  let floor: Floats
  /// Of the channel's group.
  let mean: Floats
  /// 1 / sigma of the channel's group.
  let inverse: Doubles
  /// Of the moments, and later of the gradient.
  let sums: Doubles
  let squares: Doubles
  private let first: Floats
  private let channels: Int

  init(
    _ builder: PlanBuilder, _ x: View, groups: Int, weight: Int, bias: Int, floor: Float
  ) {
    self.x = x
    self.groups = groups
    self.weight = weight
    self.bias = bias
    channels = x.shape.channels
    self.floor = builder.floats(channels)
    self.floor.pointer.update(repeating: floor, count: channels)
    let count = builder.batch * channels
    scale = builder.floats(count)
    shift = builder.floats(count)
    mean = builder.floats(count)
    inverse = builder.doubles(count)
    sums = builder.doubles(count)
    squares = builder.doubles(count)
    first = builder.floats(count)
  }

  func moments(_ at: Position) -> Moments {
    let row = at.image * channels
    return Moments(
      shift: first.pointer + row, sum: sums.pointer + row, squares: squares.pointer + row)
  }

  /// The channels of each group of an image, as places in the rows.
  private func forEachGroup(_ image: Int, _ body: (Range<Int>) -> Void) {
    let each = channels / groups
    for group in 0..<groups {
      let start = image * channels + group * each
      body(start..<start + each)
    }
  }

  /// Statistics and factors from the moments. A group's are merged from those of its channels
  /// (Chan et al., 1983).
  func settle(
    _ image: Int, pixels: Int, _ gamma: UnsafePointer<Float>, _ beta: UnsafePointer<Float>,
    epsilon: Double
  ) {
    let (sum, square) = (sums.pointer, squares.pointer)
    let count = Double(pixels)
    forEachGroup(image) { group in
      for i in group {
        square[i] = max(square[i] - sum[i] * sum[i] / count, 0)
        sum[i] = Double(first.pointer[i]) + sum[i] / count
      }
      let center = group.reduce(0) { $0 + sum[$1] } / Double(group.count)
      let total = group.reduce(0) {
        $0 + square[$1] + count * (sum[$1] - center) * (sum[$1] - center)
      }
      let own = 1 / (total / (count * Double(group.count)) + epsilon).squareRoot()
      for i in group {
        let channel = i - image * channels
        let factor = Double(gamma[channel]) * own
        mean.pointer[i] = Float(center)
        inverse.pointer[i] = own
        scale.pointer[i] = Float(factor)
        shift.pointer[i] = Float(Double(beta[channel]) - center * factor)
      }
    }
  }

  /// Factors of the gradient from the sums of g and g (x - mean); leaves those of g and g xhat.
  func differentiate(
    _ image: Int, pixels: Int, _ gamma: UnsafePointer<Float>, _ factors: GradientFactors
  ) {
    let (sum, product) = (sums.pointer, squares.pointer)
    forEachGroup(image) { group in
      let count = Double(pixels * group.count)
      var (plain, along) = (0.0, 0.0)
      for i in group {
        let channel = i - image * channels
        product[i] *= inverse.pointer[i]
        plain += Double(gamma[channel]) * sum[i] / count
        along += Double(gamma[channel]) * product[i] / count
      }
      // With xhat = (x - mean) / sigma and means over the group:
      // dx = 1 / sigma (gamma g - mean(gamma g) - xhat mean(gamma g xhat)) = a g + b x + d
      for i in group {
        let own = inverse.pointer[i]
        let slope = -own * own * along
        factors.a.pointer[i] = Float(Double(gamma[i - image * channels]) * own)
        factors.b.pointer[i] = Float(slope)
        factors.d.pointer[i] = Float(-own * plain - slope * Double(mean.pointer[i]))
      }
    }
  }
}
