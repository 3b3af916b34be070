// Which work each kind of layer adds to a plan, forward and backward. A new kind of layer has a case in
// both of the switches below, and a file in Layers/ with what it does.

extension PlanBuilder {
  /// Adds the forward work of all live layers, in order.
  func buildForward() {
    for index in network.steps.indices where analysis.isLive[index] { forward(index) }
  }

  /// Adds the loss, its gradient and the backward work of all layers that gradients reach.
  /// - Returns: how many phases belong to the forward pass.
  func buildBackward(losses: [Loss]) -> Int {
    guard let output = network.outputIndex else { return 0 }
    addLoss(losses, output)
    let forwardPhases = phases.count - 1
    for index in network.steps.indices.reversed()
    where analysis.isLive[index] && analysis.isTrained[index] {
      if let dy = gradients[index] {
        backward(index, dy)
      } else if let gradient = deferredGradients[index] {
        convolutionBackward(index, [gradient.dy, gradient.y], source(gradient))
      }
    }
    addReductions()
    return forwardPhases
  }

  private func forward(_ index: Int) {
    let layer = network.steps[index].layer
    kind = layer.workKind
    switch layer {
    case .image, .features: input(index)
    case .reflectPad(let top, _, let left, _): reflectPad(index, top: top, left: left)
    case .crop(let top, let left, _, _): crop(index, top: top, left: left)
    case .convolution, .transposedConvolution, .dense: convolution(index)
    case .batchNorm: normalize(index)
    case .groupNorm: groupNormalize(index)
    case .activation(.relu), .activation(.relu6): clamp(index)
    case .activation(let activation): activate(index, activation)
    case .pool(.maximum, let size): maxPool(index, size)
    case .slidingPool(.maximum, let window): maxPool(index, window)
    case .pool(.average, _), .slidingPool(.average, _), .globalAveragePool, .adaptiveAveragePool,
      .upsample:
      resample(index)
    case .concatenate: concatenate(index)
    case .add: add(index)
    case .multiply: multiply(index)
    case .broadcast: broadcast(index)
    case .coordinates: coordinates(index)
    case .conjunction: conjoin(index)
    case .dropout(let rate, let spatial): dropout(index, rate, spatial)
    }
  }

  private func backward(_ index: Int, _ dy: View) {
    let layer = network.steps[index].layer
    kind = layer.workKind
    switch layer {
    case .image, .features, .reflectPad, .coordinates: break
    case .crop(let top, let left, _, _): cropBackward(index, top: top, left: left, dy)
    case .convolution, .transposedConvolution, .dense:
      convolutionBackward(index, [dy], source(dy))
    case .batchNorm: normalizeBackward(index, dy)
    case .groupNorm: groupNormalizeBackward(index, dy)
    case .activation(.relu), .activation(.relu6): clampBackward(index, dy)
    case .activation(let activation): activateBackward(index, activation, dy)
    case .pool(.maximum, let size): maxPoolBackward(index, size, dy)
    case .slidingPool(.maximum, let window): maxPoolBackward(index, window, dy)
    case .pool(.average, _), .slidingPool(.average, _), .globalAveragePool, .adaptiveAveragePool,
      .upsample:
      resampleBackward(index, dy)
    case .concatenate: concatenateBackward(index, dy)
    case .add: addBackward(index, dy)
    case .multiply: multiplyBackward(index, dy)
    case .broadcast: broadcastBackward(index, dy)
    case .conjunction: conjoinBackward(index, dy)
    case .dropout(let rate, let spatial): dropoutBackward(index, rate, spatial, dy)
    }
  }
}
