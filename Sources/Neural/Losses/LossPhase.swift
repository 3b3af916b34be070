// The loss in a plan: behind the forward pass, it writes the first gradient of the backward pass.

extension PlanBuilder {
  /// Adds the loss of the network's output and its gradient.
  func addLoss(_ loss: Loss, _ output: Int) {
    kind = .loss
    let z = value(output)
    let shape = shapes[output]
    let (gradient, _) = gradient(into: output)
    let (batch, inputs, kernels) = (batch, inputs, kernels)
    let targetCount = loss.targetCount(shape)
    let weightCount = loss.weightCount(targets: targetCount)
    let values = doubles(batch)
    let scratch = view(count: loss.scratchCount(pixels: shape.pixels, channels: shape.channels))
    slice([z, gradient, scratch]) { at in
      guard let targets = inputs.targets else { return }
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
