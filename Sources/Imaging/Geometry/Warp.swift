// Moving pictures by maps that don't hit whole pixels: one bilinear sampling for any chain of maps.

/// A map of a picture onto a frame of a size: affine, or by the place that each pixel comes from.
public struct Warp: Sendable, Equatable {
  private enum Source: Sendable, Equatable {
    /// Where points of the frame come from.
    case affine(Affine)
    /// The same, for each pixel.
    case places(Places)
  }

  /// Width of the result in pixels.
  public var width: Int
  /// Height of the result in pixels.
  public var height: Int
  /// What lies beyond the picture's border.
  public var border: Padding.Mode
  private let source: Source

  /// A warp by an affine map, which must have an inverse, into a frame.
  public init(
    _ affine: Affine, width: Int, height: Int, border: Padding.Mode = .reflect
  ) {
    precondition(width > 0 && height > 0, "a frame has at least one pixel")
    guard let source = affine.inverse else { preconditionFailure("the map can't be undone") }
    self.source = .affine(source)
    self.width = width
    self.height = height
    self.border = border
  }

  /// A warp into a frame whose pixels come from these places.
  package init(_ places: Places, border: Padding.Mode = .reflect) {
    source = .places(places)
    width = places.width
    height = places.height
    self.border = border
  }

  /// The plane, sampled bilinearly.
  public func apply(_ plane: Plane) -> Plane {
    let depth = plane.channels
    let values = [Float](unsafeUninitializedCapacity: width * height * depth) { out, count in
      plane.values.withUnsafeBufferPointer { values in
        switch source {
        case .affine(let source) where source.xy == 0 && source.yx == 0:
          sampleStraight(source, plane, values, into: out)
        case .affine(let source):
          sampleFreely(plane, values, into: out) { x, y, _ in
            source.apply(x: Double(x) + 0.5, y: Double(y) + 0.5)
          }
        case .places(let places):
          places.x.withUnsafeBufferPointer { x in
            places.y.withUnsafeBufferPointer { y in
              sampleFreely(plane, values, into: out) { _, _, pixel in (x[pixel], y[pixel]) }
            }
          }
        }
      }
      count = out.count
    }
    return Plane(width: width, height: height, channels: depth, values: values)
  }

  /// The mask: marked where at least half of the bilinear sample is.
  public func apply(_ mask: Mask) -> Mask {
    let sampled = apply(Plane(mask))
    return Mask(
      width: width, height: height, pixels: sampled.values.map { $0 >= 0.5 ? 1 : 0 })
  }

  /// Numbers that mean something each, such as classes: the nearest pixel's.
  /// - Parameters:
  ///   - labels: `height * width` of them, of a picture of this size.
  ///   - blank: what lies beyond a border of zeros.
  public func apply(labels: [UInt8], width: Int, height: Int, blank: UInt8) -> [UInt8] {
    return [UInt8](unsafeUninitializedCapacity: self.width * self.height) { out, count in
      labels.withUnsafeBufferPointer { labels in
        for y in 0..<self.height {
          for x in 0..<self.width {
            let pixel = y * self.width + x
            let from =
              switch source {
              case .affine(let source): source.apply(x: Double(x) + 0.5, y: Double(y) + 0.5)
              case .places(let places): (x: places.x[pixel], y: places.y[pixel])
              }
            let column = border.index(Self.whole(from.x), of: width)
            let row = border.index(Self.whole(from.y), of: height)
            out.initializeElement(
              at: pixel, to: column < 0 || row < 0 ? blank : labels[row * width + column])
          }
        }
      }
      count = out.count
    }
  }

  /// The pixel in which a place lies; one too far out to count pixels by is as good as the border.
  private static func whole(_ position: Double) -> Int {
    Int((position.isFinite ? max(-1e6, min(1e6, position)) : 0).rounded(.down))
  }

  /// Columns stay columns and rows rows, so neighbours and weights are the same all along them.
  private func sampleStraight(
    _ source: Affine, _ plane: Plane, _ values: UnsafeBufferPointer<Float>,
    into out: UnsafeMutableBufferPointer<Float>
  ) {
    let columns = line(
      width, scale: source.xx, shift: source.x0, of: plane.width, step: plane.channels)
    let rows = line(
      height, scale: source.yy, shift: source.y0, of: plane.height,
      step: plane.width * plane.channels)
    let length = width * plane.channels
    // The two rows of the picture that a row of the result lies between, sampled at its columns. Most
    // are needed again for the next row.
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * length) { lines in
      var (upper, lower) = (lines.baseAddress!, lines.baseAddress! + length)
      var (hasUpper, hasLower): (Int?, Int?) = (nil, nil)
      for (y, row) in rows.enumerated() {
        if hasLower == row.first || hasUpper == row.second {
          swap(&upper, &lower)
          swap(&hasUpper, &hasLower)
        }
        if hasUpper != row.first {
          sample(row.first, columns, plane.channels, values, into: upper)
          hasUpper = row.first
        }
        if hasLower != row.second {
          sample(row.second, columns, plane.channels, values, into: lower)
          hasLower = row.second
        }
        let (start, weight) = (out.baseAddress! + y * length, row.weight)
        for x in 0..<length { start[x] = upper[x] + (lower[x] - upper[x]) * weight }
      }
    }
  }

  /// A row of the picture, which begins at an offset (-1 for a blank one), at columns of the result.
  private func sample(
    _ row: Int, _ columns: [Tap], _ depth: Int, _ values: UnsafeBufferPointer<Float>,
    into line: UnsafeMutablePointer<Float>
  ) {
    guard row >= 0 else { return line.initialize(repeating: 0, count: columns.count * depth) }
    let start = values.baseAddress! + row
    columns.withUnsafeBufferPointer { columns in
      for x in 0..<columns.count {
        let column = columns[x]
        for channel in 0..<depth {
          let left = column.first < 0 ? 0 : start[column.first + channel]
          let right = column.second < 0 ? 0 : start[column.second + channel]
          line[x * depth + channel] = left + (right - left) * column.weight
        }
      }
    }
  }

  private func line(_ size: Int, scale: Double, shift: Double, of count: Int, step: Int) -> [Tap] {
    (0..<size).map {
      Tap(scale * (Double($0) + 0.5) + shift - 0.5, of: count, step: step, border)
    }
  }

  @inline(__always)
  private func sampleFreely(
    _ plane: Plane, _ values: UnsafeBufferPointer<Float>,
    into out: UnsafeMutableBufferPointer<Float>,
    from place: (Int, Int, Int) -> (x: Double, y: Double)
  ) {
    let depth = plane.channels
    let (lastColumn, lastRow) = (Double(plane.width - 1), Double(plane.height - 1))
    for y in 0..<height {
      for x in 0..<width {
        let pixel = y * width + x
        let from = place(x, y, pixel)
        let (across, down) = (from.x - 0.5, from.y - 0.5)
        if across >= 0, across < lastColumn, down >= 0, down < lastRow {
          // All four neighbours lie within: no border to look at.
          let (column, row) = (Int(across), Int(down))
          let weights = (x: Float(across - Double(column)), y: Float(down - Double(row)))
          let upper = values.baseAddress! + (row * plane.width + column) * depth
          let lower = upper + plane.width * depth
          for channel in 0..<depth {
            let (left, right) = (upper[channel], upper[channel + depth])
            let above = left + (right - left) * weights.x
            let (nextLeft, nextRight) = (lower[channel], lower[channel + depth])
            let below = nextLeft + (nextRight - nextLeft) * weights.x
            (out.baseAddress! + pixel * depth + channel).initialize(
              to: above + (below - above) * weights.y)
          }
          continue
        }
        let column = Tap(across, of: plane.width, step: depth, border)
        let row = Tap(down, of: plane.height, step: plane.width * depth, border)
        for channel in 0..<depth {
          out.initializeElement(at: pixel * depth + channel, to: column.blend(row, values, channel))
        }
      }
    }
  }
}

/// The two neighbours of a place along one side, as offsets into the buffer (-1 beyond a blank
/// border), and the share of the second.
private struct Tap {
  let first: Int
  let second: Int
  let weight: Float

  init(_ position: Double, of count: Int, step: Int, _ border: Padding.Mode) {
    // A place too far out to count pixels by is as good as the border.
    let position = position.isFinite ? max(-1e6, min(1e6, position)) : 0
    // The floor, without the call that it is on a processor of unknown make.
    var index = Int(position)
    if Double(index) > position { index -= 1 }
    weight = Float(position - Double(index))
    func offset(_ position: Int) -> Int {
      if position >= 0 && position < count { return position * step }
      let inside = border.index(position, of: count)
      return inside < 0 ? -1 : inside * step
    }
    first = offset(index)
    second = offset(index + 1)
  }

  /// The bilinear sample where this tap along a row meets one along a column.
  @inline(__always)
  func blend(_ row: Tap, _ values: UnsafeBufferPointer<Float>, _ channel: Int) -> Float {
    func value(_ rowStart: Int, _ columnStart: Int) -> Float {
      rowStart < 0 || columnStart < 0 ? 0 : values[rowStart + columnStart + channel]
    }
    let (upper, upperNext) = (value(row.first, first), value(row.first, second))
    let (lower, lowerNext) = (value(row.second, first), value(row.second, second))
    let above = upper + (upperNext - upper) * weight
    let below = lower + (lowerNext - lower) * weight
    return above + (below - above) * row.weight
  }
}
