// Max pooling over windows that do not overlap, forward and backward, row by row in cache.

import CKernels

extension PlanBuilder {
  func pool(_ index: Int, _ kind: Pooling, _ size: Int) {
    switch kind {
    case .maximum: maxPool(index, size)
    case .average: resample(index)
    }
  }

  func poolBackward(_ index: Int, _ kind: Pooling, _ size: Int, _ dy: View) {
    switch kind {
    case .maximum: maxPoolBackward(index, size, dy)
    case .average: resampleBackward(index, dy)
    }
  }

  private func maxPool(_ index: Int, _ size: Int) {
    let (x, y) = (stored(network.steps[index].inputs[0]), result(index))
    let (kernels, source, sink) = (kernels, source(x), sink(y))
    let (c, inPixels, outPixels) = (y.shape.channels, size * x.shape.width, y.shape.width)
    needScratch(inPixels * c + outPixels * c)
    slice([x, y]) { at in
      var (from, to) = (source(at), sink(at))
      let results = at.scratch + inPixels * c
      for row in 0..<y.shape.height {
        from.read(row * inPixels, inPixels, into: at.scratch, pitch: c)
        kernels.call.max_pool(1, outPixels, c, size, at.scratch, c, results, c)
        to.put(results, row * outPixels, outPixels)
      }
    }
  }

  private func maxPoolBackward(_ index: Int, _ size: Int, _ dy: View) {
    let input = network.steps[index].inputs[0]
    let x = stored(input)
    let (dx, accumulate) = gradient(into: input)
    let kernels = kernels
    let (image, gradient) = (source(x), source(dy))
    let target = sink(dx, accumulate: accumulate)
    let (c, inPixels, outPixels) = (dy.shape.channels, size * x.shape.width, dy.shape.width)
    needScratch(2 * (inPixels + outPixels) * c)
    slice([x, dy, dx]) { at in
      var (from, slopes, to) = (image(at), gradient(at), target(at))
      let most = at.scratch + inPixels * c
      let g = most + outPixels * c
      let result = g + outPixels * c
      for row in 0..<dy.shape.height {
        from.read(row * inPixels, inPixels, into: at.scratch, pitch: c)
        slopes.read(row * outPixels, outPixels, into: g, pitch: c)
        // The maxima are found again rather than kept.
        kernels.call.max_pool(1, outPixels, c, size, at.scratch, c, most, c)
        kernels.call.max_pool_backward(
          1, outPixels, c, size, g, c, at.scratch, c, most, c, result, c)
        to.put(result, row * inPixels, inPixels)
      }
    }
  }
}
