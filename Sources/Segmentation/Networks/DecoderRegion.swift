// Which part of a padded image the logits of the image itself depend on, so that a decoder works on no more.

import Neural

/// Rows and columns of an image.
struct DecoderRegion: Equatable {
  var rows: Range<Int>
  var columns: Range<Int>

  /// All of an image.
  init(_ shape: Shape) {
    self.init(rows: 0..<shape.height, columns: 0..<shape.width)
  }

  init(rows: Range<Int>, columns: Range<Int>) {
    (self.rows, self.columns) = (rows, columns)
  }

  /// What each block of a decoder has to work on, from the smallest image on: blocks enlarge twice and convolve 3 x 3
  /// twice, the head once. Convolutions put zeros around the part, which then are wrong in as many rows and columns
  /// at its border as there are convolutions up to the logits, so that it has as many more than the image.
  ///
  /// Of 101 x 101 pixels in the middle of 128 x 128, the last block works on 108 x 108 and the one before
  /// on 60 x 60 of 64 x 64.
  /// - Parameters:
  ///   - image: where the image is in the padded one.
  ///   - sizes: of the images that blocks make, from the smallest on, each half of the next.
  ///   - areAllRead: whether a head reads all of them, convolved 3 x 3 and enlarged bilinearly.
  static func needed(
    for image: DecoderRegion, sizes: [Shape], areAllRead: Bool = false
  ) -> [DecoderRegion] {
    var needed = image.grown(by: 1)
    var regions: [DecoderRegion] = []
    for size in sizes.reversed() {
      if areAllRead, let last = regions.last {
        let read = (0..<regions.count).reduce(last) { region, _ in region.halvedUp }
        needed = needed.joined(with: read.grown(by: 2))
      }
      let region = needed.grown(by: 2).rounded.clamped(to: DecoderRegion(size))
      regions.insert(region, at: 0)
      needed = region.halved
    }
    return regions
  }

  /// Its size.
  var shape: Shape { Shape(height: rows.count, width: columns.count, channels: 1) }

  /// The part that is twice as small; of even bounds.
  var halved: DecoderRegion {
    func half(_ range: Range<Int>) -> Range<Int> { range.lowerBound / 2..<range.upperBound / 2 }
    return DecoderRegion(rows: half(rows), columns: half(columns))
  }

  /// The part that is twice as small and holds it all.
  private var halvedUp: DecoderRegion { rounded.halved }

  /// The part that is so many times as large.
  func enlarged(_ factor: Int) -> DecoderRegion {
    func enlarged(_ range: Range<Int>) -> Range<Int> {
      factor * range.lowerBound..<factor * range.upperBound
    }
    return DecoderRegion(rows: enlarged(rows), columns: enlarged(columns))
  }

  private func joined(with other: DecoderRegion) -> DecoderRegion {
    func joined(_ a: Range<Int>, _ b: Range<Int>) -> Range<Int> {
      min(a.lowerBound, b.lowerBound)..<max(a.upperBound, b.upperBound)
    }
    return DecoderRegion(
      rows: joined(rows, other.rows), columns: joined(columns, other.columns))
  }

  private func grown(by count: Int) -> DecoderRegion {
    func grown(_ range: Range<Int>) -> Range<Int> {
      range.lowerBound - count..<range.upperBound + count
    }
    return DecoderRegion(rows: grown(rows), columns: grown(columns))
  }

  /// From an even number to an even number.
  private var rounded: DecoderRegion {
    func rounded(_ range: Range<Int>) -> Range<Int> {
      range.lowerBound & ~1..<(range.upperBound + 1) & ~1
    }
    return DecoderRegion(rows: rounded(rows), columns: rounded(columns))
  }

  private func clamped(to other: DecoderRegion) -> DecoderRegion {
    DecoderRegion(rows: rows.clamped(to: other.rows), columns: columns.clamped(to: other.columns))
  }

  /// This part of an image of which there is a larger one.
  func cropped(_ x: Network.Node, from larger: DecoderRegion, in net: inout Network)
    -> Network.Node
  {
    guard self != larger else { return x }
    return net.crop(
      x, top: rows.lowerBound - larger.rows.lowerBound,
      left: columns.lowerBound - larger.columns.lowerBound, height: rows.count,
      width: columns.count)
  }
}
