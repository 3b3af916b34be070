// Pictures of another size.

/// How a picture of another size is made.
public enum Interpolation: Sendable {
  /// Between the four nearest pixel centres, without smoothing (as OpenCV's INTER_LINEAR).
  case bilinear
  /// The pixel in which the new pixel's centre lies.
  case nearest
  /// The mean of what the new pixel covers: for making smaller, without aliasing.
  case area
}

extension Plane {
  /// The plane in another size.
  public func resized(width: Int, height: Int, _ interpolation: Interpolation = .bilinear) -> Plane
  {
    precondition(width > 0 && height > 0, "a plane has at least one value")
    if width == self.width && height == self.height { return self }
    switch interpolation {
    case .bilinear:
      let map = Affine.scale(
        x: Double(width) / Double(self.width), y: Double(height) / Double(self.height))
      return Warp(map, width: width, height: height, border: .edge).apply(self)
    case .nearest: return nearest(width: width, height: height)
    case .area: return averaged(width: width, height: height)
    }
  }

  /// Means over columns, then over rows.
  private func averaged(width: Int, height: Int) -> Plane {
    let columns = Cover(width, of: self.width)
    let rows = Cover(height, of: self.height)
    var wide = [Float](repeating: 0, count: self.height * width * channels)
    for y in 0..<self.height {
      for (x, cover) in columns.parts.enumerated() {
        for part in cover {
          for channel in 0..<channels {
            wide[(y * width + x) * channels + channel] +=
              part.share * values[(y * self.width + part.index) * channels + channel]
          }
        }
      }
    }
    let stride = width * channels
    var out = [Float](repeating: 0, count: height * stride)
    for (y, cover) in rows.parts.enumerated() {
      for part in cover {
        for x in 0..<stride { out[y * stride + x] += part.share * wide[part.index * stride + x] }
      }
    }
    return Plane(width: width, height: height, channels: channels, values: out)
  }
}

extension Mask {
  /// The mask in another size, each pixel that of the old one in which its centre lies.
  public func resized(width: Int, height: Int) -> Mask {
    precondition(width > 0 && height > 0, "a mask has at least one pixel")
    return nearest(width: width, height: height)
  }
}

extension Raster {
  /// The raster at another size, each pixel that of the old one below its centre.
  public func resized(width: Int, height: Int) -> Raster {
    precondition(width > 0 && height > 0, "a raster has at least one pixel")
    return nearest(width: width, height: height)
  }

  /// The raster enlarged by a whole factor: every pixel becomes a square.
  public func enlarged(by factor: Int) -> Raster {
    precondition(factor > 0, "a factor is at least 1")
    return nearest(width: width * factor, height: height * factor)
  }

  /// The raster at 8 bit, no larger than a square of a side: pictures for pages. Smaller ones stay.
  public func thumbnail(side: Int) -> Raster {
    precondition(side > 0, "a thumbnail has at least one pixel")
    let plane = Plane(self, channels: channels < 3 ? 1 : 3)
    let longest = max(width, height)
    guard longest > side else { return Raster(plane) }
    return Raster(
      plane.resized(
        width: max(1, (width * side + longest / 2) / longest),
        height: max(1, (height * side + longest / 2) / longest), .area))
  }
}

extension Grid {
  func nearest(width: Int, height: Int) -> Self {
    picking(
      columns: (0..<width).map { (2 * $0 + 1) * self.width / (2 * width) },
      rows: (0..<height).map { (2 * $0 + 1) * self.height / (2 * height) })
  }
}

/// Which old pixels each new one covers, and which share of it each of them fills.
private struct Cover {
  let parts: [[(index: Int, share: Float)]]

  init(_ size: Int, of count: Int) {
    parts = (0..<size).map { place in
      // In units of 1 / size of an old pixel, so that the borders are whole numbers.
      let (start, end) = (place * count, (place + 1) * count)
      return (start / size...(end - 1) / size).map { index in
        let covered = min(end, (index + 1) * size) - max(start, index * size)
        return (index, Float(covered) / Float(count))
      }
    }
  }
}
