// What a network learns of instances and says about them: foreground, border and distance.

/// Probabilities of one image as bytes, round(255 p): `height * width` values each, rows from the
/// top.
public struct InstanceMaps: Sendable, Equatable {
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// Whether a pixel belongs to any instance.
  public let foreground: [UInt8]
  /// Whether at least two instances are near; nil where a network doesn't say.
  public let border: [UInt8]?
  /// The distance to the instance's own border over the instance's largest; nil where a network
  /// doesn't say.
  public let distance: [UInt8]?

  /// The distance within which two instances make a border, in pixels.
  public static let borderDistance = 2.0

  /// Maps that must fill the shape.
  public init(
    width: Int, height: Int, foreground: [UInt8], border: [UInt8]? = nil, distance: [UInt8]? = nil
  ) {
    let pixels = width * height
    precondition(width > 0 && height > 0, "a map has at least one pixel")
    precondition(
      foreground.count == pixels && border?.count ?? pixels == pixels
        && distance?.count ?? pixels == pixels, "maps don't fill the shape")
    self.width = width
    self.height = height
    self.foreground = foreground
    self.border = border
    self.distance = distance
  }

  /// The truth about instances, which a network is to learn: foreground and border are 0 or 255.
  /// - Parameter borderDistance: see `LabelMap.border(within:)`.
  public init(targetsOf map: LabelMap, borderDistance: Double = InstanceMaps.borderDistance) {
    self.init(
      width: map.width, height: map.height, foreground: map.labels.map { $0 == 0 ? 0 : 255 },
      border: map.border(within: borderDistance).pixels.map { $0 * 255 },
      distance: map.normalizedDistances())
  }
}
