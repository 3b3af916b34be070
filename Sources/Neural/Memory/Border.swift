// Images as the kernels of convolutions read them: with a border of zeros, and zeros between pixels.

/// An image among rows of zeros, its pixels `spread` apart with zeros between: row 0,
/// column 0 is `border` above and left of the image.
struct Border {
  /// The image's size.
  var shape: Shape
  /// Pixels of a row with its border.
  var columns: Int
  var border: Int
  var spread = 1
}

extension Source {
  /// Fills rows `first`..<`first + rows` of the image with its border. Rows are `columns` pixels of
  /// this many channels, without gaps.
  mutating func pad(
    _ outline: Border, first: Int, rows: Int, into scratch: UnsafeMutablePointer<Float>
  ) {
    let width = outline.shape.width
    pad(outline, first: first, rows: rows, channels: channels, zero: 0, into: scratch) {
      $0.read($1, width, into: $2, pitch: $3)
    }
  }

  /// The same rounded to bfloat16, with an even number of channels.
  mutating func padRounded(
    _ outline: Border, first: Int, rows: Int, into scratch: UnsafeMutablePointer<UInt16>
  ) {
    let width = outline.shape.width
    pad(outline, first: first, rows: rows, channels: even(channels), zero: 0, into: scratch) {
      $0.readRounded($1, width, into: $2, pitch: $3)
    }
  }

  @inline(__always)
  private mutating func pad<Number>(
    _ outline: Border, first: Int, rows: Int, channels c: Int, zero: Number,
    into scratch: UnsafeMutablePointer<Number>,
    _ read: (inout Source, Int, UnsafeMutablePointer<Number>, Int) -> Void
  ) {
    let (shape, border, spread) = (outline.shape, outline.border, outline.spread)
    let pitch = outline.columns * c
    let inner = ((shape.width - 1) * spread + 1) * c
    for row in 0..<rows {
      let to = scratch + row * pitch
      let at = first + row - border
      if at < 0 || at % spread != 0 || at / spread >= shape.height {
        to.update(repeating: zero, count: pitch)
        continue
      }
      if spread > 1 {
        to.update(repeating: zero, count: pitch)
      } else {
        to.update(repeating: zero, count: border * c)
        (to + border * c + inner).update(repeating: zero, count: pitch - border * c - inner)
      }
      read(&self, at / spread * shape.width, to + border * c, spread * c)
    }
  }
}
