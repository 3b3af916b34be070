// The sum of two images, with the ReLU behind it, as residual blocks have it: row by row in cache,
// from memory of any element to memory of any element.

import CKernels

extension PlanBuilder {
  func add(_ index: Int) {
    let inputs = network.steps[index].inputs
    let relu = reluAfter(index)
    let (a, b, y) = (stored(inputs[0]), stored(inputs[1]), result(relu ?? index))
    values[index] = y
    if let relu { absorbed.insert(relu) }
    let (kernels, first, second, target) = (kernels, source(a), source(b), sink(y))
    let (width, c) = (y.shape.width, y.shape.channels)
    let clamp = Factors(Pending(self, channels: c), offset: 0)
    needScratch(2 * width * c)
    slice([a, b, y]) { at in
      var (left, right, to) = (first(at), second(at), target(at))
      let other = at.scratch + width * c
      for pixel in stride(from: 0, to: y.shape.pixels, by: width) {
        left.read(pixel, width, into: at.scratch, pitch: c)
        right.read(pixel, width, into: other, pitch: c)
        kernels.call.add(width * c, other, at.scratch)
        if relu != nil {
          kernels.call.scale_shift(
            width, c, at.scratch, c, clamp.scale, clamp.shift, 1, at.scratch, c)
        }
        to.put(at.scratch, pixel, width)
      }
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
