// Contrast that is evened out from place to place. The truth stays as it is.

/// Contrast-limited adaptive histogram equalization (Zuiderveld, 1994).
package struct CLAHE: Transform {
  package static let name = "clahe"
  /// How high a bin of a tile's histogram may be, against an even one.
  package var clip = 1.0...4.0
  /// Tiles across, and as many down.
  package var tiles = 8
  package static var fields: [Field<CLAHE>] {
    [.span("clip", \.clip, in: 1...100), .whole("tiles", \.tiles, in: 1...64)]
  }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .values(Equalization(clip: generator.uniform(in: clip), tiles: tiles))
  }
}

/// Each value to its rank among those of the tiles around it, with the histogram's bins clipped.
///
/// Tiles, clipping and interpolation are OpenCV's. Of RGB, the luma is equalized and its change added to all three
/// channels; of other numbers of channels each by itself.
package struct Equalization: ValueChange {
  private static let bins = 256
  let clip: Double
  let tiles: Int

  /// - Parameters:
  ///   - clip: how high a bin may be, against an even histogram's; 1 or more.
  ///   - tiles: tiles across, and as many down.
  package init(clip: Double, tiles: Int) {
    self.clip = clip
    self.tiles = tiles
  }

  package func apply(to image: Plane) -> Plane {
    let pixels = image.width * image.height
    if image.channels == 3 {
      let luma = (0..<pixels).map { pixel -> Float in
        let (red, green) = (image.values[3 * pixel], image.values[3 * pixel + 1])
        return 0.299 * red + 0.587 * green + 0.114 * image.values[3 * pixel + 2]
      }
      let changed = equalized(luma, image.width, image.height)
      let values = image.values.indices.map { index in
        min(max(image.values[index] + changed[index / 3] - luma[index / 3], 0), 1)
      }
      return Plane(width: image.width, height: image.height, channels: 3, values: values)
    }
    var values = image.values
    for channel in 0..<image.channels {
      let own = (0..<pixels).map { image.values[$0 * image.channels + channel] }
      for (pixel, value) in equalized(own, image.width, image.height).enumerated() {
        values[pixel * image.channels + channel] = value
      }
    }
    return Plane(
      width: image.width, height: image.height, channels: image.channels, values: values)
  }

  /// One channel.
  private func equalized(_ values: [Float], _ width: Int, _ height: Int) -> [Float] {
    // A picture that tiles don't fill is padded, on both sides if on one.
    let isEven = width % tiles == 0 && height % tiles == 0
    let tileWidth = isEven ? width / tiles : (width + tiles - width % tiles) / tiles
    let tileHeight = isEven ? height / tiles : (height + tiles - height % tiles) / tiles
    let columns = (0..<(tileWidth * tiles)).map { Padding.Mode.reflect.index($0, of: width) }
    let rows = (0..<(tileHeight * tiles)).map { Padding.Mode.reflect.index($0, of: height) }
    let bin = values.map { Int(min(max($0, 0), 1) * 255 + 0.5) }
    var curves: [Float] = []
    curves.reserveCapacity(tiles * tiles * Self.bins)
    for tileY in 0..<tiles {
      for tileX in 0..<tiles {
        var histogram = [Int](repeating: 0, count: Self.bins)
        for row in rows[(tileY * tileHeight)..<((tileY + 1) * tileHeight)] {
          for column in columns[(tileX * tileWidth)..<((tileX + 1) * tileWidth)] {
            histogram[bin[row * width + column]] += 1
          }
        }
        curves += curve(histogram, count: tileWidth * tileHeight)
      }
    }
    let across = (0..<width).map { Blend($0, tile: tileWidth, tiles: tiles) }
    let down = (0..<height).map { Blend($0, tile: tileHeight, tiles: tiles) }
    var result = values
    for y in 0..<height {
      let row = down[y]
      for x in 0..<width {
        let column = across[x]
        let value = min(max(values[y * width + x], 0), 1) * 255
        let low = min(Int(value), Self.bins - 2)
        let rest = value - Float(low)
        func level(_ tileY: Int, _ tileX: Int) -> Float {
          let at = (tileY * tiles + tileX) * Self.bins + low
          return curves[at] + (curves[at + 1] - curves[at]) * rest
        }
        let above =
          level(row.first, column.first) * (1 - column.weight)
          + level(row.first, column.second) * column.weight
        let below =
          level(row.second, column.first) * (1 - column.weight)
          + level(row.second, column.second) * column.weight
        result[y * width + x] = above + (below - above) * row.weight
      }
    }
    return result
  }

  /// The new value of each bin: the share of a tile's values up to it, in steps of 1/255.
  private func curve(_ counts: [Int], count: Int) -> [Float] {
    var counts = counts
    let most = max(1, Int(clip * Double(count) / Double(Self.bins)))
    var excess = 0
    for bin in counts.indices where counts[bin] > most {
      excess += counts[bin] - most
      counts[bin] = most
    }
    let (each, rest) = excess.quotientAndRemainder(dividingBy: Self.bins)
    for bin in counts.indices { counts[bin] += each }
    if rest > 0 {
      let step = max(1, Self.bins / rest)
      for place in 0..<min(rest, (Self.bins + step - 1) / step) { counts[place * step] += 1 }
    }
    var sum = 0
    let scale = Float(Self.bins - 1) / Float(count)
    return counts.map {
      sum += $0
      return min(255, (Float(sum) * scale).rounded(.toNearestOrEven)) / 255
    }
  }
}

/// The two tiles between whose middles a pixel lies, and the share of the second.
private struct Blend {
  let first: Int
  let second: Int
  let weight: Float

  init(_ pixel: Int, tile: Int, tiles: Int) {
    let place = Float(pixel) / Float(tile) - 0.5
    let before = Int(place.rounded(.down))
    weight = place - Float(before)
    first = max(before, 0)
    second = min(before + 1, tiles - 1)
  }
}
