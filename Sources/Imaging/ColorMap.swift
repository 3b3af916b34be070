// Numbers as colours.

/// A map from 0…1 to colours, straight between its stops.
public struct ColorMap: Sendable, Equatable {
  private let stops: [Color]

  /// A map of at least two colours, evenly spaced from 0 to 1.
  public init(_ stops: [Color]) {
    precondition(stops.count > 1, "a colour map has two stops at least")
    self.stops = stops
  }

  /// From black over violet, red and orange to a pale yellow; lightness grows all the way, so it
  /// reads in grey as well.
  public static let heat = ColorMap([
    Color(red: 0, green: 0, blue: 8), Color(red: 62, green: 14, blue: 92),
    Color(red: 158, green: 38, blue: 84), Color(red: 230, green: 92, blue: 38),
    Color(red: 250, green: 172, blue: 40), Color(red: 252, green: 250, blue: 176),
  ])

  /// The colour of a value; beyond 0…1 that of the nearer end, and of what is not a number that of
  /// 0.
  public func color(at value: Float) -> Color {
    let position = (value > 0 ? min(value, 1) : 0) * Float(stops.count - 1)
    let index = min(Int(position), stops.count - 2)
    let share = position - Float(index)
    func between(_ part: KeyPath<Color, UInt8>) -> UInt8 {
      let (low, high) = (Float(stops[index][keyPath: part]), Float(stops[index + 1][keyPath: part]))
      return UInt8(low + (high - low) * share + 0.5)
    }
    return Color(red: between(\.red), green: between(\.green), blue: between(\.blue))
  }

  /// A plane of one channel as a picture: RGB of 8 bit.
  public func raster(_ plane: Plane) -> Raster {
    precondition(plane.channels == 1, "a colour map takes one channel")
    var samples: [UInt16] = []
    samples.reserveCapacity(3 * plane.values.count)
    for value in plane.values {
      let color = color(at: value)
      samples.append(UInt16(color.red))
      samples.append(UInt16(color.green))
      samples.append(UInt16(color.blue))
    }
    return Raster(
      width: plane.width, height: plane.height, channels: 3, bitDepth: 8, samples: samples)
  }
}
