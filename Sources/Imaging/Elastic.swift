// Smooth random displacements, as the U-Net paper uses them to deform tissue.

/// A field of displacements given on a coarse grid and smooth in between.
///
/// "Random displacement vectors on a coarse 3 by 3 grid" (Ronneberger, Fischer, Brox: "U-Net", 2015),
/// interpolated here by uniform cubic B-splines, so first and second derivatives are continuous.
public struct ElasticField: Sendable, Equatable {
  private let cells: Int
  private let x: [Float]
  private let y: [Float]

  /// Draws a field.
  /// - Parameters:
  ///   - cells: how many grid cells span the picture's width, and its height.
  ///   - deviation: standard deviation of a grid point's displacement along each axis, in pixels.
  public init(cells: Int, deviation: Double, using generator: inout SeededGenerator) {
    precondition(cells > 0, "a field has at least one cell")
    self.cells = cells
    let count = (cells + 3) * (cells + 3)
    x = (0..<count).map { _ in Float(generator.normal() * deviation) }
    y = (0..<count).map { _ in Float(generator.normal() * deviation) }
  }

  /// The displacement of every pixel of a frame, rows from the top.
  func displacements(width: Int, height: Int) -> (x: [Float], y: [Float]) {
    let columns = weights(width)
    let rows = weights(height)
    func spread(_ grid: [Float]) -> [Float] {
      let side = cells + 3
      var field = [Float](repeating: 0, count: width * height)
      var line = [Float](repeating: 0, count: side)
      for (rowIndex, row) in rows.enumerated() {
        for column in 0..<side {
          var sum: Float = 0
          for tap in 0..<4 { sum += row.weights[tap] * grid[(row.first + tap) * side + column] }
          line[column] = sum
        }
        for (columnIndex, column) in columns.enumerated() {
          let (first, weights) = (column.first, column.weights)
          field[rowIndex * width + columnIndex] =
            weights[0] * line[first] + weights[1] * line[first + 1] + weights[2] * line[first + 2]
            + weights[3] * line[first + 3]
        }
      }
      return field
    }
    return (spread(x), spread(y))
  }

  /// For each pixel along a side the first of its four grid points, and their B-spline weights.
  private func weights(_ size: Int) -> [(first: Int, weights: SIMD4<Float>)] {
    (0..<size).map { pixel in
      let place = (Float(pixel) + 0.5) / Float(size) * Float(cells)
      let first = min(cells - 1, Int(place))
      let t = place - Float(first)
      let s = 1 - t
      return (
        first,
        SIMD4(
          s * s * s / 6, (3 * t * t * t - 6 * t * t + 4) / 6, (3 * s * s * s - 6 * s * s + 4) / 6,
          t * t * t / 6)
      )
    }
  }
}
