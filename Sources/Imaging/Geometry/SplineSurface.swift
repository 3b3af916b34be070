// A smooth surface through a coarse grid of numbers: for elastic deformation and for synthetic
// images.

/// Uniform cubic B-splines over a grid: first and second derivatives are continuous, and nothing
/// but sums and products is used, so the result is the same on every machine.
package enum SplineSurface {
  /// The grid points that a surface of so many cells along each axis needs.
  package static func pointCount(columns: Int, rows: Int) -> Int { (columns + 3) * (rows + 3) }

  /// The surface's value at every pixel centre of a frame that the cells span, rows from the top.
  package static func values(
    points: [Float], columns: Int, rows: Int, width: Int, height: Int
  ) -> [Float] {
    precondition(columns > 0 && rows > 0, "a surface has at least one cell")
    precondition(
      points.count == pointCount(columns: columns, rows: rows), "points don't fill the grid")
    let stride = columns + 3
    let across = taps(width, cells: columns)
    let down = taps(height, cells: rows)
    return [Float](unsafeUninitializedCapacity: width * height) { out, count in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: stride) { line in
        points.withUnsafeBufferPointer { points in
          for (y, row) in down.enumerated() {
            for column in 0..<stride {
              line.initializeElement(
                at: column, to: row.sum(points, at: row.first * stride + column, step: stride))
            }
            for (x, column) in across.enumerated() {
              out.initializeElement(
                at: y * width + x,
                to: column.sum(UnsafeBufferPointer(line), at: column.first, step: 1))
            }
          }
        }
      }
      count = out.count
    }
  }

  /// The four grid points that a pixel hangs on along one axis, and their weights.
  private struct Tap {
    let first: Int
    let weights: SIMD4<Float>

    /// A place along the axis, in cells from its start.
    init(_ position: Float, cells: Int) {
      first = min(cells - 1, Int(position))
      let t = position - Float(first)
      let s = 1 - t
      weights = SIMD4(
        s * s * s / 6, (3 * t * t * t - 6 * t * t + 4) / 6, (3 * s * s * s - 6 * s * s + 4) / 6,
        t * t * t / 6)
    }

    func sum(_ values: UnsafeBufferPointer<Float>, at position: Int, step: Int) -> Float {
      weights[0] * values[position] + weights[1] * values[position + step]
        + weights[2] * values[position + 2 * step] + weights[3] * values[position + 3 * step]
    }
  }

  private static func taps(_ size: Int, cells: Int) -> [Tap] {
    (0..<size).map { Tap((Float($0) + 0.5) / Float(size) * Float(cells), cells: cells) }
  }

  /// The grid points that any place hangs on.
  struct Tap2D {
    private let column: Tap
    private let row: Tap
    private let stride: Int

    /// A place as shares of the surface's sides, 0…1; beyond them the border's.
    init(x: Double, y: Double, columns: Int, rows: Int) {
      func tap(_ share: Double, _ cells: Int) -> Tap {
        Tap(Float(share > 0 ? min(share, 1) : 0) * Float(cells), cells: cells)
      }
      (column, row, stride) = (tap(x, columns), tap(y, rows), columns + 3)
    }

    /// The surface's value.
    func sum(_ points: [Float]) -> Float {
      points.withUnsafeBufferPointer { points in
        (0..<4).reduce(0) { sum, line in
          sum + row.weights[line]
            * column.sum(points, at: (row.first + line) * stride + column.first, step: 1)
        }
      }
    }
  }
}
