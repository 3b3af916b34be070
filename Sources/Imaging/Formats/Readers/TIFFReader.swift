// The rows of a TIFF page, out of strips or tiles, together or a plane a sample.

import Bytes

#if WORK_TIFF
  import CTIFFShim

  /// Gives a page's rows; owns a handle for each plane, so that each goes downwards by itself.
  final class TIFFReader: PageReader {
    private let page: TIFFPage
    private let planes: [TIFFHandle]
    /// Samples of a pixel that one plane holds.
    private let perPlane: Int
    private let raw: UnsafeMutableRawBufferPointer
    /// The samples, before palette and inks become colours, of a row of tiles.
    private let band: UnsafeMutableRawBufferPointer
    /// Where a page that libtiff converts itself is, once it is there.
    private var whole: MemoryReader?
    private var y = 0

    init(_ file: FileBytes, _ page: TIFFPage, _ limits: DecodingOptions.Limits) throws {
      self.page = page
      let stored = page.stored
      let samples = Int(stored.samples_per_pixel)
      let isSeparate = stored.is_separate != 0 && stored.is_rgba_only == 0
      perPlane = isSeparate ? 1 : samples
      // Checked before memory is set aside for a tile that a broken header merely claims.
      let width = stored.tile_width > 0 ? Int(stored.tile_width) : Int(stored.width)
      let rows = stored.tile_width > 0 ? Int(stored.tile_height) : 1
      guard let bits = product(width, perPlane, Int(stored.bits)), bits < 1 << 40,
        let rawCount = product((bits + 7) / 8, rows),
        let bandCount = product(Int(stored.width), samples, rows),
        rawCount <= limits.samples, bandCount <= limits.samples
      else { throw ReadingProblem("its tiles or rows are larger than are read") }
      if stored.is_rgba_only == 0 {
        let claimed = stored.tile_width > 0 ? stored.tile_bytes : stored.row_bytes
        guard claimed == UInt64(rawCount) else {
          throw ReadingProblem("its rows have \(claimed) bytes where \(rawCount) belong")
        }
      }
      planes = try (0..<(isSeparate ? samples : 1)).map { _ in
        let handle = try TIFFHandle(file)
        try handle.check { ctiff_go(handle.pointer, page.offset, $0) }
        // Describing sets how libtiff is to decode.
        var again = ctiff_page()
        try handle.check { ctiff_describe(handle.pointer, &again, $0) }
        return handle
      }
      raw = .allocate(byteCount: rawCount, alignment: 16)
      let size = (page.type?.kind ?? (stored.bits > 8 ? .words : .bytes)).size
      band = .allocate(byteCount: bandCount * size, alignment: 16)
    }

    deinit {
      raw.deallocate()
      band.deallocate()
    }

    var rowsAtOnce: Int { max(1, Int(page.stored.tile_height)) }

    func read(rows: Int, into target: UnsafeMutableRawBufferPointer) throws {
      if page.stored.is_rgba_only != 0 {
        let reader = try whole ?? convertedByLibrary()
        whole = reader
        return try reader.read(rows: rows, into: target)
      }
      let rowBytes = page.layout.width * page.layout.channels * page.layout.kind.size
      for row in 0..<rows {
        let place = UnsafeMutableRawBufferPointer(rebasing: target[(row * rowBytes)...])
        try finish(page.stored.tile_width > 0 ? rowOfTiles() : rowOfStrips(), into: place)
        y += 1
      }
    }

    private var bandRowBytes: Int { band.count / rowsAtOnce }

    /// The next row of a page in strips.
    private func rowOfStrips() throws -> UnsafeMutableRawPointer {
      for (plane, handle) in planes.enumerated() {
        try handle.check {
          ctiff_read_row(handle.pointer, raw.baseAddress, UInt32(y), Int32(plane), $0)
        }
        unpack(page.layout.width, from: raw.baseAddress!, pixel: 0, row: 0, plane: plane)
      }
      return band.baseAddress!
    }

    /// The next row of a page in tiles; those of a new row of tiles are decoded together.
    private func rowOfTiles() throws -> UnsafeMutableRawPointer {
      let stored = page.stored
      let (tileWidth, tileHeight) = (Int(stored.tile_width), Int(stored.tile_height))
      if y % tileHeight == 0 {
        let tileRowBytes = raw.count / tileHeight
        for x in stride(from: 0, to: page.layout.width, by: tileWidth) {
          for (plane, handle) in planes.enumerated() {
            try handle.check {
              ctiff_read_tile(
                handle.pointer, raw.baseAddress, raw.count, UInt32(x), UInt32(y), Int32(plane), $0)
            }
            for row in 0..<min(tileHeight, page.layout.height - y) {
              unpack(
                min(tileWidth, page.layout.width - x), from: raw.baseAddress! + row * tileRowBytes,
                pixel: x, row: row, plane: plane)
            }
          }
        }
      }
      return band.baseAddress! + y % tileHeight * bandRowBytes
    }

    /// Puts a plane's pixels of one row to their place in the band.
    private func unpack(
      _ pixels: Int, from source: UnsafeRawPointer, pixel: Int, row: Int, plane: Int
    ) {
      let samples = Int(page.stored.samples_per_pixel)
      let size = page.type?.kind.size ?? (page.stored.bits > 8 ? 2 : 1)
      let skip = planes.count > 1 ? samples : 1
      let target = band.baseAddress! + row * bandRowBytes + (pixel * samples + plane) * size
      let inverted = page.stored.meaning == ctiff_white_is_zero
      if let type = page.type {
        type.copy(
          pixels * perPlane, from: source, step: type.size, isBig: false, to: target, skip: skip)
        if inverted { invert(pixels * perPlane, target, skip) }
      } else {
        PackedBits.copy(
          pixels * perPlane, bits: Int(page.stored.bits), from: source, to: target, skip: skip,
          inverted: inverted)
      }
    }

    /// Turns samples for which 0 is white; numbers of other kinds than unsigned ones mean no light.
    private func invert(_ count: Int, _ target: UnsafeMutableRawPointer, _ skip: Int) {
      switch page.type {
      case .uint8:
        let samples = target.assumingMemoryBound(to: UInt8.self)
        for index in 0..<count { samples[index * skip] ^= 0xff }
      case .uint16:
        let samples = target.assumingMemoryBound(to: UInt16.self)
        for index in 0..<count { samples[index * skip] ^= 0xffff }
      default: break
      }
    }

    /// Makes a row's samples those of the layout.
    private func finish(
      _ row: UnsafeMutableRawPointer, into target: UnsafeMutableRawBufferPointer
    ) throws {
      let width = page.layout.width
      if page.isCMYK {
        let inks = row.assumingMemoryBound(to: UInt8.self)
        for pixel in 0..<width {
          let paper = 255 - UInt32(inks[4 * pixel + 3])
          for ink in 0..<3 {
            target[3 * pixel + ink] = CMYK.light(UInt32(inks[4 * pixel + ink]), paper)
          }
        }
      } else if !page.colours.isEmpty {
        for pixel in 0..<width {
          let index =
            page.stored.bits > 8
            ? Int(row.load(fromByteOffset: 2 * pixel, as: UInt16.self))
            : Int(row.load(fromByteOffset: pixel, as: UInt8.self))
          for channel in 0..<3 { target[3 * pixel + channel] = page.colours[3 * index + channel] }
        }
      } else {
        target.baseAddress!.copyMemory(from: row, byteCount: bandRowBytes)
      }
    }

    /// A page whose colours only libtiff knows how to make, as RGB.
    private func convertedByLibrary() throws -> MemoryReader {
      var stored = page.stored
      let pixels = page.layout.width * page.layout.height
      let handle = planes[0]
      var colours = try [UInt8](unsafeUninitializedCapacity: 4 * pixels) { out, count in
        try handle.check { ctiff_read_rgba(handle.pointer, &stored, out.baseAddress, $0) }
        count = 4 * pixels
      }
      for pixel in 0..<pixels {
        for channel in 0..<3 { colours[3 * pixel + channel] = colours[4 * pixel + channel] }
      }
      return MemoryReader(colours, rowBytes: 3 * page.layout.width)
    }
  }
#endif
