// Noise, and holes in the image. The truth stays as it is.

import Foundation

/// Noise of the normal distribution, for each value by itself.
package struct GaussianNoise: Transform {
  package static let name = "gauss_noise"
  /// Standard deviation, as a share of full scale; drawn for each image.
  package var deviation = 0.01...0.05
  package static var fields: [Field<GaussianNoise>] {
    [.span("deviation", \.deviation, in: 0...1)]
  }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .values(
      Noise(deviation: generator.uniform(in: deviation), seed: generator.next()))
  }
}

/// Noise that is a function of a seed.
struct Noise: ValueChange {
  let deviation: Double
  let seed: UInt64

  func apply(to image: Plane) -> Plane {
    var generator = SeededGenerator(seed: seed)
    var values = image.values
    values.withUnsafeMutableBufferPointer { values in
      // Two at a time, by Box and Muller's transform.
      for start in stride(from: 0, to: values.count, by: 2) {
        let radius = Float(deviation) * (-2 * logf(Float(1 - generator.uniform()))).squareRoot()
        let angle = 2 * .pi * Float(generator.uniform())
        for (at, part) in [(start, cosf(angle)), (start + 1, sinf(angle))] where at < values.count {
          values[at] = min(max(values[at] + radius * part, 0), 1)
        }
      }
    }
    return Plane(
      width: image.width, height: image.height, channels: image.channels, values: values)
  }
}

/// Rectangles of the image become one value.
package struct CoarseDropout: Transform {
  package static let name = "coarse_dropout"
  /// How many.
  package var holes = 1...4
  /// Their sides, as shares of the image's, drawn for each.
  package var size = 0.05...0.2
  /// The value in them, 0…1.
  package var fill = 0.0
  package static var fields: [Field<CoarseDropout>] {
    [
      .wholeSpan("holes", \.holes, in: 1...64), .span("size", \.size, in: 0.001...1),
      .number("fill", \.fill, in: 0...1),
    ]
  }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    let count = holes.lowerBound + generator.int(below: holes.count)
    let drawn = (0..<count).map { _ in
      let width = max(1, Int((generator.uniform(in: size) * Double(scene.width)).rounded()))
      let height = max(1, Int((generator.uniform(in: size) * Double(scene.height)).rounded()))
      return Rectangle(
        left: generator.int(below: scene.width - width + 1),
        top: generator.int(below: scene.height - height + 1), width: width, height: height)
    }
    return .values(Holes(rectangles: drawn, fill: Float(fill)))
  }
}

/// A rectangle within a picture, in pixels.
package struct Rectangle: Sendable, Equatable {
  package let left: Int
  package let top: Int
  package let width: Int
  package let height: Int

  /// A rectangle, by its first column and row.
  package init(left: Int, top: Int, width: Int, height: Int) {
    (self.left, self.top, self.width, self.height) = (left, top, width, height)
  }
}

/// Rectangles filled with a value.
struct Holes: ValueChange {
  let rectangles: [Rectangle]
  let fill: Float

  func apply(to image: Plane) -> Plane {
    var values = image.values
    for hole in rectangles {
      for y in hole.top..<(hole.top + hole.height) {
        let first = (y * image.width + hole.left) * image.channels
        for at in first..<(first + hole.width * image.channels) { values[at] = fill }
      }
    }
    return Plane(
      width: image.width, height: image.height, channels: image.channels, values: values)
  }
}
