// Products of images, forward and backward: of each other, or with a factor for each channel or pixel.

import CKernels

extension PlanBuilder {
  func product(_ index: Int) {
    let inputs = network.steps[index].inputs
    multiply(stored(inputs[0]), inputs[1], result(index), accumulate: false)
  }

  func productBackward(_ index: Int, _ dy: View) {
    let inputs = network.steps[index].inputs
    if isTrained[inputs[0]] {
      let (da, accumulate) = gradient(into: inputs[0])
      multiply(dy, inputs[1], da, accumulate: accumulate)
    }
    guard isTrained[inputs[1]] else { return }
    let (db, accumulate) = gradient(into: inputs[1])
    if db.shape == dy.shape {
      multiply(dy, inputs[0], db, accumulate: accumulate)
    } else {
      factorBackward(stored(inputs[0]), dy, db, accumulate: accumulate)
    }
  }

  /// y = a b or y += a b, where b may have one value a channel or one a pixel.
  private func multiply(_ a: View, _ second: Int, _ y: View, accumulate: Bool) {
    let (kernels, c) = (kernels, y.shape.channels)
    let b = shapes[second]
    if b.pixels == 1, y.shape.pixels > 1 {
      multiply(a, factors: value(second), y, accumulate: accumulate)
    } else if b.channels == 1, c > 1 {
      combine(a, stored(second), y, accumulate: accumulate) { count, a, b, y in
        kernels.call.multiply_pixels(
          count, c, a.pointer, a.pitch, b.pointer, b.pitch, y.pointer, y.pitch,
          y.accumulate ? 1 : 0)
      }
    } else {
      combine(a, stored(second), y, accumulate: accumulate) { count, a, b, y in
        kernels.call.multiply(
          count, c, a.pointer, a.pitch, b.pointer, b.pitch, y.pointer, y.pitch,
          y.accumulate ? 1 : 0)
      }
    }
  }

  /// One factor a channel: they are the pitch-less second image of every piece.
  private func multiply(_ a: View, factors: View, _ y: View, accumulate: Bool) {
    let (kernels, c, width) = (kernels, y.shape.channels, y.shape.width)
    let (source, sink) = (source(a), sink(y, accumulate: accumulate))
    needScratch(2 * width * c)
    slice([a, factors, y]) { at in
      var (from, to) = (source(at), sink(at))
      let b = factors.at(at)
      for first in stride(from: 0, to: y.shape.pixels, by: width) {
        let rows = to.begin(first, scratch: at.scratch + width * c)
        let a = from.pixels(first, width, scratch: at.scratch)
        kernels.call.multiply(
          width, c, a.pointer, a.pitch, b, 0, rows.pointer, rows.pitch, rows.accumulate ? 1 : 0)
        to.end(rows, first, width)
      }
    }
  }

  /// The gradient of factors that each went into many values.
  private func factorBackward(_ a: View, _ dy: View, _ db: View, accumulate: Bool) {
    let (kernels, c, width) = (kernels, dy.shape.channels, dy.shape.width)
    guard db.shape.pixels != dy.shape.pixels else {
      combine(dy, a, db, accumulate: accumulate) { count, dy, a, db in
        kernels.call.pixel_products(
          count, c, dy.pointer, dy.pitch, a.pointer, a.pitch, db.pointer, db.pitch,
          db.accumulate ? 1 : 0)
      }
      return
    }
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
        kernels.call.channel_products(
          width, c, dy.pointer, dy.pitch, a.pointer, a.pitch, sum)
      }
      for i in 0..<c { at.scratch[i] = Float(sum[i]) }
      to.put(at.scratch, 0, 1)
    }
  }
}
