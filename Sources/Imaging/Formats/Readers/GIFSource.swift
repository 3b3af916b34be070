// GIF files: frames drawn one over the other. What giflib needs of C is in CGIFShim.

import Bytes

#if WORK_GIF
  import CGIFShim

  /// A GIF file of one or several frames, each a page of the screen's size.
  final class GIFSource: PictureSource {
    private let file: FileBytes
    private let options: DecodingOptions
    private var layout: PageLayout?
    private var frames = 0
    /// The film as far as it has been shown.
    private var film: GIFFilm?

    init(_ file: FileBytes, _ options: DecodingOptions) {
      self.file = file
      self.options = options
    }

    var format: ImageFormat { .gif }

    func layouts() throws -> [PageLayout] {
      let layout = try layout ?? look()
      self.layout = layout
      return [PageLayout](repeating: layout, count: frames)
    }

    func reader(page: Int) throws -> any PageReader {
      let layout = try layouts()[page]
      if film == nil || film!.shown > page {
        film = try GIFFilm(
          file, width: layout.width, height: layout.height,
          keepsIndices: options.palette == .indices)
      }
      while film!.shown <= page { try film!.showNext() }
      return MemoryReader(
        film!.screen(channels: layout.channels), rowBytes: layout.width * layout.channels)
    }

    /// Goes over all frames without their pixels.
    private func look() throws -> PageLayout {
      let handle = try GIFHandle(file)
      var (width, height) = (Int(handle.screen.width), Int(handle.screen.height))
      var (depth, isTransparent, hasOwnPalettes) = (1, false, false)
      var first: [UInt8] = []
      while let frame = try handle.next() {
        guard frames < options.limits.channels else {
          throw ReadingProblem("it has more than \(frames) frames, which are not read")
        }
        frames += 1
        guard frame.width > 0, frame.height > 0 else {
          throw ReadingProblem("a frame has no size")
        }
        width = max(width, Int(frame.left + frame.width))
        height = max(height, Int(frame.top + frame.height))
        isTransparent = isTransparent || frame.transparent >= 0 || frames > 1 && frame.disposal == 2
        depth = max(
          depth,
          (Int(frame.colour_count) - 1).bitWidth - (Int(frame.colour_count) - 1).leadingZeroBitCount
        )
        let palette = GIFHandle.colours(frame)
        if frames == 1 {
          first = palette
          isTransparent =
            isTransparent || frame.left > 0 || frame.top > 0 || frame.width < width
            || frame.height < height
        } else if palette != first {
          hasOwnPalettes = true
        }
        try handle.skip()
      }
      guard frames > 0 else { throw ReadingProblem("it has no frame") }
      let keepsIndices = options.palette == .indices
      if keepsIndices, hasOwnPalettes, options.pages == .all {
        throw ReadingProblem(
          "its frames have palettes of their own, so that their indices mean different colours; "
            + "read one frame instead of all")
      }
      return PageLayout(
        width: width, height: height, channels: keepsIndices ? 1 : isTransparent ? 4 : 3,
        kind: .bytes, bitDepth: keepsIndices ? depth : 8,
        fullScale: keepsIndices ? Float((1 << depth) - 1) : 255,
        hasAlpha: !keepsIndices && isTransparent, isPalette: true, isWhole: true, bitsPerPixel: 8,
        ratio: 4096)
    }

  }

  /// giflib's handle of a file.
  final class GIFHandle {
    private let file: FileBytes
    private let pointer: OpaquePointer
    let screen: cgif_screen

    init(_ file: FileBytes) throws {
      self.file = file
      var screen = cgif_screen()
      pointer = try Imaging.opened(Int(cgif_message_size)) {
        cgif_open(file.start, file.count, &screen, $0)
      }
      self.screen = screen
    }

    deinit { cgif_close(pointer) }

    /// The next frame, whose pixels must be read or skipped.
    func next() throws -> cgif_frame? {
      var frame = cgif_frame()
      var status: Int32 = 0
      try checked(Int(cgif_message_size)) {
        status = cgif_next(pointer, &frame, $0)
        return status
      }
      return status > 0 ? frame : nil
    }

    func skip() throws { try checked(Int(cgif_message_size)) { cgif_skip(pointer, $0) } }

    /// A frame's pixels as indices, in the order of the file.
    func read(_ count: Int) throws -> [UInt8] {
      try [UInt8](unsafeUninitializedCapacity: count) { out, filled in
        try checked(Int(cgif_message_size)) { cgif_read(pointer, out.baseAddress, count, $0) }
        filled = count
      }
    }

    /// A frame's palette as RGB.
    static func colours(_ frame: cgif_frame) -> [UInt8] {
      withUnsafeBytes(of: frame.colours) { Array($0.prefix(3 * Int(frame.colour_count))) }
    }
  }
#endif
