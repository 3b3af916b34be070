// Smooth random displacements, as the U-Net paper uses them to deform tissue.

/// A field of displacements given on a coarse grid and smooth in between.
///
/// "Random displacement vectors on a coarse 3 by 3 grid" (Ronneberger, Fischer, Brox: "U-Net",
/// 2015), interpolated here by uniform cubic B-splines.
public struct ElasticField: Sendable, Equatable {
  private let cells: Int
  private let x: [Float]
  private let y: [Float]

  /// A field of given displacements.
  /// - Parameters:
  ///   - cells: how many grid cells span the picture's width, and its height.
  ///   - x: displacements of the (cells + 3)² grid points along rows, in pixels, the first row first.
  ///   - y: the same along columns.
  package init(cells: Int, x: [Float], y: [Float]) {
    let count = SplineSurface.pointCount(columns: cells, rows: cells)
    precondition(x.count == count && y.count == count, "displacements fill the grid")
    (self.cells, self.x, self.y) = (cells, x, y)
  }

  /// Draws a field.
  /// - Parameters:
  ///   - cells: how many grid cells span the picture's width, and its height.
  ///   - deviation: standard deviation of a grid point's displacement along each axis, in pixels.
  public init(cells: Int, deviation: Double, using generator: inout SeededGenerator) {
    precondition(cells > 0, "a field has at least one cell")
    self.cells = cells
    let count = SplineSurface.pointCount(columns: cells, rows: cells)
    x = (0..<count).map { _ in Float(generator.normal() * deviation) }
    y = (0..<count).map { _ in Float(generator.normal() * deviation) }
  }

  /// The displacement of every pixel of a frame, rows from the top.
  private func displacements(width: Int, height: Int) -> (x: [Float], y: [Float]) {
    func surface(_ points: [Float]) -> [Float] {
      SplineSurface.values(
        points: points, columns: cells, rows: cells, width: width, height: height)
    }
    return (surface(x), surface(y))
  }
}

extension ElasticField: BackwardMap {
  /// Each point comes from where its displacement leads.
  package func trace(_ places: inout Places) {
    let (width, height) = (places.width, places.height)
    if places.areCentres {
      let field = displacements(width: width, height: height)
      places.shift(byX: field.x, y: field.y)
    } else {
      places.replace { px, py in
        // Beyond the frame the field is that of the frame's border.
        let tap = SplineSurface.Tap2D(
          x: px / Double(width), y: py / Double(height), columns: cells, rows: cells)
        return (px + Double(tap.sum(x)), py + Double(tap.sum(y)))
      }
    }
  }
}
