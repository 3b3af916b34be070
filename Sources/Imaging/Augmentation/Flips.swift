// Flips and turns of which every pixel stays what it is.

/// Left and right are exchanged.
package struct HorizontalFlip: Transform {
  package static let name = "hflip"
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .turn(.horizontalFlip)
  }
}

/// Top and bottom are exchanged.
package struct VerticalFlip: Transform {
  package static let name = "vflip"
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .turn(.verticalFlip)
  }
}

/// Rows become columns, of squares.
package struct Transposition: Transform {
  package static let name = "transpose"
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .turn(.transpose)
  }
  package func problem(width: Int, height: Int, labels: Bool) -> String? {
    squareProblem(width, height)
  }
}

/// No, one, two or three quarter turns, each as likely as the others, of squares.
package struct QuarterTurns: Transform {
  package static let name = "rotate90"
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .turn([.identity, .rotate90, .rotate180, .rotate270][generator.int(below: 4)])
  }
  package func problem(width: Int, height: Int, labels: Bool) -> String? {
    squareProblem(width, height)
  }
}

private func squareProblem(_ width: Int, _ height: Int) -> String? {
  width == height
    ? nil
    : "exchanges width and height, but the network sees \(width) x \(height) pixels: that needs a square. "
      + "hflip and vflip keep the shape; together they turn by half a turn"
}
