// The picture is bent.

/// A smooth random field of displacements.
package struct Elastic: Transform {
  package static let name = "elastic"
  /// Standard deviation of the displacements, in pixels.
  package var deviation = 3.0
  /// How many cells of its grid span the picture.
  package var cells = 4
  /// What lies beyond the picture.
  package var border = Padding.Mode.reflect
  package static var fields: [Field<Elastic>] {
    [
      .number("deviation", \.deviation, in: 0...100), .whole("cells", \.cells, in: 1...64),
      .border(\.border),
    ]
  }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .move(
      .backward(ElasticField(cells: cells, deviation: deviation, using: &generator)),
      border: border)
  }
}

/// Columns and rows are stretched and squeezed.
package struct GridDistortion: Transform {
  package static let name = "grid_distortion"
  /// Cells across, and as many down.
  package var cells = 5
  /// How much more of the picture than its share a cell shows.
  package var limit = -0.3...0.3
  package static var fields: [Field<GridDistortion>] {
    [.whole("cells", \.cells, in: 1...64), .symmetric("limit", \.limit, in: -0.9...0.9)]
  }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    let columns = (0..<cells).map { _ in 1 + generator.uniform(in: limit) }
    let rows = (0..<cells).map { _ in 1 + generator.uniform(in: limit) }
    return .move(
      .backward(
        GridMap(width: scene.width, height: scene.height, columns: columns, rows: rows)),
      border: nil)
  }
}

/// The picture through a lens: its border drawn to the middle, or the middle magnified.
package struct OpticalDistortion: Transform {
  package static let name = "optical_distortion"
  /// The strength; above 0 the border is drawn to the middle.
  package var limit = -0.05...0.05
  /// What lies beyond the picture.
  package var border = Padding.Mode.reflect
  package static var fields: [Field<OpticalDistortion>] {
    [.symmetric("limit", \.limit, in: -0.3...0.3), .border(\.border)]
  }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .move(.backward(LensMap(strength: generator.uniform(in: limit))), border: border)
  }
}
