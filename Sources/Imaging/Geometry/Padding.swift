// Margins around a picture, and the crop that takes them off again; plain crops too.

/// Margins around a picture of one size.
public struct Padding: Sendable, Equatable {
  /// What the margins are filled with.
  public enum Mode: String, Sendable, Codable {
    /// The picture mirrored at its outermost pixels, which are not repeated.
    case reflect
    /// The outermost pixels.
    case edge
    /// Zeros.
    case zero
  }

  /// Pixels above.
  public let top: Int
  /// Pixels on the left.
  public let left: Int
  /// Pixels below.
  public let bottom: Int
  /// Pixels on the right.
  public let right: Int
  /// What the margins are filled with.
  public let mode: Mode

  /// Margins, none of them negative.
  public init(top: Int, left: Int, bottom: Int, right: Int, mode: Mode) {
    precondition(min(top, left, bottom, right) >= 0, "a margin is not negative")
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
    self.mode = mode
  }

  /// The margins that centre a picture of one size in a larger one: `left = (to - from) / 2`, `top`
  /// alike, and the odd pixel right and below.
  public init(
    fromWidth: Int, fromHeight: Int, toWidth: Int, toHeight: Int, mode: Mode = .reflect
  ) {
    precondition(toWidth >= fromWidth && toHeight >= fromHeight, "padding only makes larger")
    let left = (toWidth - fromWidth) / 2
    let top = (toHeight - fromHeight) / 2
    self.init(
      top: top, left: left, bottom: toHeight - fromHeight - top,
      right: toWidth - fromWidth - left, mode: mode)
  }

  /// The plane within its margins.
  public func apply(_ plane: Plane) -> Plane { pad(plane) }

  /// The mask within its margins.
  public func apply(_ mask: Mask) -> Mask { pad(mask) }

  /// The plane without its margins: the inverse of `apply`.
  public func undo(_ plane: Plane) -> Plane {
    plane.cropped(
      left: left, top: top, width: plane.width - left - right, height: plane.height - top - bottom)
  }

  /// The mask without its margins: the inverse of `apply`.
  public func undo(_ mask: Mask) -> Mask {
    mask.cropped(
      left: left, top: top, width: mask.width - left - right, height: mask.height - top - bottom)
  }

  private func pad<Picture: Grid>(_ picture: Picture) -> Picture {
    picture.picking(
      columns: (-left..<(picture.width + right)).map { mode.index($0, of: picture.width) },
      rows: (-top..<(picture.height + bottom)).map { mode.index($0, of: picture.height) })
  }
}

extension Padding.Mode {
  /// Which of `count` pixels stands at a place that may lie outside; -1 for none.
  package func index(_ position: Int, of count: Int) -> Int {
    if position >= 0 && position < count { return position }
    switch self {
    case .zero: return -1
    case .edge: return position < 0 ? 0 : count - 1
    case .reflect:
      // A margin wider than the picture is mirrored again and again.
      let period = max(1, 2 * (count - 1))
      let within = ((position % period) + period) % period
      return within < count ? within : period - within
    }
  }
}

extension Grid {
  func crop(left: Int, top: Int, width: Int, height: Int) -> Self {
    precondition(
      left >= 0 && top >= 0 && width > 0 && height > 0 && left + width <= self.width
        && top + height <= self.height, "a crop lies within its picture")
    return picking(columns: Array(left..<(left + width)), rows: Array(top..<(top + height)))
  }
}

extension Plane {
  /// A rectangle of the plane, which must lie within it.
  public func cropped(left: Int, top: Int, width: Int, height: Int) -> Plane {
    crop(left: left, top: top, width: width, height: height)
  }
}

extension Mask {
  /// A rectangle of the mask, which must lie within it.
  public func cropped(left: Int, top: Int, width: Int, height: Int) -> Mask {
    crop(left: left, top: top, width: width, height: height)
  }
}

extension Raster {
  /// A rectangle of the raster, which must lie within it.
  public func cropped(left: Int, top: Int, width: Int, height: Int) -> Raster {
    crop(left: left, top: top, width: width, height: height)
  }
}
