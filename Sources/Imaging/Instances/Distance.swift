// Exact Euclidean distances of pixels to the border of their instance.

extension LabelMap {
  /// The squared distance of each pixel of an instance to the nearest pixel that doesn't belong to
  /// it, between centres, in pixels; 0 on the background. The image's edge is no border, since an
  /// instance that it cuts goes on: without any pixel beside the instance, it is `UInt32.max`.
  ///
  /// By the two passes of Meijster, Roerdink and Hesselink, "A general algorithm for computing
  /// distance transforms in linear time" (2000), in whole numbers; each run of equal labels in a
  /// row is a row of its own that ends in pixels at distance 0.
  public func squaredDistances() -> [UInt32] {
    let far = UInt32(width + height)
    // Along columns: the distance to the next pixel of another label.
    var columns = [UInt32](repeating: far, count: labels.count)
    var squares = [UInt32](repeating: 0, count: labels.count)
    labels.withUnsafeBufferPointer { labels in
      columns.withUnsafeMutableBufferPointer { columns in
        for pixel in width..<max(width, labels.count) {
          let above = pixel - width
          columns[pixel] = labels[pixel] == labels[above] ? min(columns[above] + 1, far) : 1
        }
        for pixel in stride(from: labels.count - width - 1, through: 0, by: -1) {
          let below = pixel + width
          columns[pixel] =
            labels[pixel] == labels[below] ? min(columns[pixel], columns[below] + 1) : 1
        }
        squares.withUnsafeMutableBufferPointer { squares in
          var envelope = Envelope(length: width + 2)
          for y in 0..<height {
            var x = 0
            while x < width {
              let start = x
              let label = labels[y * width + x]
              while x < width && labels[y * width + x] == label { x += 1 }
              guard label != 0 else { continue }
              let row = y * width
              envelope.distances(
                columns: UnsafeBufferPointer(rebasing: columns[(row + start)..<(row + x)]),
                far: Int(far), opens: start > 0, closes: x < width,
                into: UnsafeMutableBufferPointer(rebasing: squares[(row + start)..<(row + x)]))
            }
          }
        }
      }
    }
    return squares
  }

  /// The distance to the border over the instance's largest, as round(255 d), so that each instance
  /// has a pixel of 255; 0 on the background.
  public func normalizedDistances() -> [UInt8] {
    let squares = squaredDistances()
    var largest = [UInt32](repeating: 1, count: count + 1)
    for (label, square) in zip(labels, squares) where square > largest[Int(label)] {
      largest[Int(label)] = square
    }
    return zip(labels, squares).map { label, square in
      guard label != 0 else { return 0 }
      let share = (Double(square) / Double(largest[Int(label)])).squareRoot()
      return UInt8((255 * share).rounded())
    }
  }
}

/// The least of parabolas, at whole places of one row.
private struct Envelope {
  /// Where each parabola of the envelope stands, and from which place on it is the least.
  private var sites: [Int]
  private var starts: [Int]
  private var heights: [Int]

  init(length: Int) {
    sites = [Int](repeating: 0, count: length)
    starts = sites
    heights = sites
  }

  /// - Parameters:
  ///   - opens: whether a pixel of another label comes before the run.
  ///   - closes: whether one comes after it.
  mutating func distances(
    columns: UnsafeBufferPointer<UInt32>, far: Int, opens: Bool, closes: Bool,
    into squares: UnsafeMutableBufferPointer<UInt32>
  ) {
    let count = columns.count
    let last = closes ? count : count - 1
    var top = -1
    for place in (opens ? -1 : 0)...last {
      let height =
        place < 0 || place == count ? 0 : Int(columns[place]) * Int(columns[place])
      // Those that are nowhere less than the new one.
      while top >= 0 {
        let (to, site) = (place - starts[top], starts[top] - sites[top])
        guard site * site + heights[top] > to * to + height else { break }
        top -= 1
      }
      if top < 0 {
        top = 0
        starts[0] = opens ? -1 : 0
      } else {
        let site = sites[top]
        let from =
          (place * place - site * site + height - heights[top]).flooredDivision(
            by: 2 * (place - site)) + 1
        guard from <= last else { continue }
        top += 1
        starts[top] = from
      }
      sites[top] = place
      heights[top] = height
    }
    for place in stride(from: last, through: 0, by: -1) {
      if place < count {
        let step = place - sites[top]
        let square = step * step + heights[top]
        // Real distances are shorter than width + height.
        squares[place] = square >= far * far ? .max : UInt32(clamping: square)
      }
      if place == starts[top] { top -= 1 }
    }
  }
}

extension Int {
  /// The quotient rounded down, by a positive divisor.
  @inline(__always)
  fileprivate func flooredDivision(by divisor: Int) -> Int {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

extension Mask {
  /// The squared distance of each marked pixel to the nearest one that isn't, between centres, in
  /// pixels; 0 where nothing is marked, `UInt32.max` where everything is.
  public func squaredDistances() -> [UInt32] { LabelMap(self).squaredDistances() }

  /// All pixels within a distance of a marked one, between centres, in pixels.
  public func dilated(by distance: Double) -> Mask {
    let outside = Mask(width: width, height: height, pixels: pixels.map { 1 - $0 })
    let reach = distance * distance
    return Mask(
      width: width, height: height,
      pixels: outside.squaredDistances().map { $0 != .max && Double($0) <= reach ? 1 : 0 })
  }

  /// Marked pixels that are farther than a distance from every pixel that isn't marked; the
  /// image's edge takes nothing away.
  public func eroded(by distance: Double) -> Mask {
    let reach = distance * distance
    return Mask(
      width: width, height: height,
      pixels: squaredDistances().map { Double($0) > reach ? 1 : 0 })
  }
}
