// The sum of two images, forward and backward, with the ReLU behind it, as residual blocks have it: piece
// by piece in cache, from memory of any element to memory of any element.

extension PlanBuilder {
  func add(_ index: Int) {
    let inputs = network.steps[index].inputs
    let relu = analysis.reluAfter(index)
    let (a, b, y) = (stored(inputs[0]), stored(inputs[1]), result(relu ?? index))
    values[index] = y
    if let relu { absorbed.insert(relu) }
    let (kernels, c, isClamped) = (kernels, y.shape.channels, relu != nil)
    combine(a, b, y) { count, a, b, y in
      kernels.add(count, channels: c, a, b, relu: isClamped, to: y)
    }
  }

  /// Both inputs have the sum's gradient. A layer that only reads it, and alone has it, takes it
  /// where it is.
  func addBackward(_ index: Int, _ dy: View) {
    for input in network.steps[index].inputs where analysis.isTrained[input] {
      if analysis.readers[input] == 1, gradients[input] == nil,
        dy.element == analysis.elements[input], network.steps[input].layer.onlyReadsGradient
      {
        gradients[input] = dy
      } else {
        copyGradient(dy, into: input)
      }
    }
  }

  /// The gradient of a sum whose ReLU was computed with it, in place.
  func addedClampBackward(_ index: Int, _ dy: View) {
    let input = input(of: index)
    let gradient = clamped(dy, at: stored(input))
    transfer([dy, gradient.y], dy.shape, from: source(gradient), to: sink(dy))
    gradients[input] = dy
  }
}
