// The sum of two images, with the ReLU behind it, as residual blocks have it: piece by piece in cache,
// from memory of any element to memory of any element.

import CKernels

extension PlanBuilder {
  func add(_ index: Int) {
    let inputs = network.steps[index].inputs
    let relu = reluAfter(index)
    let (a, b, y) = (stored(inputs[0]), stored(inputs[1]), result(relu ?? index))
    values[index] = y
    if let relu { absorbed.insert(relu) }
    let (kernels, c, clamp) = (kernels, y.shape.channels, relu == nil ? Int32(0) : 1)
    combine(a, b, y) { count, a, b, y in
      kernels.call.add_images(
        count, c, a.pointer, a.pitch, b.pointer, b.pitch, clamp, y.pointer, y.pitch)
    }
  }

  /// Both inputs have the sum's gradient. A layer that only reads it, and alone has it, takes it
  /// where it is.
  func addBackward(_ index: Int, _ dy: View) {
    for input in network.steps[index].inputs where isTrained[input] {
      if readers[input] == 1, gradients[input] == nil, dy.element == elements[input],
        network.steps[input].layer.onlyReadsGradient
      {
        gradients[input] = dy
      } else {
        let (dx, accumulate) = gradient(into: input)
        transfer([dy, dx], dx.shape, from: source(dy), to: sink(dx, accumulate: accumulate))
      }
    }
  }

  /// The gradient of a sum whose ReLU was computed with it, in place: the result is clamped already,
  /// and clamping again finds where.
  func addedClampBackward(_ index: Int, _ dy: View) {
    let (input, c) = (network.steps[index].inputs[0], dy.shape.channels)
    let clamp = Factors(Pending(self, channels: c), offset: 0)
    clamp.setFloor(0, c)
    let gradient = NormGradient(
      dy: dy, y: stored(input), pending: clamp, factors: GradientFactors(self, channels: c))
    transfer([dy, gradient.y], dy.shape, from: source(gradient), to: sink(dy))
    gradients[input] = dy
  }
}
