// Layers with weights (convolutions, transposed ones, dense layers), forward and backward. A backend's
// operation does the work; here is decided on what: which followers are computed along, where results
// go, and how the gradients of weights are added up.

/// A layer with weights in the plan, shared by its forward and backward work.
struct ConvolutionStep {
  let operation: any ConvolutionOperation
  /// Set where a whole batch is worked on at once; weights are not prepared then.
  var whole: WinogradBatch?
  /// Where the weights are in the parameters.
  let weights: Int
  /// How many there are.
  let weightCount: Int
  /// Where the bias is, if the layer has one.
  let bias: Int?
  /// Weights prepared for the gradient of the input, where one is asked for.
  var backward: Floats?
}

/// The batch norm and ReLU behind a layer, and what of them the layer computes itself.
private struct Followers {
  /// Inference folds this batch norm into the layer's weights.
  var foldedNorm: Int?
  /// Training takes this batch norm's moments where the layer writes.
  var measuredNorm: Int?
  /// Whether the layer clamps its result at zero.
  var isClamped: Bool
  /// Where the result goes.
  var y: View
}

// MARK: - Forward

extension PlanBuilder {
  func convolution(_ index: Int) {
    let step = network.steps[index]
    let x = convolutionInput(index)
    let (operation, whole) = convolutionOperation(index)
    implementations[step.name] = operation.implementation
    let followers = absorbFollowers(index)
    let y = followers.y
    let moments = followers.measuredNorm.map { measured($0, channels: filters(of: index)) }

    guard let weights = store.offset(of: "\(step.name).weight"),
      let weightCount = store.count(of: "\(step.name).weight")
    else { return }
    var layer = ConvolutionStep(
      operation: operation, whole: whole, weights: weights, weightCount: weightCount,
      bias: store.offset(of: "\(step.name).bias"))
    if let whole {
      convolutions[index] = layer
      forward(layer, whole, x, y, moments, relu: followers.isClamped)
      return
    }
    let prepared = floats(operation.forwardCount)
    if training && analysis.isTrained[step.inputs[0]] {
      layer.backward = floats(operation.backwardCount)
    }
    let bias = prepareWeights(layer, into: prepared, followers.foldedNorm, filters(of: index))
    convolutions[index] = layer
    needScratch(operation.scratchCount)
    let (from, to, relu) = (source(x), sink(y, moments: moments), followers.isClamped)
    slice([x, y]) { at in
      operation.forward(
        from(at), to(at), prepared: prepared.pointer, bias: bias, relu: relu,
        scratch: at.scratch)
    }
  }

  /// What the layer reads; a dense layer reads an image as one vector.
  private func convolutionInput(_ index: Int) -> View {
    let x = input(of: index)
    return network.steps[index].layer.isDense ? compact(value(x)).asVector : stored(x)
  }

  private func filters(of index: Int) -> Int {
    if case .dense(let units, _) = network.steps[index].layer {
      units
    } else {
      shapes[index].channels
    }
  }

  /// What computes the layer, and for some layers in training what computes it for a whole batch.
  private func convolutionOperation(_ index: Int) -> (any ConvolutionOperation, WinogradBatch?) {
    let (input, output) = (shapes[input(of: index)], shapes[index])
    switch network.steps[index].layer {
    case .convolution(let c):
      let geometry = ConvolutionGeometry(
        input: input, output: output, kernel: c.kernel, stride: c.stride, dilation: c.dilation,
        groups: c.groups, padding: c.padding)
      return (
        backend.convolution(geometry),
        training ? backend.batchConvolution(geometry, images: batch) : nil
      )
    case .transposedConvolution(_, let kernel, let stride, _):
      let geometry = ConvolutionGeometry(
        input: input, output: output, kernel: kernel, stride: stride)
      return (backend.transposedConvolution(geometry), nil)
    case .dense(let units, _):
      return (backend.dense(inputs: input.count, units: units), nil)
    case let other: preconditionFailure("\(other.label) is no convolution")
    }
  }

  /// Decides what the layer computes of the batch norm and ReLU behind it. Inference computes both as
  /// part of the layer; training takes the norm's moments, and leaves the rest to whoever reads, as
  /// both do with a ReLU6.
  private func absorbFollowers(_ index: Int) -> Followers {
    let norm = analysis.normAfter(index)
    let relu = analysis.reluAfter(norm ?? index)
    let y = result(analysis.clampAfter(norm ?? index) ?? norm ?? index)
    values[index] = y
    let isFolded = norm != nil && !training
    if let norm, isFolded {
      values[norm] = y
      absorbed.insert(norm)
    }
    let isClamped = relu != nil && (norm == nil || isFolded)
    if let relu, isClamped { absorbed.insert(relu) }
    return Followers(
      foldedNorm: isFolded ? norm : nil, measuredNorm: training ? norm : nil,
      isClamped: isClamped, y: y)
  }

  /// Makes a batch norm whose moments the layer before it takes.
  private func measured(_ norm: Int, channels: Int) -> (Position) -> Moments {
    let step = BatchNormStep(self, channels: channels)
    step.isMeasured = true
    norms[norm] = step
    return { step.moments($0) }
  }

  /// The forward work where a whole batch is worked on at once.
  private func forward(
    _ layer: ConvolutionStep, _ whole: WinogradBatch, _ x: View, _ y: View,
    _ moments: ((Position) -> Moments)?, relu: Bool
  ) {
    needScratch(max(layer.operation.scratchCount, whole.scratchCount))
    let (from, to) = (source(x), sink(y, moments: moments))
    let values = store.values.pointer
    items(WinogradBatch.items, [x, y]) { item, scratch in
      whole.forward(
        { from(Position(image: $0, scratch: scratch)) },
        { to(Position(image: $0, scratch: scratch)) }, weights: values + layer.weights,
        bias: layer.bias.map { UnsafePointer(values + $0) }, relu: relu, item: item,
        scratch: scratch)
    }
  }

  /// A dense layer reads an image as one vector, so joined channels are copied out first.
  private func compact(_ x: View) -> View {
    guard x.pitch != x.shape.channels else { return x }
    let copy = view(x.shape)
    let kernels = kernels
    slice([x, copy]) { at in
      kernels.copy(x.shape.pixels, channels: x.shape.channels, x.pixels(at), to: copy.rows(at))
    }
    return copy
  }
}

// MARK: - Preparing weights

extension PlanBuilder {
  /// Has weights brought into the operation's form whenever they changed.
  /// - Parameters:
  ///   - prepared: room for the forward pass's.
  ///   - norm: a batch norm to fold into them.
  /// - Returns: the bias of the forward pass.
  private func prepareWeights(
    _ layer: ConvolutionStep, into prepared: Floats, _ norm: Int?, _ filters: Int
  ) -> UnsafePointer<Float>? {
    let (operation, values) = (layer.operation, store.values.pointer)
    let weights = values + layer.weights
    let bias: UnsafePointer<Float>?
    if let norm {
      let shift = floats(filters)
      foldNorm(norm, layer, shift: shift, into: prepared)
      bias = UnsafePointer(shift.pointer)
    } else {
      bias = layer.bias.map { UnsafePointer(values + $0) }
      prepare.append { operation.prepareForward(weights, into: prepared.pointer) }
    }
    if let backward = layer.backward {
      prepare.append { operation.prepareBackward(weights, into: backward.pointer) }
    }
    return bias
  }

  /// Prepares w * scale and the bias that makes up for the mean.
  private func foldNorm(
    _ norm: Int, _ layer: ConvolutionStep, shift: Floats, into prepared: Floats
  ) {
    guard case .batchNorm(_, let epsilon) = network.steps[norm].layer,
      let parameters = BatchNormParameters(store, network.steps[norm].name)
    else { return }
    let scaled = floats(layer.weightCount)
    let (values, filters) = (store.values.pointer, shift.count)
    // The engine's order has the filters of a group last.
    var groups = 1
    if case .convolution(let c) = network.steps[input(of: norm)].layer { groups = c.groups }
    let each = filters / groups
    let groupCount = layer.weightCount / groups
    prepare.append {
      for filter in 0..<filters {
        let scale = parameters.scale(filter, epsilon)
        let own = layer.bias.map { values[$0 + filter] } ?? 0
        shift.pointer[filter] = parameters.beta[filter] + (own - parameters.mean[filter]) * scale
        let (group, within) = (filter / each, filter % each)
        for i in stride(from: within, to: groupCount, by: each) {
          let weight = group * groupCount + i
          scaled.pointer[weight] = values[layer.weights + weight] * scale
        }
      }
      layer.operation.prepareForward(scaled.pointer, into: prepared.pointer)
    }
  }
}

// MARK: - Backward

extension PlanBuilder {
  /// Gradients of weights, bias and input.
  /// - Parameters:
  ///   - views: what `gradient` reads.
  ///   - gradient: of the result.
  func convolutionBackward(
    _ index: Int, _ views: [View], _ gradient: @escaping (Position) -> Source
  ) {
    guard let layer = convolutions[index] else { return }
    let input = input(of: index)
    let x = convolutionInput(index)
    let image = source(x)
    kind = .convolutionByWeights
    if layer.operation.gradientParts == 1 { weightsBackward(layer, views, x, image, gradient) }
    if let bias = layer.bias { biasBackward(bias, shapes[index], views, gradient) }
    if let whole = layer.whole, analysis.isTrained[input] {
      dataBackward(layer, whole, input, views, gradient)
    } else if let prepared = layer.backward {
      dataBackward(
        layer, prepared, input, views, gradient, isDense: network.steps[index].layer.isDense)
    }
    if layer.operation.gradientParts > 1 {
      largeWeightsBackward(layer, views + [x], image, gradient)
    }
  }

  /// The gradient of the input, for a whole batch at once.
  private func dataBackward(
    _ layer: ConvolutionStep, _ whole: WinogradBatch, _ input: Int, _ views: [View],
    _ gradient: @escaping (Position) -> Source
  ) {
    let (dx, accumulate) = self.gradient(into: input)
    let (to, weights) = (sink(dx, accumulate: accumulate), store.values.pointer + layer.weights)
    kind = .convolutionByData
    items(WinogradBatch.items, views + [dx]) { item, scratch in
      whole.backwardData(
        { gradient(Position(image: $0, scratch: scratch)) },
        { to(Position(image: $0, scratch: scratch)) }, weights: weights, item: item,
        scratch: scratch)
    }
  }

  /// The gradient of the input, image by image.
  private func dataBackward(
    _ layer: ConvolutionStep, _ prepared: Floats, _ input: Int, _ views: [View],
    _ gradient: @escaping (Position) -> Source, isDense: Bool
  ) {
    let operation = layer.operation
    let (dx, accumulate) = self.gradient(into: input)
    kind = .convolutionByData
    // Part of a joined image is no vector, so what a dense layer adds to it gets room of its own.
    let isPart = isDense && dx.pitch != dx.shape.channels
    let own = isPart ? view(dx.shape) : dx
    let target = sink(isDense ? own.asVector : own, accumulate: accumulate && !isPart)
    slice(views + [own]) { at in
      operation.backwardData(
        gradient(at), target(at), prepared: prepared.pointer, scratch: at.scratch)
    }
    if isPart {
      transfer([own, dx], own.shape, from: source(own), to: sink(dx, accumulate: accumulate))
    }
  }

  /// Gradients of few weights: each image's by itself, added up over the batch at the end.
  private func weightsBackward(
    _ layer: ConvolutionStep, _ views: [View], _ x: View,
    _ image: @escaping (Position) -> Source, _ gradient: @escaping (Position) -> Source
  ) {
    let operation = layer.operation
    let dw = view(count: operation.gradientCount)
    slice(views + [x, dw]) { at in
      let to = dw.at(at)
      to.update(repeating: 0, count: operation.gradientCount)
      operation.backwardWeights(image(at), gradient(at), to, part: 0, scratch: at.scratch)
    }
    addReduction(
      of: dw, count: operation.gradientCount, to: store.gradients.pointer + layer.weights,
      operation.gradientFinish())
  }

  /// Gradients of many weights: each part is added up over the whole batch by one worker, since a
  /// copy an image would be large.
  private func largeWeightsBackward(
    _ layer: ConvolutionStep, _ views: [View], _ image: @escaping (Position) -> Source,
    _ gradient: @escaping (Position) -> Source
  ) {
    let (operation, batch) = (layer.operation, batch)
    kind = .convolutionByWeights
    let total = floats(operation.gradientCount)
    items(operation.gradientParts, views) { part, scratch in
      operation.backwardWeights(
        images: batch, { image(Position(image: $0, scratch: scratch)) },
        { gradient(Position(image: $0, scratch: scratch)) }, total.pointer, part: part,
        scratch: scratch)
    }
    let gradients = store.gradients.pointer + layer.weights
    let finish = operation.gradientFinish()
    reductions.append { _, _ in finish(total.pointer, gradients) }
  }

  /// The gradient of the bias: the sum over all pixels, row by row in cache.
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
      let row = Pixels(at.scratch, c)
      for first in stride(from: 0, to: shape.pixels, by: shape.width) {
        from.read(first, shape.width, into: at.scratch, pitch: c)
        kernels.channelSums(shape.width, channels: c, row, into: sum)
      }
    }
    let gradients = store.gradients.pointer
    reductions.append { _, _ in
      treeSumRows(sums.pointer, rows: batch, columns: c)
      for i in 0..<c { gradients[bias + i] = Float(sums.pointer[i]) }
    }
  }
}
