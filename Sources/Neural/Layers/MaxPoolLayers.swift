// Max pooling, forward and backward, row by row in cache. Windows side by side and windows that may overlap
// have kernels of their own; average pooling is in ResamplingLayers.swift.

// MARK: - Windows side by side

extension PlanBuilder {
  func maxPool(_ index: Int, _ size: Int) {
    let (x, y) = (stored(input(of: index)), result(index))
    let (kernels, source, sink) = (kernels, source(x), sink(y))
    let (c, inPixels, outPixels) = (y.shape.channels, size * x.shape.width, y.shape.width)
    needScratch(inPixels * c + outPixels * c)
    slice([x, y]) { at in
      var (from, to) = (source(at), sink(at))
      let image = Pixels(at.scratch, c)
      let results = Rows(pointer: at.scratch + inPixels * c, pitch: c)
      for row in 0..<y.shape.height {
        from.read(row * inPixels, inPixels, into: at.scratch, pitch: c)
        kernels.maxPool(outPixels, channels: c, window: size, image, to: results)
        to.put(results.pointer, row * outPixels, outPixels)
      }
    }
  }

  func maxPoolBackward(_ index: Int, _ size: Int, _ dy: View) {
    let input = input(of: index)
    let x = stored(input)
    let (dx, accumulate) = gradient(into: input)
    let kernels = kernels
    let (image, gradient) = (source(x), source(dy))
    let target = sink(dx, accumulate: accumulate)
    let (c, inPixels, outPixels) = (dy.shape.channels, size * x.shape.width, dy.shape.width)
    needScratch(2 * (inPixels + outPixels) * c)
    slice([x, dy, dx]) { at in
      var (from, slopes, to) = (image(at), gradient(at), target(at))
      let most = Rows(pointer: at.scratch + inPixels * c, pitch: c)
      let g = most.pointer + outPixels * c
      let result = Rows(pointer: g + outPixels * c, pitch: c)
      let (pixels, slope) = (Pixels(at.scratch, c), Pixels(g, c))
      for row in 0..<dy.shape.height {
        from.read(row * inPixels, inPixels, into: at.scratch, pitch: c)
        slopes.read(row * outPixels, outPixels, into: g, pitch: c)
        // The maxima are found again rather than kept.
        kernels.maxPool(outPixels, channels: c, window: size, pixels, to: most)
        kernels.maxPoolBackward(
          outPixels, channels: c, window: size, slope, x: pixels, y: Pixels(most), to: result)
        to.put(result.pointer, row * inPixels, inPixels)
      }
    }
  }
}

// MARK: - Windows that may overlap, leave gaps or reach beyond the image

extension PlanBuilder {
  func maxPool(_ index: Int, _ window: Window) {
    let (x, y) = (stored(input(of: index)), result(index))
    let rows = AxisWindows.windows(window, of: x.shape.height)
    let columns = AxisWindows.windows(window, of: x.shape.width)
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
        kernels.maxWindows(&down, &across, width: width, channels: c, image, to: result)
        to.end(result, row * outWidth, outWidth)
      }
    }
  }

  /// Gradients of the rows that later windows may still add to are held in scratch memory.
  func maxPoolBackward(_ index: Int, _ window: Window, _ dy: View) {
    let input = input(of: index)
    let x = stored(input)
    let (dx, accumulate) = gradient(into: input)
    let rows = AxisWindows.windows(window, of: x.shape.height)
    let columns = AxisWindows.windows(window, of: x.shape.width)
    let (kernels, image, gradient) = (kernels, source(x), source(dy))
    let target = sink(dx, accumulate: accumulate)
    let (c, width, outWidth) = (x.shape.channels, x.shape.width, dy.shape.width)
    let (line, room) = (width * c, rows.longest * width * c)
    needScratch(2 * room + 2 * outWidth * c)
    slice([x, dy, dx]) { at in
      var (from, slopes, to) = (image(at), gradient(at), target(at))
      var across = columns.kernel
      let held = at.scratch + room
      let most = Rows(pointer: held + room, pitch: c)
      let g = most.pointer + outWidth * c
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
        kernels.maxWindows(&down, &across, width: width, channels: c, image, to: most)
        kernels.maxWindowsBackward(
          &down, &across, width: width, channels: c, slope, x: image, y: Pixels(most),
          to: Rows(pointer: held, pitch: c))
      }
      finish(x.shape.height)
    }
  }
}
