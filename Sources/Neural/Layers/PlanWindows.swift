// Max pooling over windows that may overlap, forward and backward, row by row in cache.

import CKernels

extension PlanBuilder {
  func slidingPool(_ index: Int, _ kind: Pooling, _ window: Window) {
    guard kind == .maximum else { return resample(index) }
    let (x, y) = (stored(network.steps[index].inputs[0]), result(index))
    let rows = Spans.windows(window, of: x.shape.height)
    let columns = Spans.windows(window, of: x.shape.width)
    let (kernels, source, sink) = (kernels, source(x), sink(y))
    let (c, width, outWidth) = (x.shape.channels, x.shape.width, y.shape.width)
    let room = rows.longest * width * c
    needScratch(room + outWidth * c)
    slice([x, y]) { at in
      var (from, to) = (source(at), sink(at))
      var across = columns.kernel
      for row in 0..<y.shape.height {
        let span = rows[row]
        let image = from.pixels(span.lowerBound * width, span.count * width, scratch: at.scratch)
        var down = rows.kernel(of: row)
        let result = to.begin(row * outWidth, scratch: at.scratch + room)
        kernels.call.max_windows(
          &down, &across, width, c, image.pointer, image.pitch, result.pointer, result.pitch)
        to.end(result, row * outWidth, outWidth)
      }
    }
  }

  /// Gradients of the rows that later windows may still add to are held in scratch memory.
  func slidingPoolBackward(_ index: Int, _ kind: Pooling, _ window: Window, _ dy: View) {
    guard kind == .maximum else { return resampleBackward(index, dy) }
    let input = network.steps[index].inputs[0]
    let x = stored(input)
    let (dx, accumulate) = gradient(into: input)
    let rows = Spans.windows(window, of: x.shape.height)
    let columns = Spans.windows(window, of: x.shape.width)
    let (kernels, image, gradient) = (kernels, source(x), source(dy))
    let target = sink(dx, accumulate: accumulate)
    let (c, width, outWidth) = (x.shape.channels, x.shape.width, dy.shape.width)
    let (line, room) = (width * c, rows.longest * width * c)
    needScratch(2 * room + 2 * outWidth * c)
    slice([x, dy, dx]) { at in
      var (from, slopes, to) = (image(at), gradient(at), target(at))
      var across = columns.kernel
      let held = at.scratch + room
      let most = held + room
      let g = most + outWidth * c
      held.update(repeating: 0, count: room)
      var done = 0
      func finish(_ end: Int) {
        while done < end {
          to.put(held, done * width, width)
          held.update(from: held + line, count: room - line)
          held.advanced(by: room - line).update(repeating: 0, count: line)
          done += 1
        }
      }
      for row in 0..<dy.shape.height {
        let span = rows[row]
        finish(span.lowerBound)
        let image = from.pixels(span.lowerBound * width, span.count * width, scratch: at.scratch)
        let slope = slopes.pixels(row * outWidth, outWidth, scratch: g)
        var down = rows.kernel(of: row)
        // The maxima are found again rather than kept.
        kernels.call.max_windows(
          &down, &across, width, c, image.pointer, image.pitch, most, c)
        kernels.call.max_windows_backward(
          &down, &across, width, c, slope.pointer, slope.pitch, image.pointer, image.pitch, most,
          c, held, c)
      }
      finish(x.shape.height)
    }
  }
}
