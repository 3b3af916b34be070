// What each layer does in the backward pass: gradients of weights and of its inputs.

import CKernels

extension PlanBuilder {
  /// Adds the loss, its gradient and the backward work of all layers that gradients reach.
  func buildBackward(loss: Loss) -> Int {
    guard let output = network.outputIndex else { return 0 }
    addLoss(loss, output)
    let forwardPhases = phases.count - 1
    for index in network.steps.indices.reversed() where isLive[index] && isTrained[index] {
      if let dy = gradients[index] {
        backward(index, dy)
      } else if let gradient = normGradients[index] {
        convolutionBackward(index, [gradient.dy, gradient.y], source(gradient))
      }
    }
    addReductions()
    return forwardPhases
  }

  private func backward(_ index: Int, _ dy: View) {
    let step = network.steps[index]
    kind = step.layer.workKind
    switch step.layer {
    case .image, .features, .reflectPad: break
    case .crop(let top, let left, _, _): cropBackward(index, top: top, left: left, dy)
    case .convolution, .transposedConvolution, .dense:
      convolutionBackward(index, [dy], source(dy))
    case .batchNorm: normalizeBackward(index, dy)
    case .groupNorm: groupNormalizeBackward(index, dy)
    case .activation(.relu): reluBackward(index, dy)
    case .activation(let activation): activateBackward(index, activation, dy)
    case .pool(let kind, let size): poolBackward(index, kind, size, dy)
    case .slidingPool(let kind, let window): slidingPoolBackward(index, kind, window, dy)
    case .globalAveragePool, .adaptiveAveragePool, .upsample: resampleBackward(index, dy)
    case .concatenate: concatenateBackward(index, dy)
    case .add: addBackward(index, dy)
    case .multiply: productBackward(index, dy)
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

  private func reluBackward(_ index: Int, _ dy: View) {
    let input = network.steps[index].inputs[0]
    if clamps[index] != nil {
      clampBackward(index, dy)
    } else if norms[input] != nil {
      normalizeBackward(input, dy)
    } else if groupNorms[input] != nil {
      groupNormalizeBackward(input, dy)
    } else if network.steps[input].layer == .add {
      addedClampBackward(index, dy)
    } else {
      absorbedClampBackward(index, dy)
    }
  }

  private func copyGradient(_ dy: View, _ dx: View, _ accumulate: Bool) {
    transfer([dy, dx], dy.shape, from: source(dy), to: sink(dx, accumulate: accumulate))
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
      if gradients[input] == nil, part.element == elements[input] {
        gradients[input] = part
      } else if gradients[input] == nil {
        copyGradient(part, gradient(into: input).view, false)
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
      sum.update(repeating: 0, count: c)
      kernels.call.channel_sums(dy.shape.pixels, c, dy.at(at), dy.pitch, sum)
      for i in 0..<c {
        dx.at(at)[i] = Float(sum[i]) + (accumulate ? dx.at(at)[i] : 0)
      }
    }
  }

  // MARK: Layers with weights

  private func convolutionBackward(
    _ index: Int, _ views: [View], _ gradient: @escaping (Position) -> Source
  ) {
    guard let step = convolutions[index] else { return }
    let input = network.steps[index].inputs[0]
    let isDense = network.steps[index].layer.isDense
    let operation = step.operation
    let x = isDense ? compact(value(input)).asVector : stored(input)
    let image = source(x)
    kind = .convolutionByWeights
    if operation.gradientParts == 1 {
      let dw = view(count: operation.gradientCount)
      slice(views + [x, dw]) { at in
        let to = dw.at(at)
        to.update(repeating: 0, count: operation.gradientCount)
        operation.backwardWeights(image(at), gradient(at), to, part: 0, scratch: at.scratch)
      }
      addReduction(dw, step)
    }
    if let bias = step.bias { biasBackward(bias, shapes[index], views, gradient) }
    if let whole = step.whole, isTrained[input] {
      let (dx, accumulate) = self.gradient(into: input)
      let (to, weights) = (sink(dx, accumulate: accumulate), store.values.pointer + step.weights)
      kind = .convolutionByData
      items(WinogradBatch.items, views + [dx]) { item, scratch in
        func position(_ image: Int) -> Position {
          Position(image: image, worker: 0, scratch: scratch)
        }
        whole.backwardData(
          { gradient(position($0)) }, { to(position($0)) }, weights: weights, item: item,
          scratch: scratch)
      }
    } else if let backward = step.backward {
      let (dx, accumulate) = self.gradient(into: input)
      kind = .convolutionByData
      // Part of a joined image is no vector, so what a dense layer adds to it gets room of its own.
      let isPart = isDense && dx.pitch != dx.shape.channels
      let own = isPart ? view(dx.shape) : dx
      let target = sink(isDense ? own.asVector : own, accumulate: accumulate && !isPart)
      slice(views + [own]) { at in
        operation.backwardData(
          gradient(at), target(at), prepared: backward.pointer, scratch: at.scratch)
      }
      if isPart { copyGradient(own, dx, accumulate) }
    }
    if operation.gradientParts > 1 { largeWeights(step, views + [x], image, gradient) }
  }

  private func biasBackward(
    _ bias: Int, _ shape: Shape, _ views: [View], _ gradient: @escaping (Position) -> Source
  ) {
    let (batch, kernels, c) = (batch, kernels, shape.channels)
    let sums = doubles(batch * c)
    needScratch(shape.width * c)
    slice(views) { at in
      let sum = sums.pointer + at.image * c
      sum.update(repeating: 0, count: c)
      var from = gradient(at)
      for first in stride(from: 0, to: shape.pixels, by: shape.width) {
        from.read(first, shape.width, into: at.scratch, pitch: c)
        kernels.call.channel_sums(shape.width, c, at.scratch, c, sum)
      }
    }
    let gradients = store.gradients.pointer
    reductions.append { _, _ in
      treeSumRows(sums.pointer, rows: batch, columns: c)
      for i in 0..<c { gradients[bias + i] = Float(sums.pointer[i]) }
    }
  }

  /// Gradients of many weights: each part is added up over the whole batch by one worker, since a
  /// copy an image would be large.
  private func largeWeights(
    _ step: ConvolutionStep, _ views: [View], _ image: @escaping (Position) -> Source,
    _ gradient: @escaping (Position) -> Source
  ) {
    let (operation, batch) = (step.operation, batch)
    kind = .convolutionByWeights
    let total = floats(operation.gradientCount)
    items(operation.gradientParts, views) { part, scratch in
      func position(_ image: Int) -> Position {
        Position(image: image, worker: 0, scratch: scratch)
      }
      operation.backwardWeights(
        images: batch, { image(position($0)) }, { gradient(position($0)) }, total.pointer,
        part: part, scratch: scratch)
    }
    let gradients = store.gradients.pointer + step.weights
    let finish = operation.gradientFinish()
    reductions.append { _, _ in finish(total.pointer, gradients) }
  }

  private func addReduction(_ dw: View, _ step: ConvolutionStep) {
    reductionViews.append(dw)
    let (batch, kernels, count) = (batch, kernels, step.operation.gradientCount)
    let finish = step.operation.gradientFinish()
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
      finish(slot(0), gradients)
    }
  }

  private func addReductions() {
    let work = reductions
    kind = .reduction
    items(work.count, reductionViews) { item, scratch in work[item](item, scratch) }
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
