// Average pooling and upsampling, forward and backward: all of them are weighted sums over spans of
// rows and columns, so they share one kernel, and their gradients are the same sums transposed. Only
// pixels that are repeated as they are need no sum.

extension PlanBuilder {
  /// The result of a layer that is such a sum.
  func resample(_ index: Int) {
    let x = stored(input(of: index))
    if case .upsample(let factor, .nearest) = network.steps[index].layer {
      repeatPixels(x, result(index), factor)
      return
    }
    let (rows, columns) = windows(index, x.shape)
    resample(x, result(index), rows, columns, accumulate: false)
  }

  func resampleBackward(_ index: Int, _ dy: View) {
    let (dx, accumulate) = gradient(into: input(of: index))
    let (rows, columns) = windows(index, dx.shape)
    resample(
      dy, dx, rows.transposed(dx.shape.height), columns.transposed(dx.shape.width),
      accumulate: accumulate)
  }

  /// Each pixel `factor` times along both sides.
  private func repeatPixels(_ x: View, _ y: View, _ factor: Int) {
    let (kernels, c, width) = (kernels, x.shape.channels, x.shape.width)
    let (source, sink) = (source(x), sink(y))
    needScratch((1 + factor) * width * c)
    slice([x, y]) { at in
      var (from, to) = (source(at), sink(at))
      let row = at.scratch + width * c
      for line in 0..<x.shape.height {
        let pixels = from.pixels(line * width, width, scratch: at.scratch)
        for column in 0..<factor {
          kernels.copy(
            width, channels: c, pixels, to: Rows(pointer: row + column * c, pitch: factor * c))
        }
        for copy in 0..<factor {
          to.put(row, (line * factor + copy) * width * factor, width * factor)
        }
      }
    }
  }

  private func windows(_ index: Int, _ x: Shape) -> (rows: AxisWindows, columns: AxisWindows) {
    switch network.steps[index].layer {
    case .pool(_, let size):
      let window = Window(size: size, stride: size, padding: 0)
      return (.windows(window, of: x.height), .windows(window, of: x.width))
    case .slidingPool(_, let window):
      return (.windows(window, of: x.height), .windows(window, of: x.width))
    case .upsample(let factor, let interpolation):
      return (
        .enlarged(factor, of: x.height, interpolation),
        .enlarged(factor, of: x.width, interpolation)
      )
    default:
      // Global and adaptive average pooling.
      return (
        .adaptive(shapes[index].height, of: x.height), .adaptive(shapes[index].width, of: x.width)
      )
    }
  }

  private func resample(
    _ x: View, _ y: View, _ rows: AxisWindows, _ columns: AxisWindows, accumulate: Bool
  ) {
    let (kernels, c, width) = (kernels, x.shape.channels, x.shape.width)
    let (source, sink) = (source(x), sink(y, accumulate: accumulate))
    let room = rows.longest * width * c
    needScratch(room + y.shape.width * c)
    slice([x, y]) { at in
      var (from, to) = (source(at), sink(at))
      var across = columns.kernel
      var held: (span: Range<Int>, pixels: Pixels)?
      for row in 0..<y.shape.height {
        let span = rows[row]
        // Neighbours often come from the same rows.
        let pixels: Pixels
        if let held, held.span == span {
          pixels = held.pixels
        } else {
          pixels = from.pixels(
            span.lowerBound * width, span.count * width, scratch: at.scratch)
          held = (span, pixels)
        }
        var down = rows.kernel(of: row)
        let result = to.begin(row * y.shape.width, scratch: at.scratch + room)
        kernels.resample(&down, &across, width: width, channels: c, pixels, to: result)
        to.end(result, row * y.shape.width, y.shape.width)
      }
    }
  }
}
