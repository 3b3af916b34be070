// A picture of stained cells on textured ground, with the mask of the cells.

import Imaging

/// Draws pictures of the cells competition.
struct CellImage {
  static let width = 96
  static let height = 80

  let image: Raster
  let mask: Mask

  /// A cell: an ellipse with an uneven border.
  private struct Cell {
    let shape: Ellipse
    let tint: Float

    init(using generator: inout SeededGenerator) {
      let x = Float(generator.uniform(in: 0...Double(CellImage.width)))
      let y = Float(generator.uniform(in: 0...Double(CellImage.height)))
      let size = Float(generator.uniform(in: 5...14))
      let stretch = Float(generator.uniform(in: 1...1.7))
      shape = Ellipse(x: x, y: y, size: size, stretch: stretch, using: &generator)
      tint = Float(generator.uniform(in: -1...1))
    }
  }

  /// Draws a picture, from numbers that belong to it alone. One in six has no cell.
  init(using generator: inout SeededGenerator) {
    let (width, height) = (Self.width, Self.height)
    func noise(_ cell: Double) -> [Float] {
      smoothNoise(
        width: width, height: height, cellWidth: cell, cellHeight: cell, using: &generator)
    }
    let fibres = noise(9)
    let grain = noise(2)
    let border = noise(6)
    let light = noise(60)
    let cells = (0..<(generator.chance(1 / 6.0) ? 0 : 1 + generator.int(below: 7))).map { _ in
      Cell(using: &generator)
    }
    // Pale smears look like cells at first sight, and aren't.
    let smears = (0..<generator.int(below: 4)).map { _ in Cell(using: &generator) }
    let stain = (0..<3).map { _ in Float(generator.uniform(in: -14...14)) }

    var pixels = [UInt8](repeating: 0, count: width * height)
    var samples: [UInt16] = []
    samples.reserveCapacity(3 * pixels.count)
    for pixel in pixels.indices {
      let (x, y) = (Float(pixel % width) + 0.5, Float(pixel / width) + 0.5)
      let ground = 7 * fibres[pixel] + 5 * grain[pixel] + 14 * light[pixel]
      var color: [Float] = [206 + ground, 168 + 1.2 * ground, 190 + 0.8 * ground]
      for smear in smears {
        let share = 0.5 * smoothstep(-smear.shape.radius(x, y), from: -1.3, to: -0.4)
        let target: [Float] = [222, 140 + 12 * smear.tint, 176]
        for channel in 0..<3 { color[channel] += (target[channel] - color[channel]) * share }
      }
      for cell in cells {
        let radius = cell.shape.radius(x, y) + 0.09 * border[pixel]
        if radius < 1 { pixels[pixel] = 1 }
        let share = smoothstep(-radius, from: -1.12, to: -0.9)
        // A darker nucleus in the middle.
        let core = smoothstep(-radius, from: -0.5, to: -0.35)
        let target: [Float] = [
          128 + stain[0] + 16 * cell.tint - 48 * core + 6 * fibres[pixel],
          96 + stain[1] + 22 * cell.tint - 40 * core + 6 * grain[pixel],
          168 + stain[2] - 10 * cell.tint - 26 * core + 5 * grain[pixel],
        ]
        for channel in 0..<3 { color[channel] += (target[channel] - color[channel]) * share }
      }
      samples += color.map { UInt16(max(0, min(255, $0.rounded()))) }
    }
    image = Raster(width: width, height: height, channels: 3, bitDepth: 8, samples: samples)
    mask = Mask(width: width, height: height, pixels: pixels)
  }
}
