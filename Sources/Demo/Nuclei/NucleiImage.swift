// A microscope's picture of nuclei, some of which touch: bright on black, or stained on pale tissue.

import Imaging

/// Draws pictures of the nuclei competition.
struct NucleiImage {
  /// The sizes that pictures have.
  static let sizes: [Size] = [(96, 96), (128, 96), (112, 144)]
  /// In pixels.
  typealias Size = (width: Int, height: Int)
  /// Nuclei with fewer pixels, as those that a border cuts, are left out.
  private static let leastArea = 14

  /// RGBA of 8 bit; opaque.
  let image: Raster
  /// At least one nucleus.
  let nuclei: LabelMap

  private struct Nucleus {
    let shape: Ellipse
    /// -1…1.
    let tint: Float
  }

  /// Draws a picture, from numbers that belong to it alone.
  init(_ size: Size, using generator: inout SeededGenerator) {
    let look = Look.all[generator.int(below: Look.all.count)]
    let placed = Self.place(in: size, using: &generator)
    let rough = Self.noise(6, size, using: &generator)
    let (labels, radii) = Self.label(placed, rough, size)
    // Those that are too small are not drawn either.
    let areas = LabelMap(
      width: size.width, height: size.height, labels: labels, count: placed.count
    ).areas
    let kept = placed.indices.filter { areas[$0] >= Self.leastArea }.map { placed[$0] }
    let (final, nearest) =
      kept.count == placed.count ? (labels, radii) : Self.label(kept, rough, size)
    nuclei = LabelMap(width: size.width, height: size.height, labels: final, count: kept.count)
    image = Self.draw(kept, final, nearest, look, size, using: &generator)
  }

  private static func noise(_ cell: Double, _ size: Size, using generator: inout SeededGenerator)
    -> [Float]
  {
    smoothNoise(
      width: size.width, height: size.height, cellWidth: cell, cellHeight: cell, using: &generator)
  }

  /// Nuclei at random places; about every second one beside another, so close that they touch.
  private static func place(in size: Size, using generator: inout SeededGenerator) -> [Nucleus] {
    let wanted = 6 + generator.int(below: 13)
    let mean = generator.uniform(in: 6...9)
    let (width, height) = (Float(size.width), Float(size.height))
    // The first is well inside, so that no picture is without any.
    var nuclei = [
      nucleus(x: 0.5 * width, y: 0.5 * height, mean: mean, using: &generator)
    ]
    for _ in 0..<(4 * wanted) where nuclei.count < wanted {
      let radius = Float(mean * generator.uniform(in: 0.75...1.25))
      var (x, y) = (
        Float(generator.uniform()) * width, Float(generator.uniform()) * height
      )
      let touches = generator.chance(0.5)
      if touches {
        let other = nuclei[generator.int(below: nuclei.count)].shape
        let step = direction(using: &generator)
        x = other.x + step.x * 0.95 * (other.size + radius)
        y = other.y + step.y * 0.95 * (other.size + radius)
      }
      let isFree = nuclei.allSatisfy { nucleus in
        let (dx, dy) = (nucleus.shape.x - x, nucleus.shape.y - y)
        let least = (touches ? 0.9 : 1.35) * (nucleus.shape.size + radius)
        return dx * dx + dy * dy >= least * least
      }
      guard isFree, (0..<width).contains(x), (0..<height).contains(y) else { continue }
      nuclei.append(nucleus(x: x, y: y, mean: Double(radius), using: &generator))
    }
    return nuclei
  }

  private static func nucleus(
    x: Float, y: Float, mean: Double, using generator: inout SeededGenerator
  ) -> Nucleus {
    Nucleus(
      shape: Ellipse(
        x: x, y: y, size: Float(mean), stretch: Float(generator.uniform(in: 1...1.25)),
        using: &generator),
      tint: Float(generator.uniform(in: -1...1)))
  }

  /// The nucleus of each pixel, from 1, and how far it is from the nearest nuclei's middles: 1 is a border.
  private static func label(_ nuclei: [Nucleus], _ rough: [Float], _ size: Size) -> (
    labels: [UInt32], radii: [(first: Float, second: Float)]
  ) {
    var labels = [UInt32](repeating: 0, count: size.width * size.height)
    let radii = labels.indices.map { pixel -> (first: Float, second: Float) in
      let (x, y) = (Float(pixel % size.width) + 0.5, Float(pixel / size.width) + 0.5)
      var (first, second): (Float, Float) = (9, 9)
      var nearest = 0
      for (index, nucleus) in nuclei.enumerated() {
        let radius = nucleus.shape.radius(x, y)
        if radius < first {
          (first, second, nearest) = (radius, first, index + 1)
        } else if radius < second {
          second = radius
        }
      }
      first += 0.05 * rough[pixel]
      if first < 1 { labels[pixel] = UInt32(nearest) }
      return (first, second + 0.05 * rough[pixel])
    }
    return (labels, radii)
  }

  private static func draw(
    _ nuclei: [Nucleus], _ labels: [UInt32], _ radii: [(first: Float, second: Float)], _ look: Look,
    _ size: Size, using generator: inout SeededGenerator
  ) -> Raster {
    let light = noise(70, size, using: &generator)
    let tissue = noise(11, size, using: &generator)
    let chromatin = noise(3.2, size, using: &generator)
    let grain = noise(1.4, size, using: &generator)
    let strength = Float(generator.uniform(in: 0.7...1))
    var samples: [UInt16] = []
    samples.reserveCapacity(4 * size.width * size.height)
    for pixel in 0..<size.width * size.height {
      let (first, second) = radii[pixel]
      let ground = 0.6 * light[pixel] + 0.5 * tissue[pixel]
      let tint = labels[pixel] > 0 ? nuclei[Int(labels[pixel]) - 1].tint : 0
      // Brightest in the middle; a seam where another nucleus begins.
      let seam = smoothstep(first - second, from: -0.16, to: 0) * (second < 1.1 ? 1 : 0)
      let body =
        (1 - 0.25 * min(1, first * first) + 0.07 * chromatin[pixel] + 0.14 * tint)
        * (1 - 0.55 * seam)
      let share = smoothstep(-first, from: -1.12, to: -0.86) * strength * max(0, body)
      for channel in 0..<3 {
        let base = look.ground[channel] + look.texture * ground
        let value = base + (look.nucleus[channel] - base) * share + look.grain * grain[pixel]
        samples.append(UInt16(max(0, min(255, value.rounded()))))
      }
      samples.append(255)
    }
    return Raster(
      width: size.width, height: size.height, channels: 4, bitDepth: 8, samples: samples)
  }

  /// How tissue is made visible.
  private struct Look {
    let ground: [Float]
    let nucleus: [Float]
    let texture: Float
    let grain: Float

    /// Fluorescence twice, since most pictures are of this kind, and a stain.
    static let all = [
      Look(ground: [14, 14, 14], nucleus: [226, 226, 226], texture: 4, grain: 3),
      Look(ground: [8, 10, 26], nucleus: [96, 148, 255], texture: 4, grain: 3),
      Look(ground: [228, 196, 216], nucleus: [78, 42, 124], texture: 9, grain: 3),
    ]
  }
}
