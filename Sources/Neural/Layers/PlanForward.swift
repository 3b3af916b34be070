// What each layer does in the forward pass.

import CKernels

extension PlanBuilder {
  /// Adds the forward work of all live layers, in order.
  func buildForward() {
    for index in network.steps.indices where isLive[index] { forward(index) }
  }

  private func forward(_ index: Int) {
    let step = network.steps[index]
    kind = step.layer.workKind
    switch step.layer {
    case .image, .features: input(index)
    case .reflectPad(let top, _, let left, _): reflectPad(index, top: top, left: left)
    case .crop(let top, let left, _, _): crop(index, top: top, left: left)
    case .convolution, .transposedConvolution, .dense: convolution(index)
    case .batchNorm:
      if !absorbed.contains(index) { normalize(index) }
    case .groupNorm: groupNormalize(index)
    case .activation(let activation):
      if !absorbed.contains(index) { activate(index, activation) }
    case .pool(let kind, let size): pool(index, kind, size)
    case .slidingPool(let kind, let window): slidingPool(index, kind, window)
    case .globalAveragePool, .adaptiveAveragePool, .upsample: resample(index)
    case .concatenate: concatenate(index)
    case .add: add(index)
    case .multiply: product(index)
    case .broadcast: broadcast(index)
    case .dropout(let rate, let spatial): dropout(index, rate, spatial)
    }
  }

  // MARK: Inputs and geometry

  private func input(_ index: Int) {
    let y = result(index)
    let (inputs, kernels, shape) = (inputs, kernels, shapes[index])
    let isImage = network.steps[index].layer.isImage
    slice([y]) { at in
      guard let source = isImage ? inputs.images : inputs.features else { return }
      kernels.call.copy(
        shape.pixels, shape.channels, source + at.image * shape.count, shape.channels, y.at(at),
        y.pitch, 0)
    }
  }

  private func reflectPad(_ index: Int, top: Int, left: Int) {
    let (x, y) = (value(network.steps[index].inputs[0]), result(index))
    let c = y.shape.channels
    func mirror(_ i: Int, _ n: Int) -> Int { i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i }
    let rows = (0..<y.shape.height).map { mirror($0 - top, x.shape.height) }
    let columns = (0..<y.shape.width).map { mirror($0 - left, x.shape.width) }
    slice([x, y]) { at in
      let (from, to) = (x.at(at), y.at(at))
      for (i, row) in rows.enumerated() {
        for (j, column) in columns.enumerated() {
          (to + i * y.rowPitch + j * y.pitch).update(
            from: from + row * x.rowPitch + column * x.pitch, count: c)
        }
      }
    }
  }

  private func crop(_ index: Int, top: Int, left: Int) {
    let (x, y) = (value(network.steps[index].inputs[0]), result(index))
    let kernels = kernels
    slice([x, y]) { at in
      for row in 0..<y.shape.height {
        kernels.call.copy(
          y.shape.width, y.shape.channels, x.at(at) + (row + top) * x.rowPitch + left * x.pitch,
          x.pitch, y.at(at) + row * y.rowPitch, y.pitch, 0)
      }
    }
  }

  // MARK: Layers with parameters

  private func convolution(_ index: Int) {
    let step = network.steps[index]
    let input = step.inputs[0]
    var x = stored(input)
    let operation: any ConvolutionOperation
    var whole: WinogradBatch?
    var filters = shapes[index].channels
    switch step.layer {
    case .convolution(let c):
      let geometry = ConvolutionGeometry(
        input: shapes[input], output: shapes[index], kernel: c.kernel, stride: c.stride,
        dilation: c.dilation, groups: c.groups, padding: c.padding)
      operation = backend.convolution(geometry)
      if training { whole = backend.batchConvolution(geometry, images: batch) }
    case .transposedConvolution(_, let kernel, let stride, _):
      operation = backend.transposedConvolution(
        ConvolutionGeometry(
          input: shapes[input], output: shapes[index], kernel: kernel, stride: stride))
    case .dense(let units, _):
      operation = backend.dense(inputs: shapes[input].count, units: units)
      filters = units
      x = compact(value(input)).asVector
    default: preconditionFailure("\(step.layer.label) is no convolution")
    }
    implementations[step.name] = operation.implementation
    // Inference computes the batch norm as part of this layer; training takes its moments here, and
    // leaves the rest to whoever reads the result.
    let norm = normAfter(index)
    let relu = reluAfter(norm ?? index)
    let y = result(relu ?? norm ?? index)
    values[index] = y
    let isFolded = norm != nil && !training
    if let norm, isFolded {
      values[norm] = y
      absorbed.insert(norm)
    }
    let isClamped = relu != nil && (norm == nil || isFolded)
    if let relu, isClamped { absorbed.insert(relu) }
    var moments: ((Position) -> Moments)?
    if let norm, training {
      let step = NormStep(self, channels: filters)
      step.isMeasured = true
      norms[norm] = step
      moments = { step.moments($0) }
    }

    guard let weights = store.offset(of: "\(step.name).weight"),
      let weightCount = store.count(of: "\(step.name).weight")
    else { return }
    let bias = store.offset(of: "\(step.name).bias")
    let values = store.values.pointer
    if let whole {
      convolutions[index] = ConvolutionStep(
        operation: operation, whole: whole, weights: weights, bias: bias, backward: nil)
      needScratch(max(operation.scratchCount, whole.scratchCount))
      let (from, to) = (source(x), sink(y, moments: moments))
      items(WinogradBatch.items, [x, y]) { item, scratch in
        func position(_ image: Int) -> Position {
          Position(image: image, worker: 0, scratch: scratch)
        }
        whole.forward(
          { from(position($0)) }, { to(position($0)) }, weights: values + weights,
          bias: bias.map { UnsafePointer(values + $0) }, relu: isClamped, item: item,
          scratch: scratch)
      }
      return
    }
    let forward = floats(operation.forwardCount)
    let needsGradient = training && isTrained[input]
    let backward = needsGradient ? floats(operation.backwardCount) : nil
    let effectiveBias: UnsafePointer<Float>?
    if let norm, isFolded {
      let shift = floats(filters)
      foldNorm(
        norm, weights: weights, weightCount: weightCount, bias: bias,
        shift: shift, operation, forward)
      effectiveBias = UnsafePointer(shift.pointer)
    } else {
      effectiveBias = bias.map { UnsafePointer(values + $0) }
      prepare.append { operation.prepareForward(values + weights, into: forward.pointer) }
    }
    if let backward {
      prepare.append { operation.prepareBackward(values + weights, into: backward.pointer) }
    }
    convolutions[index] = ConvolutionStep(
      operation: operation, whole: nil, weights: weights, bias: bias, backward: backward)
    needScratch(operation.scratchCount)
    let (from, to) = (source(x), sink(y, moments: moments))
    slice([x, y]) { at in
      operation.forward(
        from(at), to(at), prepared: forward.pointer, bias: effectiveBias, relu: isClamped,
        scratch: at.scratch)
    }
  }

  /// A dense layer reads an image as one vector, so joined channels are copied out first.
  func compact(_ x: View) -> View {
    guard x.pitch != x.shape.channels else { return x }
    let copy = view(x.shape)
    let kernels = kernels
    slice([x, copy]) { at in
      kernels.call.copy(
        x.shape.pixels, x.shape.channels, x.at(at), x.pitch, copy.at(at), copy.pitch, 0)
    }
    return copy
  }

  /// Prepares w * scale and the bias that makes up for the mean.
  private func foldNorm(
    _ norm: Int, weights: Int, weightCount: Int, bias: Int?, shift: Floats,
    _ operation: any ConvolutionOperation, _ forward: Floats
  ) {
    guard case .batchNorm(_, let epsilon) = network.steps[norm].layer,
      let place = NormPlace(store, network.steps[norm].name)
    else { return }
    let scaled = floats(weightCount)
    let (values, filters) = (store.values.pointer, shift.count)
    // The engine's order has the filters of a group last.
    var groups = 1
    if let source = network.steps[norm].inputs.first,
      case .convolution(let c) = network.steps[source].layer
    {
      groups = c.groups
    }
    let each = filters / groups
    let groupCount = weightCount / groups
    prepare.append {
      for filter in 0..<filters {
        let scale = place.gamma[filter] / (place.variance[filter] + epsilon).squareRoot()
        let own = bias.map { values[$0 + filter] } ?? 0
        shift.pointer[filter] = place.beta[filter] + (own - place.mean[filter]) * scale
        let (group, within) = (filter / each, filter % each)
        for i in stride(from: within, to: groupCount, by: each) {
          scaled.pointer[group * groupCount + i] = values[weights + group * groupCount + i] * scale
        }
      }
      operation.prepareForward(scaled.pointer, into: forward.pointer)
    }
  }

  // MARK: Joins and dropout

  private func concatenate(_ index: Int) {
    let y = result(index)
    var offset = 0
    var isPending = false
    for input in network.steps[index].inputs {
      let x = stored(input)
      let target = y.channels(offset, x.shape.channels)
      if x.buffer === target.buffer, x.offset == target.offset {
        isPending = isPending || x.pending != nil
      } else {
        transfer([x, target], shapes[input], from: source(x), to: sink(target))
      }
      offset += x.shape.channels
    }
    if isPending { values[index]?.pending = pending(index) }
  }

  private func copy(_ x: View, _ y: View) {
    transfer([x, y], x.shape, from: source(x), to: sink(y))
  }

  private func broadcast(_ index: Int) {
    let (x, y) = (value(network.steps[index].inputs[0]), result(index))
    let kernels = kernels
    slice([x, y]) { at in
      kernels.call.copy(y.shape.pixels, y.shape.channels, x.at(at), 0, y.at(at), y.pitch, 0)
    }
  }

  private func dropout(_ index: Int, _ rate: Double, _ spatial: Bool) {
    let x = value(network.steps[index].inputs[0])
    if training && rate > 0 {
      drop(index, rate, spatial, from: x, to: result(index), accumulate: false)
    } else if joins[index] == nil {
      values[index] = x
    } else {
      copy(x, result(index))
    }
  }

  /// Dropout of values, or in the backward pass of gradients, by the same mask.
  func drop(
    _ index: Int, _ rate: Double, _ spatial: Bool, from x: View, to y: View, accumulate: Bool
  ) {
    let threshold = UInt32((rate * 0x1p32).rounded())
    let scale = Float(1 / (1 - rate))
    let (inputs, kernels, layer) = (inputs, kernels, UInt64(index))
    slice([x, y]) { at in
      kernels.call.dropout(
        x.shape.pixels, x.shape.channels, x.at(at), x.pitch,
        mixed(inputs.key, layer, UInt64(at.image)), threshold, scale, spatial ? 1 : 0, y.at(at),
        y.pitch, accumulate ? 1 : 0)
    }
  }
}

/// A batch norm's parameters and running statistics.
struct NormPlace {
  let gamma: UnsafeMutablePointer<Float>
  let beta: UnsafeMutablePointer<Float>
  let mean: UnsafeMutablePointer<Float>
  let variance: UnsafeMutablePointer<Float>
  let gammaOffset: Int
  let betaOffset: Int

  init?(_ store: ParameterStore, _ name: String) {
    guard let gamma = store.offset(of: "\(name).weight"),
      let beta = store.offset(of: "\(name).bias"),
      let mean = store.offset(of: "\(name).running_mean"),
      let variance = store.offset(of: "\(name).running_var")
    else { return nil }
    self.gamma = store.values.pointer + gamma
    self.beta = store.values.pointer + beta
    self.mean = store.statistics.pointer + mean
    self.variance = store.statistics.pointer + variance
    gammaOffset = gamma
    betaOffset = beta
  }
}

extension PlanBuilder {
  /// Inference ends with the logits where the caller wants them.
  func buildResults() {
    guard let output = network.outputIndex else { return }
    let (z, shape, inputs, kernels) = (value(output), shapes[output], inputs, kernels)
    slice([z]) { at in
      guard let results = inputs.results else { return }
      kernels.call.copy(
        shape.pixels, shape.channels, z.at(at), z.pitch, results + at.image * shape.count,
        shape.channels, 0)
    }
  }
}
