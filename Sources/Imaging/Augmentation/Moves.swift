// The picture is turned, shifted, scaled or seen from another side, as a whole.

/// Turned about the middle.
package struct Rotation: Transform {
  package static let name = "rotate"
  /// Degrees, clockwise above 0.
  package var limit = -15.0...15.0
  /// What lies beyond the picture.
  package var border = Padding.Mode.reflect
  package static var fields: [Field<Rotation>] {
    [.symmetric("limit", \.limit, in: -180...180), .border(\.border)]
  }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .move(
      .affine(
        Affine.rotation(degrees: generator.uniform(in: limit))
          .about(x: Double(scene.width) / 2, y: Double(scene.height) / 2)), border: border)
  }
}

/// Shifted, scaled and turned about the middle.
package struct ShiftScaleRotate: Transform {
  package static let name = "shift_scale_rotate"
  /// Shares of the side, drawn for each axis.
  package var shift = -0.05...0.05
  /// The change of size: 0.1 is 1.1 times, -0.1 a 1.1th.
  package var scale = -0.1...0.1
  /// Degrees, clockwise above 0.
  package var rotate = -10.0...10.0
  /// What lies beyond the picture.
  package var border = Padding.Mode.reflect
  package static var fields: [Field<ShiftScaleRotate>] {
    [
      .symmetric("shift", \.shift, in: -1...1), .symmetric("scale", \.scale, in: -10...10),
      .symmetric("rotate", \.rotate, in: -180...180), .border(\.border),
    ]
  }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    let (w, h) = (Double(scene.width), Double(scene.height))
    let (x, y) = (generator.uniform(in: shift) * w, generator.uniform(in: shift) * h)
    let growth = generator.uniform(in: scale)
    let factor = growth < 0 ? 1 / (1 - growth) : 1 + growth
    let turned = Affine.rotation(degrees: generator.uniform(in: rotate))
    return .move(
      .affine(
        Affine.scale(x: factor, y: factor).then(turned).about(x: w / 2, y: h / 2)
          .then(.translation(x: x, y: y))), border: border)
  }
}

/// A quadrilateral near the picture's border becomes the whole picture.
package struct Perspective: Transform {
  package static let name = "perspective"
  /// Standard deviation by which corners move inwards, as a share of the side; drawn for each picture.
  package var scale = 0.05...0.1
  /// No corner moves further, so that the quadrilateral stays convex.
  private static let most = 0.32
  package static var fields: [Field<Perspective>] { [.span("scale", \.scale, in: 0...0.3)] }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    let deviation = generator.uniform(in: scale)
    let (w, h) = (Double(scene.width), Double(scene.height))
    let moves = (0..<8).map { _ in
      abs(generator.normal() * deviation).truncatingRemainder(dividingBy: Self.most)
    }
    return .move(
      .backward(
        Homography(
          width: scene.width, height: scene.height,
          to: (
            (moves[0] * w, moves[1] * h), (w - moves[2] * w, moves[3] * h),
            (w - moves[4] * w, h - moves[5] * h), (moves[6] * w, h - moves[7] * h)
          ))), border: nil)
  }
}
