// Maps that keep lines straight but not parallel: what a plane looks like from another side.

/// A projective map of a frame onto a quadrilateral of a picture.
///
/// Coordinates are those of `Affine`. The map of a square onto a quadrilateral is Heckbert's ("Fundamentals of
/// texture mapping and image warping", 1989).
package struct Homography: Sendable, Equatable, BackwardMap {
  private let x: (Double, Double, Double)
  private let y: (Double, Double, Double)
  private let w: (Double, Double)

  package static func == (one: Homography, other: Homography) -> Bool {
    one.x == other.x && one.y == other.y && one.w == other.w
  }

  /// The map that leads from a frame's corners to those of a convex quadrilateral.
  /// - Parameter corners: upper left, upper right, lower right, lower left.
  package init(
    width: Int, height: Int,
    to corners: (
      (x: Double, y: Double), (x: Double, y: Double), (x: Double, y: Double), (x: Double, y: Double)
    )
  ) {
    let (a, b, c, d) = corners
    let (acrossX, acrossY) = (a.x - b.x + c.x - d.x, a.y - b.y + c.y - d.y)
    let (rightX, rightY) = (b.x - c.x, b.y - c.y)
    let (leftX, leftY) = (d.x - c.x, d.y - c.y)
    let area = rightX * leftY - leftX * rightY
    precondition(area != 0, "three corners lie on a line")
    let g = (acrossX * leftY - leftX * acrossY) / area
    let h = (rightX * acrossY - acrossX * rightY) / area
    let (u, v) = (Double(width), Double(height))
    x = ((b.x - a.x + g * b.x) / u, (d.x - a.x + h * d.x) / v, a.x)
    y = ((b.y - a.y + g * b.y) / u, (d.y - a.y + h * d.y) / v, a.y)
    w = (g / u, h / v)
  }

  package func trace(_ places: inout Places) {
    places.replace { px, py in
      let scale = 1 / (w.0 * px + w.1 * py + 1)
      return ((x.0 * px + x.1 * py + x.2) * scale, (y.0 * px + y.1 * py + y.2) * scale)
    }
  }
}
