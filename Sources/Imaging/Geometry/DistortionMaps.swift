// Distortions of a whole frame: by the cells of a grid, and as by a lens.

/// Columns and rows stretched and squeezed, by cells that are even in the frame.
package struct GridMap: Sendable, Equatable, BackwardMap {
  /// Where the cells' borders come from, from the frame's first to its last.
  private let columns: [Double]
  private let rows: [Double]

  /// A map in which each cell shows its share of the picture.
  /// - Parameters:
  ///   - columns: how much of the picture's width each cell shows, above 0; only their proportions count.
  ///   - rows: the same of its height.
  package init(width: Int, height: Int, columns: [Double], rows: [Double]) {
    precondition(
      !columns.isEmpty && !rows.isEmpty && (columns + rows).allSatisfy { $0 > 0 },
      "each cell shows some of the picture")
    func borders(_ shares: [Double], _ side: Int) -> [Double] {
      let scale = Double(side) / shares.reduce(0, +)
      return shares.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1 * scale) }
    }
    self.columns = borders(columns, width)
    self.rows = borders(rows, height)
  }

  package func trace(_ places: inout Places) {
    let (across, down) = (
      Double(columns.count - 1) / Double(places.width),
      Double(rows.count - 1) / Double(places.height)
    )
    columns.withUnsafeBufferPointer { columns in
      rows.withUnsafeBufferPointer { rows in
        places.replace { x, y in (Self.source(x * across, columns), Self.source(y * down, rows)) }
      }
    }
  }

  /// Straight on beyond the first and last cell.
  private static func source(_ cells: Double, _ borders: UnsafeBufferPointer<Double>) -> Double {
    let cell = Int(min(max(cells, 0), Double(borders.count - 2)))
    return borders[cell] + (borders[cell + 1] - borders[cell]) * (cells - Double(cell))
  }
}

/// Points move along the lines from the middle, as a lens with radial distortion moves them.
package struct LensMap: Sendable, Equatable, BackwardMap {
  private let strength: Double

  /// A lens: a point at the distance r from the middle, in sides of the frame, comes from r (1 + k r² + k r⁴).
  /// - Parameter strength: k, in -0.3…0.3, where no point is passed by another; above 0 the border is drawn to
  ///   the middle.
  package init(strength: Double) { self.strength = strength }

  package func trace(_ places: inout Places) {
    let (w, h) = (Double(places.width), Double(places.height))
    places.replace { px, py in
      let (x, y) = (px / w - 0.5, py / h - 0.5)
      let squared = x * x + y * y
      let factor = 1 + strength * squared * (1 + squared)
      return ((x * factor + 0.5) * w, (y * factor + 0.5) * h)
    }
  }
}
