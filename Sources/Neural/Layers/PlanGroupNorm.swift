// Group normalization (Wu and He, 2018), forward and backward, together with the ReLU that is its
// only reader. Statistics are an image's own, so no slice of the batch waits for another.

import CKernels

extension PlanBuilder {
  func groupNormalize(_ index: Int) {
    let step = network.steps[index]
    guard case .groupNorm(let groups, let epsilon) = step.layer,
      let weight = store.offset(of: "\(step.name).weight"),
      let bias = store.offset(of: "\(step.name).bias")
    else { return }
    let relu = reluAfter(index)
    if let relu { absorbed.insert(relu) }
    let (x, y) = (unchanged(step.inputs[0]), result(relu ?? index))
    values[index] = y
    let norm = GroupNormStep(
      self, x, groups: groups, weight: weight, bias: bias, floor: relu == nil ? -.infinity : 0)
    groupNorms[index] = norm
    let (kernels, shape, plain) = (kernels, x.shape, source(x))
    let (gamma, beta) = (store.values.pointer + weight, store.values.pointer + bias)
    needScratch(shape.width * shape.channels)
    slice([x]) { at in
      var from = plain(at)
      let moments = norm.moments(at)
      for first in stride(from: 0, to: shape.pixels, by: shape.width) {
        let row = from.pixels(first, shape.width, scratch: at.scratch)
        if first == 0 { moments.start(at: row.pointer, shape.channels) }
        kernels.call.moments(
          shape.width, shape.channels, row.pointer, row.pitch, moments.shift, moments.sum,
          moments.squares)
      }
      norm.settle(at.image, pixels: shape.pixels, gamma, beta, epsilon: Double(epsilon))
    }
    transfer(
      [x, y], shape,
      from: { at in
        var source = plain(at)
        let row = at.image * shape.channels
        source.normalize(
          scale: norm.scale.pointer + row, shift: norm.shift.pointer + row,
          floor: norm.floor.pointer)
        return source
      }, to: sink(y))
  }

  /// - Parameter dy: the gradient of the result, or of the ReLU's that was computed with it.
  func groupNormalizeBackward(_ index: Int, _ dy: View) {
    guard let norm = groupNorms[index] else { return }
    let input = network.steps[index].inputs[0]
    let (x, shape, batch) = (norm.x, norm.x.shape, batch)
    let c = shape.channels
    let (sums, products) = (norm.sums.pointer, norm.squares.pointer)
    let factors = GradientFactors(self, channels: batch * c)
    let plain = source(dy)
    let gradient: (Position) -> Source = { at in
      var source = plain(at)
      let row = at.image * c
      source.differentiate(
        y: x.memory(at), pitch: x.pitch, element: x.element, scale: norm.scale.pointer + row,
        shift: norm.shift.pointer + row, floor: norm.floor.pointer, a: factors.a.pointer + row,
        b: factors.b.pointer + row, d: factors.d.pointer + row)
      return source
    }
    let gamma = store.values.pointer + norm.weight
    slice([x, dy]) { at in
      let row = at.image * c
      sums.advanced(by: row).update(repeating: 0, count: c)
      products.advanced(by: row).update(repeating: 0, count: c)
      var from = gradient(at)
      from.gradientSums(
        0, shape.pixels, mean: norm.mean.pointer + row, sum: sums + row, product: products + row)
      norm.differentiate(at.image, pixels: shape.pixels, gamma, factors)
    }
    let gradients = store.gradients.pointer
    reductions.append { _, _ in
      treeSumRows(sums, rows: batch, columns: c)
      treeSumRows(products, rows: batch, columns: c)
      for i in 0..<c {
        gradients[norm.weight + i] = Float(products[i])
        gradients[norm.bias + i] = Float(sums[i])
      }
    }
    guard isTrained[input] else { return }
    let (dx, accumulate) = self.gradient(into: input)
    transfer([x, dy, dx], shape, from: gradient, to: sink(dx, accumulate: accumulate))
  }
}

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
