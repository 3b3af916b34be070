// Batch norm and ReLU, forward and backward. Neither writes its result: statistics are taken where the
// layer before writes, and scale, shift and clamp are left pending for whoever reads. The gradient is
// likewise worked out where it is read.

import CKernels

extension PlanBuilder {
  // MARK: Forward

  /// Normalization, together with the ReLU that is its only reader.
  func normalize(_ index: Int) {
    let step = network.steps[index]
    guard case .batchNorm(_, let epsilon) = step.layer, let place = NormPlace(store, step.name)
    else { return }
    let relu = reluAfter(index)
    if let relu { absorbed.insert(relu) }
    let x = unchanged(step.inputs[0])
    let norm = norms[index] ?? NormStep(self, channels: x.shape.channels)
    norms[index] = norm
    let pending = leavePending(x, index, relu)
    (norm.x, norm.pending) = (x, pending)
    if relu != nil { pending.setFloor(0, x.shape.channels) }
    if training {
      if !norm.isMeasured { measure(x, norm) }
      barrier(statistics(norm, pixels: x.shape.pixels, place, epsilon))
    } else {
      prepare.append {
        for i in 0..<norm.channels {
          let scale = place.gamma[i] / (place.variance[i] + epsilon).squareRoot()
          pending.scale[i] = scale
          pending.shift[i] = place.beta[i] - place.mean[i] * scale
        }
      }
    }
    settle(x, pending, relu ?? index)
  }

  /// A ReLU that no other layer computes.
  func clamp(_ index: Int) {
    let x = unchanged(network.steps[index].inputs[0])
    let pending = leavePending(x, index, nil)
    pending.setFloor(0, x.shape.channels)
    clamps[index] = (x, pending)
    settle(x, pending, index)
  }

  /// A step's result without anything pending.
  func unchanged(_ index: Int) -> View {
    let x = stored(index)
    return x.pending == nil ? x : value(index)
  }

  /// Makes `x` with something pending the result of a step and of the ReLU behind it. The factors are
  /// the joined image's if `x` lies in it.
  private func leavePending(_ x: View, _ index: Int, _ relu: Int?) -> Factors {
    let last = relu ?? index
    let isInPlace = place(last).map { $0.buffer === x.buffer && $0.offset == x.offset } ?? true
    let factors =
      isInPlace ? pending(last) : Factors(Pending(self, channels: x.shape.channels), offset: 0)
    var y = x
    y.pending = factors
    values[index] = y
    values[last] = y
    return factors
  }

  /// Where a step's result belongs if it is part of a joined image.
  private func place(_ index: Int) -> View? {
    guard let (join, offset) = joins[index] else { return nil }
    return result(join).channels(offset, shapes[index].channels)
  }

  /// Writes the result to its place in a joined image if it isn't there.
  private func settle(_ x: View, _ factors: Factors, _ index: Int) {
    guard let target = place(index), target.buffer !== x.buffer || target.offset != x.offset
    else { return }
    var y = x
    y.pending = factors
    transfer([x, target], x.shape, from: source(y), to: sink(target))
    values[index] = target
  }

  // MARK: Statistics

  /// Takes the moments of a value that was written without.
  private func measure(_ x: View, _ norm: NormStep) {
    let (kernels, shape, source) = (kernels, x.shape, source(x))
    needScratch(shape.width * shape.channels)
    slice([x]) { at in
      var from = source(at)
      let moments = norm.moments(at)
      for first in stride(from: 0, to: shape.pixels, by: shape.width) {
        from.read(first, shape.width, into: at.scratch, pitch: shape.channels)
        if first == 0 { moments.start(at: at.scratch, shape.channels) }
        kernels.call.moments(
          shape.width, shape.channels, at.scratch, shape.channels, moments.shift, moments.sum,
          moments.squares)
      }
    }
  }

  /// Mean and variance over the batch. Each image's sums are of differences to its first pixel, so
  /// that a large mean costs no digits; images are merged in a fixed tree (Chan et al., 1983).
  private func statistics(
    _ norm: NormStep, pixels: Int, _ place: NormPlace, _ epsilon: Float
  ) -> () -> Void {
    let (batch, c) = (batch, norm.channels)
    return {
      guard let pending = norm.pending else { return }
      let (means, squares, shifts) = (
        norm.sums.pointer, norm.squares.pointer, norm.shifts.pointer
      )
      for i in 0..<(batch * c) {
        let sum = means[i]
        means[i] = Double(shifts[i]) + sum / Double(pixels)
        squares[i] -= sum * sum / Double(pixels)
      }
      let total = Double(batch * pixels)
      var step = 1
      while step < batch {
        for low in stride(from: 0, to: batch - step, by: 2 * step) {
          let na = Double(step * pixels)
          let nb = Double(min(step, batch - low - step) * pixels)
          for i in 0..<c {
            let (a, b) = (low * c + i, (low + step) * c + i)
            let difference = means[b] - means[a]
            means[a] += difference * nb / (na + nb)
            squares[a] += squares[b] + difference * difference * na * nb / (na + nb)
          }
        }
        step *= 2
      }
      for i in 0..<c {
        let variance = max(squares[i], 0) / total
        let inverse = 1 / (variance + Double(epsilon)).squareRoot()
        let scale = Double(place.gamma[i]) * inverse
        norm.mean.pointer[i] = Float(means[i])
        norm.inverse.pointer[i] = Float(inverse)
        norm.variance.pointer[i] = Float(squares[i] / max(total - 1, 1))
        pending.scale[i] = Float(scale)
        pending.shift[i] = Float(Double(place.beta[i]) - means[i] * scale)
      }
    }
  }

  // MARK: Backward

  /// The gradient of what a norm (and the ReLU behind it) read, from that of the result.
  func normalizeBackward(_ index: Int, _ dy: View) {
    let step = network.steps[index]
    guard let norm = norms[index], let place = NormPlace(store, step.name), let x = norm.x,
      let pending = norm.pending
    else { return }
    let (batch, pixels, c) = (batch, x.shape.pixels, norm.channels)
    let gradient = NormGradient(dy: dy, y: x, pending: pending, factors: norm.gradient)
    let source = source(gradient)
    let (sums, products) = (norm.sums.pointer, norm.squares.pointer)
    slice([x, dy]) { at in
      let (sum, product) = (sums + at.image * c, products + at.image * c)
      sum.update(repeating: 0, count: c)
      product.update(repeating: 0, count: c)
      var from = source(at)
      from.gradientSums(0, pixels, mean: norm.mean.pointer, sum: sum, product: product)
    }
    let gradients = store.gradients.pointer
    let factors = norm.gradient
    barrier {
      let total = Double(batch * pixels)
      treeSumRows(sums, rows: batch, columns: c)
      treeSumRows(products, rows: batch, columns: c)
      for i in 0..<c {
        let inverse = Double(norm.inverse.pointer[i])
        let product = products[i] * inverse
        gradients[place.gammaOffset + i] = Float(product)
        gradients[place.betaOffset + i] = Float(sums[i])
        // dx = gamma / sigma (g - mean(g) - xhat mean(g xhat)), with xhat = (x - mean) / sigma
        let a = Double(place.gamma[i]) * inverse
        let b = -a * inverse * product / total
        factors.a.pointer[i] = Float(a)
        factors.b.pointer[i] = Float(b)
        factors.d.pointer[i] = Float(-a * sums[i] / total - b * Double(norm.mean.pointer[i]))
      }
    }
    pass(gradient, to: step.inputs[0])
  }

  /// The gradient of what a ReLU of its own read.
  func clampBackward(_ index: Int, _ dy: View) {
    guard let (x, pending) = clamps[index] else { return }
    let factors = GradientFactors(self, channels: x.shape.channels)
    pass(
      NormGradient(dy: dy, y: x, pending: pending, factors: factors),
      to: network.steps[index].inputs[0])
  }

  /// The gradient behind a ReLU that the convolution or sum before it computed: its result is clamped
  /// already, and clamping again finds where.
  func absorbedClampBackward(_ index: Int, _ dy: View) {
    let c = dy.shape.channels
    let clamp = Factors(Pending(self, channels: c), offset: 0)
    clamp.setFloor(0, c)
    let input = network.steps[index].inputs[0]
    normGradients[input] = NormGradient(
      dy: dy, y: stored(input), pending: clamp,
      factors: GradientFactors(self, channels: c))
  }

  /// Leaves a gradient to the convolution that alone reads it, else writes it.
  private func pass(_ gradient: NormGradient, to input: Int) {
    guard isTrained[input] else { return }
    if convolutions[input] != nil, readers[input] == 1, gradients[input] == nil,
      !network.steps[input].layer.isDense
    {
      normGradients[input] = gradient
      return
    }
    let (dx, accumulate) = self.gradient(into: input)
    transfer(
      [gradient.dy, gradient.y, dx], dx.shape, from: source(gradient),
      to: sink(dx, accumulate: accumulate))
  }
}
