// Rows of an image or gradient as Winograd's way reads them, a row of tiles at a time.

import CKernels

private let side = WinogradKernels.side

/// The six rows of an image, with its border of zeros, that a row of tiles reads. The next row of tiles
/// reads two of them again.
struct Ring {
  private var source: Source
  private let border: Border
  private let rows: UnsafeMutablePointer<Float>

  static func count(_ shape: Shape, _ across: Int) -> Int {
    6 * (side * across + 2) * shape.channels
  }

  init(_ source: Source, _ shape: Shape, _ across: Int, _ rows: UnsafeMutablePointer<Float>) {
    self.source = source
    self.rows = rows
    border = Border(shape: shape, columns: side * across + 2, border: 1)
  }

  init(_ source: Source, _ image: Shape, _ across: Int, _ room: inout Room) {
    let shape = Shape(height: image.height, width: image.width, channels: source.channels)
    self.init(source, shape, across, room.take(Ring.count(shape, across)))
  }

  private var pitch: Int { source.channels }
  private var line: Int { border.columns * pitch }

  /// Reads what row number `row` of tiles needs; rows come one after the other from 0 on.
  mutating func load(_ row: Int) {
    for i in (row == 0 ? 0 : 2)..<6 {
      let at = side * row + i
      source.pad(border, first: at, rows: 1, into: rows + at % 6 * line)
    }
  }

  /// Has what these tiles need of new rows fetched into the cache.
  func fetch(_ tiles: Range<Int>, _ ahead: inout ck_ahead) {
    let across = (border.columns - 2) / side
    source.fetch(border.shape.pixels(of: tiles, across, below: 1), &ahead)
  }

  /// Transforms tiles for the product with weights.
  func transform(
    _ kernels: WinogradKernels, _ row: Int, _ slot: Int, _ start: Int, _ tiles: Int,
    _ v: UnsafeMutablePointer<Float>
  ) {
    let from = rows + side * start * pitch
    if let narrow = kernels.narrow {
      narrow.call.winograd_input(slot, tiles, pitch, from, line, side * row % 6, pitch, v)
    } else {
      kernels.wide.call.winograd_input(slot, tiles, pitch, from, line, side * row % 6, pitch, v)
    }
  }

  /// Transforms tiles for the product with gradients.
  func transform(
    _ kernels: WinogradKernels, _ row: Int, _ parts: Int32, _ slot: Int, _ start: Int,
    _ tiles: Int, _ v: UnsafeMutablePointer<Float>
  ) {
    let (from, first) = (rows + side * start * pitch, side * row % 6)
    if let narrow = kernels.narrow {
      narrow.call.winograd_sum_input(parts, slot, tiles, pitch, from, line, first, pitch, v)
    } else {
      kernels.wide.call.winograd_sum_input(parts, slot, tiles, pitch, from, line, first, pitch, v)
    }
  }
}

/// The four rows of a gradient that belong to a row of tiles, with zeros where there are no results.
struct GradientRows {
  private var source: Source
  private let border: Border
  private let room: UnsafeMutablePointer<Float>
  private var rows: UnsafePointer<Float>
  private var pitch: Int
  private var line: Int

  init(_ source: Source, _ shape: Shape, _ across: Int, _ room: UnsafeMutablePointer<Float>) {
    self.source = source
    self.room = room
    border = Border(shape: shape, columns: side * across, border: 0)
    rows = UnsafePointer(room)
    pitch = shape.channels
    line = border.columns * pitch
  }

  mutating func load(_ row: Int) {
    let shape = border.shape
    if let plain = source.plain, shape.width == border.columns, side * (row + 1) <= shape.height {
      (pitch, line) = (plain.pitch, shape.width * plain.pitch)
      rows = plain.pointer + side * row * line
    } else {
      (pitch, line) = (shape.channels, border.columns * shape.channels)
      source.pad(border, first: side * row, rows: side, into: room)
      rows = UnsafePointer(room)
    }
  }

  func fetch(_ tiles: Range<Int>, _ ahead: inout ck_ahead) {
    source.fetch(border.shape.pixels(of: tiles, border.columns / side, below: 0), &ahead)
  }

  func transform(
    _ kernels: WinogradKernels, _ parts: Int32, _ slot: Int, _ start: Int, _ tiles: Int,
    _ w: UnsafeMutablePointer<Float>
  ) {
    let (from, channels) = (rows + side * start * pitch, source.channels)
    if let narrow = kernels.narrow {
      narrow.call.winograd_gradient(parts, slot, tiles, channels, from, line, pitch, w)
    } else {
      kernels.wide.call.winograd_gradient(parts, slot, tiles, channels, from, line, pitch, w)
    }
  }
}

extension Shape {
  /// The rows that tiles read anew, `below` rows under the tiles' own; parts of a row in proportion.
  fileprivate func pixels(of tiles: Range<Int>, _ across: Int, below: Int) -> Range<Int> {
    func pixel(_ tile: Int) -> Int { min(pixels, (side * tile / across + below) * width) }
    return pixel(tiles.lowerBound)..<pixel(tiles.upperBound)
  }
}
