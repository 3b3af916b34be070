// Blurs. The truth stays as it is.

import Foundation

/// A blur by a bell curve.
package struct GaussianBlur: Transform {
  package static let name = "gaussian_blur"
  /// Standard deviation in pixels.
  package var sigma = 0.5...1.5
  package static var fields: [Field<GaussianBlur>] { [.span("sigma", \.sigma, in: 0.1...20)] }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .values(Convolution(sigma: generator.uniform(in: sigma)))
  }
}

/// The mean of a square around each pixel.
package struct BoxBlur: Transform {
  package static let name = "blur"
  /// The square's side in pixels; an even one counts as the next odd one.
  package var size = 3...7
  package static var fields: [Field<BoxBlur>] { [.wholeSpan("size", \.size, in: 3...31)] }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    let radii = (size.lowerBound / 2)...(size.upperBound / 2)
    return .values(
      Convolution(box: 2 * (radii.lowerBound + generator.int(below: radii.count)) + 1))
  }
}

/// A weighted mean of neighbours, along rows and then along columns; mirrored beyond the border.
package struct Convolution: ValueChange {
  /// Weights from the middle outwards, of one side.
  private let weights: [Float]

  /// A bell curve, up to 3.5 standard deviations from its middle.
  package init(sigma: Double) {
    let side = (0...Int(sigma * 3.5)).map { exp(-0.5 * Double($0 * $0) / (sigma * sigma)) }
    let sum = 2 * side.reduce(0, +) - side[0]
    weights = side.map { Float($0 / sum) }
  }

  /// A box of an odd side.
  package init(box side: Int) {
    precondition(side % 2 == 1, "a box has a middle")
    weights = [Float](repeating: 1 / Float(side), count: side / 2 + 1)
  }

  package func apply(to image: Plane) -> Plane {
    let (width, height, depth) = (image.width, image.height, image.channels)
    let (radius, line) = (weights.count - 1, width * depth)
    let columns = (-radius..<(width + radius)).map {
      Padding.Mode.reflect.index($0, of: width) * depth
    }
    let rows = (-radius..<(height + radius)).map {
      Padding.Mode.reflect.index($0, of: height) * line
    }
    var across = [Float](repeating: 0, count: image.values.count)
    // The row with its margins: the inner loops then run along it without a look at the border.
    var padded = [Float](repeating: 0, count: columns.count * depth)
    for y in 0..<height {
      for (place, column) in columns.enumerated() {
        for channel in 0..<depth {
          padded[place * depth + channel] = image.values[y * line + column + channel]
        }
      }
      Self.add(padded, at: radius * depth, to: &across, at: y * line, count: line, weights[0])
      for reach in stride(from: 1, through: radius, by: 1) {
        for at in [(radius - reach) * depth, (radius + reach) * depth] {
          Self.add(padded, at: at, to: &across, at: y * line, count: line, weights[reach])
        }
      }
    }
    var values = [Float](repeating: 0, count: image.values.count)
    for y in 0..<height {
      Self.add(across, at: y * line, to: &values, at: y * line, count: line, weights[0])
      for reach in stride(from: 1, through: radius, by: 1) {
        for row in [rows[y + radius - reach], rows[y + radius + reach]] {
          Self.add(across, at: row, to: &values, at: y * line, count: line, weights[reach])
        }
      }
    }
    return Plane(width: width, height: height, channels: depth, values: values)
  }

  private static func add(
    _ source: [Float], at from: Int, to sum: inout [Float], at to: Int, count: Int, _ weight: Float
  ) {
    source.withUnsafeBufferPointer { source in
      sum.withUnsafeMutableBufferPointer { sum in
        let (source, sum) = (source.baseAddress! + from, sum.baseAddress! + to)
        for index in 0..<count { sum[index] += source[index] * weight }
      }
    }
  }
}
