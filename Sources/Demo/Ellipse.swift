// An ellipse in a picture: the shape of cells and nuclei.

import Imaging

/// An ellipse, turned by any angle.
struct Ellipse {
  let x: Float
  let y: Float
  /// Half of the mean of its axes, in pixels.
  let size: Float
  /// The inverse of the half axes, turned: how a step counts towards the border.
  private let along: (x: Float, y: Float)
  private let across: (x: Float, y: Float)

  /// An ellipse around a place, whose direction is drawn.
  /// - Parameters:
  ///   - size: half of the mean axis, in pixels.
  ///   - stretch: the square root of the long axis over the short one.
  init(x: Float, y: Float, size: Float, stretch: Float, using generator: inout SeededGenerator) {
    self.x = x
    self.y = y
    self.size = size
    let (dx, dy) = direction(using: &generator)
    along = (dx / size / stretch, dy / size / stretch)
    across = (-dy / size * stretch, dx / size * stretch)
  }

  /// 0 in the middle, 1 at the border.
  func radius(_ px: Float, _ py: Float) -> Float {
    let u = (px - x) * along.x + (py - y) * along.y
    let v = (px - x) * across.x + (py - y) * across.y
    return (u * u + v * v).squareRoot()
  }
}

/// A direction, as a step of length 1; without sine or cosine, whose last bits differ between machines.
func direction(using generator: inout SeededGenerator) -> (x: Float, y: Float) {
  let dx = Float(generator.uniform(in: -1...1))
  let dy = Float(generator.uniform(in: -1...1))
  let length = max(0.01, (dx * dx + dy * dy).squareRoot())
  return (dx / length, dy / length)
}
