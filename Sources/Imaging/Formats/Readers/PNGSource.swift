// PNG files row by row; what libpng needs of C is in CPNGShim.

import Bytes
import CPNGShim

/// A PNG file, which has one page.
final class PNGSource: PictureSource {
  private let file: FileBytes
  private let palette: DecodingOptions.Palette
  private var opened: PNGReader?

  init(_ file: FileBytes, _ options: DecodingOptions) {
    self.file = file
    palette = options.palette
  }

  var format: ImageFormat { .png }

  func layouts() throws -> [PageLayout] {
    let reader = try opened ?? PNGReader(file, palette)
    opened = reader
    return [reader.layout]
  }

  func reader(page: Int) throws -> any PageReader {
    defer { opened = nil }
    return try opened ?? PNGReader(file, palette)
  }
}

/// Gives a file's rows; owns libpng's handle.
final class PNGReader: PageReader {
  let layout: PageLayout
  private let file: FileBytes
  private let handle: OpaquePointer
  private let header: cpng_header
  /// The palette as RGB or RGBA, where pixels are to become colours.
  private let colours: [UInt8]
  /// All rows of an interlaced file, which come at once.
  private var whole: MemoryReader?

  init(_ file: FileBytes, _ palette: DecodingOptions.Palette) throws {
    self.file = file
    var header = cpng_header()
    let handle = try Imaging.opened(Int(cpng_message_size)) {
      cpng_open(file.start, file.count, &header, $0)
    }
    self.handle = handle
    self.header = header
    let expands = header.is_palette != 0 && palette == .expand
    let depth = expands ? 8 : Int(header.bit_depth)
    let channels = expands ? (header.alpha_count > 0 ? 4 : 3) : Int(header.channels)
    var exifCount = 0
    let exif = cpng_exif(handle, &exifCount)
    layout = PageLayout(
      width: Int(header.width), height: Int(header.height), channels: channels,
      kind: depth == 16 ? .words : .bytes, bitDepth: depth, fullScale: Float((1 << depth) - 1),
      hasAlpha: channels % 2 == 0, isPalette: header.is_palette != 0,
      orientation: Orientation.inExif(UnsafeBufferPointer(start: exif, count: exifCount)),
      isWhole: header.is_interlaced != 0,
      bitsPerPixel: Int(header.bit_depth) * Int(header.channels), ratio: Inflate.ratio)
    colours =
      !expands
      ? []
      : (0..<header.colour_count).flatMap { index in
        var colour: [UInt8] = [0, 0, 0, 0]
        cpng_colour(handle, index, &colour)
        return colour.prefix(channels)
      }
  }

  deinit { cpng_close(handle) }

  var rowsAtOnce: Int { layout.isWhole ? layout.height : 1 }

  func read(rows: Int, into target: UnsafeMutableRawBufferPointer) throws {
    if layout.isWhole && rows < layout.height {
      let rest = try whole ?? wholeReader()
      whole = rest
      return try rest.read(rows: rows, into: target)
    }
    guard !colours.isEmpty || layout.isPalette && layout.channels > 1 else {
      return try readRows(rows, target.baseAddress)
    }
    let count = rows * layout.width
    try withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { indices in
      try readRows(rows, indices.baseAddress)
      try expand(indices, into: target)
    }
  }

  private func expand(
    _ indices: UnsafeMutableRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws {
    let channels = layout.channels
    let limit = colours.count / channels
    try colours.withUnsafeBufferPointer { colours in
      var to = 0
      for index in indices {
        // libpng would paint such a pixel black and only warn.
        guard Int(index) < limit else {
          throw ReadingProblem("a pixel names a colour that the palette lacks")
        }
        for channel in 0..<channels {
          target[to + channel] = colours[Int(index) * channels + channel]
        }
        to += channels
      }
    }
  }

  private func wholeReader() throws -> MemoryReader {
    let rowBytes = layout.width * layout.channels * layout.kind.size
    let bytes = try [UInt8](unsafeUninitializedCapacity: layout.height * rowBytes) { out, count in
      try read(rows: layout.height, into: UnsafeMutableRawBufferPointer(out))
      count = layout.height * rowBytes
    }
    return MemoryReader(bytes, rowBytes: rowBytes)
  }

  private func readRows(_ rows: Int, _ target: UnsafeMutableRawPointer?) throws {
    try checked(Int(cpng_message_size)) { cpng_read_rows(handle, target, UInt32(rows), $0) }
  }
}
