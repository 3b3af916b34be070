// Group normalization (Wu and He, 2018), forward and backward, together with the ReLU that is its
// only reader. Statistics are an image's own, so no slice of the batch waits for another.

extension PlanBuilder {
  func groupNormalize(_ index: Int) {
    let step = network.steps[index]
    guard case .groupNorm(let groups, let epsilon) = step.layer,
      let weight = store.offset(of: "\(step.name).weight"),
      let bias = store.offset(of: "\(step.name).bias")
    else { return }
    let relu = analysis.reluAfter(index)
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
        kernels.addMoments(shape.width, channels: shape.channels, row, into: moments)
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
    let input = input(of: index)
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
    guard analysis.isTrained[input] else { return }
    let (dx, accumulate) = self.gradient(into: input)
    transfer([x, dy, dx], shape, from: gradient, to: sink(dx, accumulate: accumulate))
  }
}
