// The loss in a plan: behind the forward pass, it writes the first gradient of the backward pass.

extension PlanBuilder {
  /// Adds the loss of the network's output and its gradient.
  /// - Parameter losses: of which each step takes one; all have the same kind of targets.
  func addLoss(_ losses: [Loss], _ output: Int) {
    kind = .loss
    let z = value(output)
    let shape = shapes[output]
    let (gradient, _) = gradient(into: output)
    let (batch, inputs, kernels) = (batch, inputs, kernels)
    let targetCount = losses[0].targetCount(shape)
    let values = doubles(batch)
    let counts = losses.map { $0.scratchCount(pixels: shape.pixels, channels: shape.channels) }
    let scratch = view(count: counts.max() ?? 0)
    slice([z, gradient, scratch]) { at in
      guard let targets = inputs.targets else { return }
      let loss = losses[inputs.lossNumber]
      let weightCount = loss.weightCount(targets: targetCount)
      let g = gradient.at(at)
      g.update(repeating: 0, count: shape.count)
      let image = LossImage(
        kernels: kernels, logits: .init(start: z.at(at), count: shape.count),
        targets: .init(start: targets + at.image * targetCount, count: targetCount),
        weights: inputs.pixelWeights.map { $0 + at.image * weightCount },
        gradient: .init(start: g, count: shape.count), scratch: scratch.at(at))
      values.pointer[at.image] = loss.add(image, images: batch, mass: inputs.lossMass)
    }
    barrier { inputs.loss = treeSum(values.pointer, batch) / Double(batch) }
  }
}
