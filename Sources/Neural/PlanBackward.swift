// What each layer does in the backward pass: gradients of weights and of its inputs.

import CKernels

extension PlanBuilder {
  /// Adds the loss, its gradient and the backward work of all layers that gradients reach.
  func buildBackward(loss: Loss) -> Int {
    guard let output = network.outputIndex else { return 0 }
    addLoss(loss, output)
    let forwardPhases = phases.count - 1
    for index in network.steps.indices.reversed() where isLive[index] && isTrained[index] {
      if let dy = gradients[index] { backward(index, dy) }
    }
    addReductions()
    return forwardPhases
  }

  private func addLoss(_ loss: Loss, _ output: Int) {
    let z = value(output)
    let shape = shapes[output]
    let (gradient, _) = gradient(into: output)
    let (batch, inputs, kernels) = (batch, inputs, kernels)
    let values = doubles(batch)
    let probabilities = view(shape)
    let softplus = view(shape)
    slice([z, gradient, probabilities, softplus]) { at in
      guard let targets = inputs.targets else { return }
      let g = gradient.at(at)
      g.update(repeating: 0, count: shape.count)
      let pixels = LossPixels(
        kernels: kernels, logits: .init(start: z.at(at), count: shape.count),
        targets: .init(start: targets + at.image * shape.count, count: shape.count),
        weights: inputs.pixelWeights.map {
          .init(start: $0 + at.image * shape.count, count: shape.count)
        },
        gradient: .init(start: g, count: shape.count), probabilities: probabilities.at(at),
        softplus: softplus.at(at))
      values.pointer[at.image] = loss.add(pixels, factor: 1, images: batch)
    }
    barrier {
      inputs.loss =
        treeSum((0..<batch).map { values.pointer[$0] }) / Double(batch)
    }
  }

  private func backward(_ index: Int, _ dy: View) {
    let step = network.steps[index]
    switch step.layer {
    case .image, .features, .reflectPad: break
    case .crop(let top, let left, _, _): cropBackward(index, top: top, left: left, dy)
    case .convolution, .transposedConvolution, .dense: convolutionBackward(index, dy)
    case .batchNorm:
      normalizeBackward(index, dy, relu: false)
    case .activation(let activation):
      if isFusedIntoReLU(step.inputs[0]), activation == .relu {
        normalizeBackward(step.inputs[0], dy, relu: true)
      } else {
        activateBackward(index, activation, dy)
      }
    case .pool(let kind, let size): poolBackward(index, kind, size, dy)
    case .globalAveragePool: globalAverageBackward(index, dy)
    case .upsample(let factor, let interpolation):
      upsampleBackward(index, factor, interpolation, dy)
    case .concatenate: concatenateBackward(index, dy)
    case .add, .multiply: joinBackward(index, dy)
    case .broadcast: broadcastBackward(index, dy)
    case .dropout(let rate, let spatial):
      let (dx, accumulate) = gradient(into: step.inputs[0])
      if rate > 0 {
        drop(index, rate, spatial, from: dy, to: dx, accumulate: accumulate)
      } else {
        copyGradient(dy, dx, accumulate)
      }
    }
  }

  private func copyGradient(_ dy: View, _ dx: View, _ accumulate: Bool) {
    let kernels = kernels
    slice([dy, dx]) { at in
      kernels.call.copy(
        dy.shape.pixels, dy.shape.channels, dy.at(at), dy.pitch, dx.at(at), dx.pitch,
        accumulate ? 1 : 0)
    }
  }

  private func cropBackward(_ index: Int, top: Int, left: Int, _ dy: View) {
    let (dx, accumulate) = gradient(into: network.steps[index].inputs[0])
    let kernels = kernels
    slice([dy, dx]) { at in
      let to = dx.at(at)
      if !accumulate {
        for pixel in 0..<dx.shape.pixels {
          (to + pixel * dx.pitch).update(repeating: 0, count: dx.shape.channels)
        }
      }
      for row in 0..<dy.shape.height {
        kernels.call.copy(
          dy.shape.width, dy.shape.channels, dy.at(at) + row * dy.rowPitch, dy.pitch,
          to + (row + top) * dx.rowPitch + left * dx.pitch, dx.pitch, accumulate ? 1 : 0)
      }
    }
  }

  /// Inputs that were written straight into the joined image have their gradient in its gradient.
  private func concatenateBackward(_ index: Int, _ dy: View) {
    var offset = 0
    for input in network.steps[index].inputs {
      let part = dy.channels(offset, shapes[input].channels)
      offset += shapes[input].channels
      guard isTrained[input] else { continue }
      if gradients[input] == nil {
        gradients[input] = part
      } else {
        copyGradient(part, gradient(into: input).view, true)
      }
    }
  }

  private func broadcastBackward(_ index: Int, _ dy: View) {
    let (dx, accumulate) = gradient(into: network.steps[index].inputs[0])
    let (kernels, c) = (kernels, dy.shape.channels)
    let sums = doubles(batch * c)
    slice([dy, dx]) { at in
      let sum = sums.pointer + at.image * c
      kernels.call.channel_sums(dy.shape.pixels, c, dy.at(at), dy.pitch, sum)
      for i in 0..<c {
        dx.at(at)[i] = Float(sum[i]) + (accumulate ? dx.at(at)[i] : 0)
      }
    }
  }

  // MARK: Batch norm

  private func normalizeBackward(_ index: Int, _ dy: View, relu: Bool) {
    let step = network.steps[index]
    guard let norm = norms[index], let place = NormPlace(store, step.name) else { return }
    let x = value(step.inputs[0])
    let c = x.shape.channels
    let (batch, pixels, kernels) = (batch, x.shape.pixels, kernels)
    let clamp: Int32 = relu ? 1 : 0
    let sums = doubles(batch * c)
    let products = doubles(batch * c)
    slice([x, dy]) { at in
      kernels.call.norm_sums(
        pixels, c, dy.at(at), dy.pitch, x.at(at), x.pitch, norm.scale.pointer,
        norm.shift.pointer, norm.mean.pointer, clamp, sums.pointer + at.image * c,
        products.pointer + at.image * c)
    }
    let gradients = store.gradients.pointer
    barrier {
      let total = Double(batch * pixels)
      treeSumRows(sums.pointer, rows: batch, columns: c)
      treeSumRows(products.pointer, rows: batch, columns: c)
      for i in 0..<c {
        let inverse = Double(norm.inverse.pointer[i])
        let mean = Double(norm.mean.pointer[i])
        let product = products.pointer[i] * inverse
        gradients[place.gammaOffset + i] = Float(product)
        gradients[place.betaOffset + i] = Float(sums.pointer[i])
        // dx = gamma / sigma (g - mean(g) - xhat mean(g xhat)), with xhat = (x - mean) / sigma
        let a = Double(place.gamma[i]) * inverse
        let b = -a * inverse * product / total
        norm.a.pointer[i] = Float(a)
        norm.b.pointer[i] = Float(b)
        norm.d.pointer[i] = Float(-a * sums.pointer[i] / total - b * mean)
      }
    }
    let input = step.inputs[0]
    guard isTrained[input] else { return }
    let (dx, accumulate) = gradient(into: input)
    slice([x, dy, dx]) { at in
      kernels.call.norm_backward(
        pixels, c, dy.at(at), dy.pitch, x.at(at), x.pitch, norm.scale.pointer,
        norm.shift.pointer, norm.a.pointer, norm.b.pointer, norm.d.pointer, clamp, dx.at(at),
        dx.pitch, accumulate ? 1 : 0)
    }
  }

  // MARK: Layers with weights

  private func convolutionBackward(_ index: Int, _ gradient: View) {
    guard let step = convolutions[index] else { return }
    let input = network.steps[index].inputs[0]
    let x = value(input)
    let (operation, batch, kernels) = (step.operation, batch, kernels)
    let dy = gradient
    let dw: View
    let parts = operation.gradientParts
    // A dense layer reads whole vectors.
    let isDense = if case .dense = network.steps[index].layer { true } else { false }
    let source = isDense ? dense(x) : x
    if parts == 1 {
      dw = view(count: operation.gradientCount)
      slice([source, dy, dw]) { at in
        let to = dw.at(at)
        to.update(repeating: 0, count: operation.gradientCount)
        operation.backwardWeights(
          Pixels(pointer: source.at(at), pitch: source.pitch),
          Pixels(pointer: dy.at(at), pitch: dy.pitch), to, part: 0, scratch: at.scratch)
      }
      addReduction(dw, count: operation.gradientCount, step, operation.gradientOrder)
    }
    if let bias = step.bias {
      let c = dy.shape.channels
      let sums = doubles(batch * c)
      slice([dy]) { at in
        kernels.call.channel_sums(
          dy.shape.pixels, c, dy.at(at), dy.pitch, sums.pointer + at.image * c)
      }
      let gradients = store.gradients.pointer
      reductions.append { _, _ in
        treeSumRows(sums.pointer, rows: batch, columns: c)
        for i in 0..<c { gradients[bias + i] = Float(sums.pointer[i]) }
      }
    }
    if let backward = step.backward {
      let (dx, accumulate) = self.gradient(into: input)
      let target = isDense ? dense(dx) : dx
      slice([dy, target]) { at in
        operation.backwardData(
          Pixels(pointer: dy.at(at), pitch: dy.pitch),
          Pixels(pointer: target.at(at), pitch: target.pitch), prepared: backward.pointer,
          accumulate: accumulate, scratch: at.scratch)
      }
    }
    if parts > 1 { largeWeights(step, x, dy) }
  }

  /// Gradients of many weights: each part is added up over the whole batch by one worker, since a
  /// copy an image would be large.
  private func largeWeights(_ step: ConvolutionStep, _ x: View, _ dy: View) {
    let (operation, batch) = (step.operation, batch)
    let total = floats(operation.gradientCount)
    let each = operation.gradientCount / operation.gradientParts
    items(operation.gradientParts, [x, dy]) { part, scratch in
      (total.pointer + part * each).update(repeating: 0, count: each)
      for image in 0..<batch {
        let at = Position(image: image, worker: 0, scratch: scratch)
        operation.backwardWeights(
          Pixels(pointer: x.at(at), pitch: x.pitch), Pixels(pointer: dy.at(at), pitch: dy.pitch),
          total.pointer, part: part, scratch: scratch)
      }
    }
    let gradients = store.gradients.pointer + step.weights
    let order = operation.gradientOrder
    reductions.append { _, _ in
      for (place, from) in order.enumerated() { gradients[place] = total.pointer[from] }
    }
  }

  private func addReduction(_ dw: View, count: Int, _ step: ConvolutionStep, _ order: [Int]) {
    reductionViews.append(dw)
    let (batch, kernels) = (batch, kernels)
    let gradients = store.gradients.pointer + step.weights
    reductions.append { _, scratch in
      func slot(_ image: Int) -> UnsafeMutablePointer<Float> {
        dw.at(Position(image: image, worker: 0, scratch: scratch))
      }
      var step = 1
      while step < batch {
        for low in stride(from: 0, to: batch - step, by: 2 * step) {
          kernels.call.add(count, slot(low + step), slot(low))
        }
        step *= 2
      }
      let total = slot(0)
      for (place, from) in order.enumerated() { gradients[place] = total[from] }
    }
  }

  private func addReductions() {
    let work = reductions
    items(work.count, reductionViews) { item, scratch in work[item](item, scratch) }
  }

  /// An image as one vector.
  private func dense(_ x: View) -> View {
    var vector = x
    vector.shape = Shape(height: 1, width: 1, channels: x.shape.count)
    vector.pitch = x.shape.count
    return vector
  }
}

/// Adds the rows of a matrix into its first, in a fixed tree.
func treeSumRows(_ values: UnsafeMutablePointer<Double>, rows: Int, columns: Int) {
  var step = 1
  while step < rows {
    for low in stride(from: 0, to: rows - step, by: 2 * step) {
      for i in 0..<columns { values[low * columns + i] += values[(low + step) * columns + i] }
    }
    step *= 2
  }
}
