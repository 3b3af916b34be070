// Batch norm, forward and backward, together with the ReLU or ReLU6 that is its only reader. It doesn't write its
// result: statistics are taken where the layer before writes, and scale, shift and clamp are left pending
// for whoever reads. The gradient is likewise worked out where it is read.

// MARK: - Forward

extension PlanBuilder {
  func normalize(_ index: Int) {
    let step = network.steps[index]
    guard !absorbed.contains(index), case .batchNorm(_, let epsilon) = step.layer,
      let parameters = BatchNormParameters(store, step.name)
    else { return }
    let clamp = analysis.clampAfter(index)
    if let clamp { absorbed.insert(clamp) }
    let x = unchanged(step.inputs[0])
    let norm = norms[index] ?? BatchNormStep(self, channels: x.shape.channels)
    norms[index] = norm
    let pending = leavePending(x, index, clamp)
    (norm.x, norm.pending) = (x, pending)
    if let limits = clamp.flatMap({ network.steps[$0].layer.clamp }) {
      pending.clamp(x.shape.channels, to: limits)
    }
    if training {
      if !norm.isMeasured { measure(x, norm) }
      let batch = batch
      barrier { norm.settle(images: batch, pixels: x.shape.pixels, parameters, epsilon) }
    } else {
      prepare.append {
        for i in 0..<norm.channels {
          let scale = parameters.scale(i, epsilon)
          pending.scale[i] = scale
          pending.shift[i] = parameters.beta[i] - parameters.mean[i] * scale
        }
      }
    }
    copyIntoJoin(x, pending, clamp ?? index)
  }

  /// Takes the moments of a value that was written without.
  private func measure(_ x: View, _ norm: BatchNormStep) {
    let (kernels, shape, source) = (kernels, x.shape, source(x))
    needScratch(shape.width * shape.channels)
    slice([x]) { at in
      var from = source(at)
      let moments = norm.moments(at)
      let row = Pixels(at.scratch, shape.channels)
      for first in stride(from: 0, to: shape.pixels, by: shape.width) {
        from.read(first, shape.width, into: at.scratch, pitch: shape.channels)
        if first == 0 { moments.start(at: at.scratch, shape.channels) }
        kernels.addMoments(shape.width, channels: shape.channels, row, into: moments)
      }
    }
  }
}

extension BatchNormStep {
  /// Mean and variance over the batch, and the factors that follow. Each image's sums are of differences
  /// to its first pixel, so that a large mean costs no digits; images are merged in a fixed tree (Chan et
  /// al., 1983).
  fileprivate func settle(
    images: Int, pixels: Int, _ parameters: BatchNormParameters, _ epsilon: Float
  ) {
    guard let pending else { return }
    let (means, squares, shifts, c) = (sums.pointer, squares.pointer, shifts.pointer, channels)
    for i in 0..<(images * c) {
      let sum = means[i]
      means[i] = Double(shifts[i]) + sum / Double(pixels)
      squares[i] -= sum * sum / Double(pixels)
    }
    merge(images: images, pixels: pixels)
    let total = Double(images * pixels)
    for i in 0..<c {
      let variance = max(squares[i], 0) / total
      let inverse = 1 / (variance + Double(epsilon)).squareRoot()
      let scale = Double(parameters.gamma[i]) * inverse
      mean.pointer[i] = Float(means[i])
      self.inverse.pointer[i] = Float(inverse)
      self.variance.pointer[i] = Float(squares[i] / max(total - 1, 1))
      pending.scale[i] = Float(scale)
      pending.shift[i] = Float(Double(parameters.beta[i]) - means[i] * scale)
    }
  }

  /// Means and sums of squares of all images into those of the first.
  private func merge(images: Int, pixels: Int) {
    let (means, squares, c) = (sums.pointer, squares.pointer, channels)
    var step = 1
    while step < images {
      for low in stride(from: 0, to: images - step, by: 2 * step) {
        let na = Double(step * pixels)
        let nb = Double(min(step, images - low - step) * pixels)
        for i in 0..<c {
          let (a, b) = (low * c + i, (low + step) * c + i)
          let difference = means[b] - means[a]
          means[a] += difference * nb / (na + nb)
          squares[a] += squares[b] + difference * difference * na * nb / (na + nb)
        }
      }
      step *= 2
    }
  }
}

// MARK: - Backward

extension PlanBuilder {
  /// The gradient of what a norm (and the clamp behind it) read, from that of the result.
  func normalizeBackward(_ index: Int, _ dy: View) {
    let step = network.steps[index]
    guard let norm = norms[index], let parameters = BatchNormParameters(store, step.name),
      let x = norm.x, let pending = norm.pending
    else { return }
    let (batch, pixels, c) = (batch, x.shape.pixels, norm.channels)
    let gradient = DeferredGradient(dy: dy, y: x, pending: pending, factors: norm.gradient)
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
    barrier {
      treeSumRows(sums, rows: batch, columns: c)
      treeSumRows(products, rows: batch, columns: c)
      norm.differentiate(total: Double(batch * pixels), parameters, into: gradients)
    }
    passGradient(gradient, to: step.inputs[0])
  }
}

extension BatchNormStep {
  /// Gradients of gamma and beta, and the factors of that of x, from the sums of g and g (x - mean)
  /// over `total` pixels.
  fileprivate func differentiate(
    total: Double, _ parameters: BatchNormParameters, into gradients: UnsafeMutablePointer<Float>
  ) {
    let (sums, products) = (sums.pointer, squares.pointer)
    for i in 0..<channels {
      let inverse = Double(self.inverse.pointer[i])
      let product = products[i] * inverse
      gradients[parameters.gammaOffset + i] = Float(product)
      gradients[parameters.betaOffset + i] = Float(sums[i])
      // dx = gamma / sigma (g - mean(g) - xhat mean(g xhat)), with xhat = (x - mean) / sigma
      let a = Double(parameters.gamma[i]) * inverse
      let b = -a * inverse * product / total
      gradient.a.pointer[i] = Float(a)
      gradient.b.pointer[i] = Float(b)
      gradient.d.pointer[i] = Float(-a * sums[i] / total - b * Double(mean.pointer[i]))
    }
  }
}
