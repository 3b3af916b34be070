// Products of images, forward and backward: of each other, or with a factor for each channel or pixel.

extension PlanBuilder {
  func multiply(_ index: Int) {
    let inputs = network.steps[index].inputs
    multiply(stored(inputs[0]), inputs[1], result(index), accumulate: false)
  }

  func multiplyBackward(_ index: Int, _ dy: View) {
    let inputs = network.steps[index].inputs
    if analysis.isTrained[inputs[0]] {
      let (da, accumulate) = gradient(into: inputs[0])
      multiply(dy, inputs[1], da, accumulate: accumulate)
    }
    guard analysis.isTrained[inputs[1]] else { return }
    let (db, accumulate) = gradient(into: inputs[1])
    if db.shape == dy.shape {
      multiply(dy, inputs[0], db, accumulate: accumulate)
    } else if db.shape.pixels == dy.shape.pixels {
      pixelFactorsBackward(stored(inputs[0]), dy, db, accumulate: accumulate)
    } else {
      channelFactorsBackward(stored(inputs[0]), dy, db, accumulate: accumulate)
    }
  }

  /// y = a b or y += a b, where b may have one value a channel or one a pixel.
  private func multiply(_ a: View, _ second: Int, _ y: View, accumulate: Bool) {
    let (kernels, c) = (kernels, y.shape.channels)
    let b = shapes[second]
    if b.pixels == 1, y.shape.pixels > 1 {
      multiply(a, channelFactors: value(second), y, accumulate: accumulate)
    } else if b.channels == 1, c > 1 {
      combine(a, stored(second), y, accumulate: accumulate) { count, a, b, y in
        kernels.multiply(count, channels: c, a, pixelFactors: b, to: y)
      }
    } else {
      combine(a, stored(second), y, accumulate: accumulate) { count, a, b, y in
        kernels.multiply(count, channels: c, a, b, to: y)
      }
    }
  }

  /// One factor a channel: they are the pitch-less second image of every piece.
  private func multiply(_ a: View, channelFactors factors: View, _ y: View, accumulate: Bool) {
    let (kernels, c, width) = (kernels, y.shape.channels, y.shape.width)
    let (source, sink) = (source(a), sink(y, accumulate: accumulate))
    needScratch(2 * width * c)
    slice([a, factors, y]) { at in
      var (from, to) = (source(at), sink(at))
      let b = Pixels(pointer: factors.at(at), pitch: 0)
      for first in stride(from: 0, to: y.shape.pixels, by: width) {
        let rows = to.begin(first, scratch: at.scratch + width * c)
        let a = from.pixels(first, width, scratch: at.scratch)
        kernels.multiply(width, channels: c, a, b, to: rows)
        to.end(rows, first, width)
      }
    }
  }

  /// The gradient of one factor a pixel, which went into all its channels.
  private func pixelFactorsBackward(_ a: View, _ dy: View, _ db: View, accumulate: Bool) {
    let (kernels, c) = (kernels, dy.shape.channels)
    combine(dy, a, db, accumulate: accumulate) { count, dy, a, db in
      kernels.pixelProducts(count, channels: c, dy, a, to: db)
    }
  }

  /// The gradient of one factor a channel, which went into all pixels.
  private func channelFactorsBackward(_ a: View, _ dy: View, _ db: View, accumulate: Bool) {
    let (kernels, c, width) = (kernels, dy.shape.channels, dy.shape.width)
    let sums = doubles(batch * c)
    let (image, gradient, sink) = (source(a), source(dy), sink(db, accumulate: accumulate))
    needScratch(2 * width * c)
    slice([a, dy, db]) { at in
      var (from, slopes, to) = (image(at), gradient(at), sink(at))
      let sum = sums.pointer + at.image * c
      sum.update(repeating: 0, count: c)
      for first in stride(from: 0, to: dy.shape.pixels, by: width) {
        let dy = slopes.pixels(first, width, scratch: at.scratch)
        let a = from.pixels(first, width, scratch: at.scratch + width * c)
        kernels.channelProducts(width, channels: c, dy, a, into: sum)
      }
      for i in 0..<c { at.scratch[i] = Float(sum[i]) }
      to.put(at.scratch, 0, 1)
    }
  }
}
