// Affine maps of the picture plane, as values that compose and invert.

import Foundation

/// An affine map of points: `(x, y)` goes to `(xx·x + xy·y + x0, yx·x + yy·y + y0)`.
///
/// Points are measured in pixels from the picture's top left corner, x to the right and y down; the
/// pixel in column i and row j covers i…i+1 and j…j+1, so its centre is at (i + ½, j + ½).
public struct Affine: Sendable, Equatable {
  var xx = 1.0
  var xy = 0.0
  var yx = 0.0
  var yy = 1.0
  var x0 = 0.0
  var y0 = 0.0

  /// Every point stays.
  public static let identity = Affine()

  /// Points move by so many pixels.
  public static func translation(x: Double, y: Double) -> Affine {
    Affine(x0: x, y0: y)
  }

  /// Distances from the corner grow by factors; negative ones mirror.
  public static func scale(x: Double, y: Double) -> Affine {
    Affine(xx: x, yy: y)
  }

  /// Points turn about the corner, clockwise as the picture is seen.
  public static func rotation(degrees: Double) -> Affine {
    let (sine, cosine) = (sin(degrees * .pi / 180), cos(degrees * .pi / 180))
    return Affine(xx: cosine, xy: -sine, yx: sine, yy: cosine)
  }

  /// Points change their coordinates: rows become columns.
  static let transposition = Affine(xx: 0, xy: 1, yx: 1, yy: 0)

  /// This map and then another one, as one.
  public func then(_ next: Affine) -> Affine {
    Affine(
      xx: next.xx * xx + next.xy * yx, xy: next.xx * xy + next.xy * yy,
      yx: next.yx * xx + next.yy * yx, yy: next.yx * xy + next.yy * yy,
      x0: next.xx * x0 + next.xy * y0 + next.x0, y0: next.yx * x0 + next.yy * y0 + next.y0)
  }

  /// This map seen from another point than the corner.
  public func about(x: Double, y: Double) -> Affine {
    Affine.translation(x: -x, y: -y).then(self).then(.translation(x: x, y: y))
  }

  /// The map that undoes this one, or nil where it folds the plane onto a line.
  public var inverse: Affine? {
    let determinant = xx * yy - xy * yx
    guard determinant != 0, determinant.isFinite else { return nil }
    let (a, b) = (yy / determinant, -xy / determinant)
    let (c, d) = (-yx / determinant, xx / determinant)
    return Affine(xx: a, xy: b, yx: c, yy: d, x0: -(a * x0 + b * y0), y0: -(c * x0 + d * y0))
  }

  /// Where a point goes.
  public func apply(x: Double, y: Double) -> (x: Double, y: Double) {
    (xx * x + xy * y + x0, yx * x + yy * y + y0)
  }
}
