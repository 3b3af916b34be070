// Layers that add or take away pixels at an image's sides, forward and backward.

extension PlanBuilder {
  /// The border mirrors the image without repeating its edge. For the image input only, so that no
  /// gradient is asked for.
  func reflectPad(_ index: Int, top: Int, left: Int) {
    let (x, y) = (value(input(of: index)), result(index))
    let c = y.shape.channels
    func mirror(_ i: Int, _ n: Int) -> Int { i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i }
    let rows = (0..<y.shape.height).map { mirror($0 - top, x.shape.height) }
    let columns = (0..<y.shape.width).map { mirror($0 - left, x.shape.width) }
    slice([x, y]) { at in
      let (from, to) = (x.at(at), y.at(at))
      for (i, row) in rows.enumerated() {
        for (j, column) in columns.enumerated() {
          (to + i * y.rowPitch + j * y.pitch).update(
            from: from + row * x.rowPitch + column * x.pitch, count: c)
        }
      }
    }
  }

  /// Copies the rectangle of `y`'s size whose corner is at (`top`, `left`).
  func crop(_ index: Int, top: Int, left: Int) {
    let (x, y) = (value(input(of: index)), result(index))
    let kernels = kernels
    slice([x, y]) { at in
      for row in 0..<y.shape.height {
        kernels.copy(
          y.shape.width, channels: y.shape.channels, x.pixels(at, row: row + top, column: left),
          to: y.rows(at, row: row))
      }
    }
  }

  /// What was cut off has no gradient.
  func cropBackward(_ index: Int, top: Int, left: Int, _ dy: View) {
    let (dx, accumulate) = gradient(into: input(of: index))
    let kernels = kernels
    slice([dy, dx]) { at in
      let to = dx.at(at)
      if !accumulate {
        for pixel in 0..<dx.shape.pixels {
          (to + pixel * dx.pitch).update(repeating: 0, count: dx.shape.channels)
        }
      }
      for row in 0..<dy.shape.height {
        kernels.copy(
          dy.shape.width, channels: dy.shape.channels, dy.pixels(at, row: row),
          to: dx.rows(at, row: row + top, column: left, accumulate: accumulate))
      }
    }
  }
}
