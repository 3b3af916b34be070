// One way to move pixels for planes and masks alike: geometry is written once, over a grid of
// cells.

/// A picture whose pixels can be moved about: `height * width` cells of `depth` scalars.
protocol Grid {
  associatedtype Scalar
  var width: Int { get }
  var height: Int { get }
  var depth: Int { get }
  var scalars: [Scalar] { get }
  static var blank: Scalar { get }
  func replaced(width: Int, height: Int, scalars: [Scalar]) -> Self
}

extension Plane: Grid {
  var depth: Int { channels }
  var scalars: [Float] { values }
  static var blank: Float { 0 }
  func replaced(width: Int, height: Int, scalars: [Float]) -> Plane {
    Plane(width: width, height: height, channels: channels, values: scalars)
  }
}

extension Mask: Grid {
  var depth: Int { 1 }
  var scalars: [UInt8] { pixels }
  static var blank: UInt8 { 0 }
  func replaced(width: Int, height: Int, scalars: [UInt8]) -> Mask {
    Mask(width: width, height: height, pixels: scalars)
  }
}

extension Raster: Grid {
  var depth: Int { channels }
  var scalars: [UInt16] { samples }
  static var blank: UInt16 { 0 }
  func replaced(width: Int, height: Int, scalars: [UInt16]) -> Raster {
    Raster(width: width, height: height, channels: channels, bitDepth: bitDepth, samples: scalars)
  }
}

extension Grid {
  /// A picture whose cell (x, y) is this one's cell (columns[x], rows[y]); -1 stands for a blank
  /// cell.
  func picking(columns: [Int], rows: [Int]) -> Self {
    let (depth, stride) = (depth, width * depth)
    let scalars = [Scalar](
      unsafeUninitializedCapacity: columns.count * rows.count * depth
    ) { out, count in
      self.scalars.withUnsafeBufferPointer { source in
        columns.withUnsafeBufferPointer { columns in
          guard var to = out.baseAddress else { return }
          // A number of channels that is known lets the loop over them go.
          func pick(_ depth: Int) {
            for row in rows {
              let line = row * stride
              for x in 0..<columns.count {
                let isBlank = row < 0 || columns[x] < 0
                let from = line + columns[x] * depth
                for channel in 0..<depth {
                  (to + x * depth + channel).initialize(
                    to: isBlank ? Self.blank : source[from + channel])
                }
              }
              to += columns.count * depth
            }
          }
          switch depth {
          case 1: pick(1)
          case 3: pick(3)
          default: pick(depth)
          }
        }
      }
      count = out.count
    }
    return replaced(width: columns.count, height: rows.count, scalars: scalars)
  }

  /// A picture whose columns are this one's rows.
  func transposed() -> Self {
    let (width, height, depth) = (width, height, depth)
    let scalars = [Scalar](unsafeUninitializedCapacity: self.scalars.count) { out, count in
      self.scalars.withUnsafeBufferPointer { source in
        for y in 0..<width {
          for x in 0..<height {
            for channel in 0..<depth {
              out.initializeElement(
                at: (y * height + x) * depth + channel,
                to: source[(x * width + y) * depth + channel])
            }
          }
        }
      }
      count = out.count
    }
    return replaced(width: height, height: width, scalars: scalars)
  }
}
