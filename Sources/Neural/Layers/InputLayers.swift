// Where images and features come into a plan, and where logits go out of it.

extension PlanBuilder {
  /// Copies the caller's images, or vectors of features, into the plan.
  func input(_ index: Int) {
    let y = result(index)
    let (inputs, kernels, shape) = (inputs, kernels, shapes[index])
    let isImage = network.steps[index].layer.isImage
    slice([y]) { at in
      guard let source = isImage ? inputs.images : inputs.features else { return }
      let image = Pixels(pointer: source + at.image * shape.count, pitch: shape.channels)
      kernels.copy(shape.pixels, channels: shape.channels, image, to: y.rows(at))
    }
  }

  /// Inference ends with the logits where the caller wants them.
  func buildResults() {
    guard let output = network.outputIndex else { return }
    let (z, shape, inputs, kernels) = (value(output), shapes[output], inputs, kernels)
    slice([z]) { at in
      guard let results = inputs.results else { return }
      let image = Rows(pointer: results + at.image * shape.count, pitch: shape.channels)
      kernels.copy(shape.pixels, channels: shape.channels, z.pixels(at), to: image)
    }
  }
}
