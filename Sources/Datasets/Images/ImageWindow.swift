// Sizes of images, and rectangles of them.

import Imaging

/// Columns and rows.
public struct ImageSize: Sendable, Hashable, Codable, CustomStringConvertible {
  /// In pixels.
  public var width: Int
  /// In pixels.
  public var height: Int

  /// A size, in pixels.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Pixels in all.
  public var pixels: Int { width * height }
  /// As in "480 x 360".
  public var description: String { "\(width) x \(height)" }
}

/// A rectangle of an image; what of it lies beyond the border is the image mirrored at its outermost pixels.
public struct ImageWindow: Sendable, Hashable {
  /// The first column; below 0 left of the image.
  public var x: Int
  /// The first row; below 0 above the image.
  public var y: Int
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int

  /// A rectangle, in pixels.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// A whole image.
  public init(_ size: ImageSize) {
    self.init(x: 0, y: 0, width: size.width, height: size.height)
  }
}

extension ImageWindow {
  /// Reads the bytes of a window from rows that are stored one after another.
  /// - Parameters:
  ///   - pixel: bytes of a pixel.
  ///   - base: where the image's first byte is.
  func bytes(of size: ImageSize, pixel: Int, at base: Int, in store: SampleStore) -> [UInt8] {
    if self == ImageWindow(size) { return store.bytes(at: base, count: size.pixels * pixel) }
    let columns = (x..<(x + width)).map { Padding.Mode.reflect.index($0, of: size.width) }
    let rows = (y..<(y + height)).map { Padding.Mode.reflect.index($0, of: size.height) }
    guard let left = columns.min(), let right = columns.max() else { return [] }
    let span = (right - left + 1) * pixel
    let isStraight =
      columns.count == right - left + 1 && columns.first == left && columns.last == right
    return [UInt8](unsafeUninitializedCapacity: width * height * pixel) { out, count in
      withUnsafeTemporaryAllocation(byteCount: span, alignment: 8) { line in
        for (place, row) in rows.enumerated() {
          store.read(at: base + (row * size.width + left) * pixel, into: line)
          var to = place * width * pixel
          if isStraight {
            for at in 0..<span { (out.baseAddress! + to + at).initialize(to: line[at]) }
          } else {
            for column in columns {
              let from = (column - left) * pixel
              for at in 0..<pixel { (out.baseAddress! + to + at).initialize(to: line[from + at]) }
              to += pixel
            }
          }
        }
      }
      count = out.count
    }
  }
}
