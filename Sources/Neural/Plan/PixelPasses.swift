// Passes over all pixels of one or two images: a piece at a time is read, worked on and written while
// it is in cache.

/// Floats of an image in a piece; a few of them fit into an L1 cache.
private let pieceSize = 2048

extension Source {
  /// Pixels `first`..<`first + count`, where they are or, if reading changes them, in scratch memory.
  @inline(__always)
  mutating func pixels(_ first: Int, _ count: Int, scratch: UnsafeMutablePointer<Float>) -> Pixels {
    if let plain {
      return Pixels(pointer: plain.pointer + first * plain.pitch, pitch: plain.pitch)
    }
    read(first, count, into: scratch, pitch: channels)
    return Pixels(pointer: UnsafePointer(scratch), pitch: channels)
  }
}

extension PlanBuilder {
  /// Makes `y` from `x`, pixel by pixel; `body` gets a number of pixels and both images.
  func map(_ x: View, _ y: View, _ body: @escaping (Int, Pixels, Rows) -> Void) {
    let (total, c) = (y.shape.pixels, max(x.shape.channels, y.shape.channels))
    let piece = min(total, max(1, pieceSize / c))
    let (source, sink) = (source(x), sink(y))
    needScratch(2 * piece * c)
    slice([x, y]) { at in
      var (from, to) = (source(at), sink(at))
      for first in stride(from: 0, to: total, by: piece) {
        let count = min(piece, total - first)
        let rows = to.begin(first, scratch: at.scratch + piece * c)
        body(count, from.pixels(first, count, scratch: at.scratch), rows)
        to.end(rows, first, count)
      }
    }
  }

  /// Makes `y`, or adds to it, from two images with as many pixels.
  func combine(
    _ a: View, _ b: View, _ y: View, accumulate: Bool = false,
    _ body: @escaping (Int, Pixels, Pixels, Rows) -> Void
  ) {
    let total = y.shape.pixels
    let c = max(a.shape.channels, b.shape.channels, y.shape.channels)
    let piece = min(total, max(1, pieceSize / c))
    let (first, second, sink) = (source(a), source(b), sink(y, accumulate: accumulate))
    needScratch(3 * piece * c)
    slice([a, b, y]) { at in
      var (one, two, to) = (first(at), second(at), sink(at))
      for first in stride(from: 0, to: total, by: piece) {
        let count = min(piece, total - first)
        let rows = to.begin(first, scratch: at.scratch + 2 * piece * c)
        body(
          count, one.pixels(first, count, scratch: at.scratch),
          two.pixels(first, count, scratch: at.scratch + piece * c), rows)
        to.end(rows, first, count)
      }
    }
  }
}
