// TIFF files: their pages, and what each holds. What libtiff needs of C is in CTIFFShim.

import Bytes

#if WORK_TIFF
  import CTIFFShim

  /// A TIFF file of one or several pages.
  final class TIFFSource: PictureSource {
    private let file: FileBytes
    private let options: DecodingOptions
    private var pages: [TIFFPage] = []

    init(_ file: FileBytes, _ options: DecodingOptions) {
      self.file = file
      self.options = options
    }

    var format: ImageFormat { .tiff }

    func layouts() throws -> [PageLayout] {
      if pages.isEmpty {
        let handle = try TIFFHandle(file)
        repeat {
          guard pages.count < options.limits.channels else {
            throw ReadingProblem("it has more than \(pages.count) pages, which are not read")
          }
          pages.append(try TIFFPage(handle, options))
        } while try handle.next()
      }
      return pages.map(\.layout)
    }

    func reader(page: Int) throws -> any PageReader {
      _ = try layouts()
      return try TIFFReader(file, pages[page], options.limits)
    }
  }

  /// libtiff's handle of a file.
  final class TIFFHandle {
    private let file: FileBytes
    let pointer: OpaquePointer

    init(_ file: FileBytes) throws {
      self.file = file
      pointer = try Imaging.opened(Int(ctiff_message_size)) {
        ctiff_open(file.start, file.count, $0)
      }
    }

    deinit { ctiff_close(pointer) }

    /// Goes to the next page, if there is one.
    func next() throws -> Bool {
      var status: Int32 = 0
      try check {
        status = ctiff_next(pointer, $0)
        return status
      }
      return status > 0
    }

    func check(_ body: (UnsafeMutablePointer<CChar>) -> Int32) throws {
      try checked(Int(ctiff_message_size), body)
    }
  }

  /// A page: where it is, what it holds, and as what that is read.
  struct TIFFPage {
    var layout: PageLayout
    let offset: UInt64
    let stored: ctiff_page
    /// Nil for numbers of a few bits, which are packed.
    let type: SampleType?
    /// The palette as RGB, where pixels are to become colours.
    var colours: [UInt8] = []
    /// Whether inks are to become light.
    var isCMYK = false

    /// The page at which a handle is.
    init(_ handle: TIFFHandle, _ options: DecodingOptions) throws {
      var stored = ctiff_page()
      try handle.check { ctiff_describe(handle.pointer, &stored, $0) }
      self.stored = stored
      offset = ctiff_offset(handle.pointer)
      let bits = Int(stored.bits)
      type = stored.is_rgba_only != 0 ? .uint8 : try Self.type(stored)
      let kind = type?.kind ?? (bits > 8 ? .words : .bytes)
      layout = PageLayout(
        width: Int(stored.width), height: Int(stored.height),
        channels: Int(stored.samples_per_pixel), kind: kind, bitDepth: bits,
        fullScale: type?.fullScale ?? Float((1 << bits) - 1), hasAlpha: stored.has_alpha != 0,
        orientation: (1...8).contains(Int(stored.orientation)) ? Int(stored.orientation) : 1,
        isSecondary: stored.is_secondary != 0,
        bitsPerPixel: bits * Int(stored.samples_per_pixel),
        ratio: Int(stored.ratio))
      if stored.is_rgba_only != 0 {
        layout.channels = 3
        layout.isWhole = true
        layout.fullScale = 255
      } else if stored.meaning == ctiff_palette {
        try readPalette(handle, options.palette)
      } else if stored.meaning == ctiff_cmyk, layout.channels == 4 {
        guard bits == 8, type == .uint8 else {
          throw ReadingProblem("it has inks (CMYK) of \(bits) bit, which are read in 8 bit only")
        }
        isCMYK = true
        layout.channels = 3
        layout.hasAlpha = false
      }
    }

    private mutating func readPalette(
      _ handle: TIFFHandle, _ palette: DecodingOptions.Palette
    ) throws {
      let bits = layout.bitDepth
      guard layout.channels == 1, bits <= 16, layout.kind != .floats else {
        throw ReadingProblem(
          "its palette has pixels of \(layout.channels) samples of \(bits) bit, which is not read")
      }
      layout.isPalette = true
      guard palette == .expand else { return }
      colours = [UInt8](repeating: 0, count: 3 << bits)
      let count = colours.count / 3
      try colours.withUnsafeMutableBufferPointer { colours in
        try handle.check { ctiff_colours(handle.pointer, colours.baseAddress, count, $0) }
      }
      layout.channels = 3
      layout.kind = .bytes
      layout.bitDepth = 8
      layout.fullScale = 255
    }

    /// The type of a page's numbers; nil for those of a few bits.
    private static func type(_ page: ctiff_page) throws -> SampleType? {
      if let colours = [8: "CIELab", 9: "ICCLab", 10: "ITULab", 32844: "LogL", 32845: "LogLuv"][
        Int(page.photometric)]
      {
        throw ReadingProblem("its colours are \(colours), which is not read")
      }
      switch (Int(page.kind), Int(page.bits)) {
      case (Int(ctiff_unsigned), 8): return .uint8
      case (Int(ctiff_unsigned), 16): return .uint16
      case (Int(ctiff_unsigned), 32): return .uint32
      case (Int(ctiff_unsigned), 64): return .uint64
      case (Int(ctiff_unsigned), 1..<16): return nil
      case (Int(ctiff_signed), 8): return .int8
      case (Int(ctiff_signed), 16): return .int16
      case (Int(ctiff_signed), 32): return .int32
      case (Int(ctiff_signed), 64): return .int64
      case (Int(ctiff_float), 16): return .float16
      case (Int(ctiff_float), 32): return .float32
      case (Int(ctiff_float), 64): return .float64
      default:
        let kind = [1: "unsigned", 2: "signed", 3: "floating-point"][Int(page.kind)] ?? "complex"
        throw ReadingProblem("it has \(kind) samples of \(page.bits) bit, which are not read")
      }
    }
  }
#endif
