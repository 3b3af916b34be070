// JPEG files row by row; what libjpeg needs of C is in CJPEGShim.

import Bytes

#if WORK_JPEG
  import CJPEGShim

  /// A JPEG file, which has one page.
  final class JPEGSource: PictureSource {
    private let file: FileBytes
    private var opened: JPEGReader?

    init(_ file: FileBytes) { self.file = file }

    var format: ImageFormat { .jpeg }

    func layouts() throws -> [PageLayout] {
      let reader = try opened ?? JPEGReader(file)
      opened = reader
      return [reader.layout]
    }

    func reader(page: Int) throws -> any PageReader {
      defer { opened = nil }
      return try opened ?? JPEGReader(file)
    }
  }

  /// Gives a file's rows as grey or RGB; owns libjpeg's handle.
  final class JPEGReader: PageReader {
    let layout: PageLayout
    private let file: FileBytes
    private let handle: OpaquePointer
    /// Whether the file has cyan, magenta, yellow and black.
    private let isCMYK: Bool

    init(_ file: FileBytes) throws {
      self.file = file
      var header = cjpeg_header()
      handle = try Imaging.opened(Int(cjpeg_message_size)) {
        cjpeg_open(file.start, file.count, &header, $0)
      }
      isCMYK = header.channels == 4
      var exifCount = 0
      let exif = cjpeg_exif(handle, &exifCount)
      layout = PageLayout(
        width: Int(header.width), height: Int(header.height),
        channels: isCMYK ? 3 : Int(header.channels), kind: .bytes, bitDepth: 8, fullScale: 255,
        orientation: Orientation.inExif(UnsafeBufferPointer(start: exif, count: exifCount)),
        isWhole: header.is_progressive != 0, bitsPerPixel: 8,
        // A block of 64 pixels takes a bit at least, and may be stretched over four by four of them.
        ratio: 8 * 64 * 16)
    }

    deinit { cjpeg_close(handle) }

    var rowsAtOnce: Int { 16 }

    func read(rows: Int, into target: UnsafeMutableRawBufferPointer) throws {
      guard isCMYK else { return try readRows(rows, target.baseAddress) }
      let count = rows * layout.width
      try withUnsafeTemporaryAllocation(byteCount: 4 * count, alignment: 16) { inks in
        try readRows(rows, inks.baseAddress)
        // By Adobe's convention, which is everybody's, inks are stored inverted.
        for pixel in 0..<count {
          let black = UInt32(inks[4 * pixel + 3])
          for ink in 0..<3 {
            target[3 * pixel + ink] = CMYK.light(255 - UInt32(inks[4 * pixel + ink]), black)
          }
        }
      }
    }

    private func readRows(_ rows: Int, _ target: UnsafeMutableRawPointer?) throws {
      try checked(Int(cjpeg_message_size)) {
        cjpeg_read_rows(handle, target?.assumingMemoryBound(to: UInt8.self), UInt32(rows), $0)
      }
    }
  }
#endif
