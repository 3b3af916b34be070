// The shape of a body of salt: a mask of a stated coverage, and how far each pixel is from its
// border.

import Imaging

/// A body of salt within a frame.
struct SaltBody {
  let mask: Mask
  /// For each pixel about how far inside the body it lies, in pixels; negative outside.
  let inside: [Float]
  /// For each pixel how level the body's border is there: 1 level, 0 upright.
  let level: [Float]

  /// Draws a body: a blob, or a dome or flank that comes in from an edge.
  init(width: Int, height: Int, plan: SaltPlan, using generator: inout SeededGenerator) {
    var field = smoothNoise(
      width: width, height: height, cellWidth: 44, cellHeight: 36, using: &generator)
    let rough = smoothNoise(
      width: width, height: height, cellWidth: 9, cellHeight: 9, using: &generator)
    for pixel in field.indices { field[pixel] += 0.06 * rough[pixel] }
    if plan.oddity == .stripe {
      let left = generator.chance(0.5)
      for pixel in field.indices {
        let x = pixel % width
        field[pixel] = Float(left ? width - x : x)
      }
    } else if plan.oddity == .tiny {
      let (x0, y0) = (20 + generator.int(below: width - 40), 20 + generator.int(below: height - 40))
      for pixel in field.indices {
        let (x, y) = (pixel % width - x0, pixel / width - y0)
        field[pixel] = -Float(x * x + 2 * y * y) - 0.01 * Float(x)
      }
    } else {
      Self.lean(&field, width: width, height: height, coverage: plan.coverage, using: &generator)
    }
    // The threshold that leaves as many pixels above it as wanted.
    let wanted = max(
      1, min(width * height, Int((plan.coverage * Double(width * height)).rounded())))
    var threshold = field.sorted(by: >)[wanted - 1]
    if plan.oddity == .stripe {
      threshold = Float(width - max(1, Int(plan.coverage * Double(width))))
    }
    mask = Mask(width: width, height: height, pixels: field.map { $0 >= threshold ? 1 : 0 })
    (inside, level) = Self.distances(field, threshold: threshold, width: width, height: height)
  }

  /// Adds a slope, so that the body comes in from below (most often), from a side or from above,
  /// and is whole for large coverage.
  private static func lean(
    _ field: inout [Float], width: Int, height: Int, coverage: Double,
    using generator: inout SeededGenerator
  ) {
    let direction = generator.uniform()
    let strength = Float(coverage < 0.12 ? 0.5 : 1.4 + 1.6 * generator.uniform())
    let side = Float(generator.uniform(in: -0.6...0.6))
    let (towardsX, towardsY): (Float, Float) =
      switch direction {
      case ..<0.5: (side, 1)
      case ..<0.7: (1, side)
      case ..<0.9: (-1, side)
      default: (side, -1)
      }
    for pixel in field.indices {
      let x = Float(pixel % width) / Float(width) - 0.5
      let y = Float(pixel / width) / Float(height) - 0.5
      field[pixel] += strength * 2 * (towardsX * x + towardsY * y)
    }
  }

  /// The height above the threshold over the slope, which is the distance to the border to first
  /// order, and how level the border is.
  private static func distances(
    _ field: [Float], threshold: Float, width: Int, height: Int
  ) -> (inside: [Float], level: [Float]) {
    var inside = [Float](repeating: 0, count: field.count)
    var level = inside
    for pixel in field.indices {
      let (x, y) = (pixel % width, pixel / width)
      let (left, right) = (max(0, x - 2), min(width - 1, x + 2))
      let (up, down) = (max(0, y - 2), min(height - 1, y + 2))
      let dx = (field[y * width + right] - field[y * width + left]) / Float(right - left)
      let dy = (field[down * width + x] - field[up * width + x]) / Float(down - up)
      let slope = max(0.01, (dx * dx + dy * dy).squareRoot())
      inside[pixel] = max(-40, min(40, (field[pixel] - threshold) / slope + 0.5))
      level[pixel] = min(1, dy.magnitude / slope)
    }
    return (inside, level)
  }
}
