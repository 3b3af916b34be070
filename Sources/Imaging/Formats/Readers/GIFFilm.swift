// A GIF film shown frame by frame: each is drawn over what the last one left.

import Bytes

#if WORK_GIF
  import CGIFShim

  /// The screen of a film (GIF89a, section 23, for what becomes of a frame).
  struct GIFFilm {
    /// How many frames have been shown.
    private(set) var shown = 0
    private let handle: GIFHandle
    private let width: Int
    private let height: Int
    private let keepsIndices: Bool
    /// RGBA, or indices.
    private var canvas: [UInt8]
    /// What the last frame left to do, and the canvas as it was before it.
    private var last: (frame: cgif_frame, before: [UInt8])?

    init(_ file: FileBytes, width: Int, height: Int, keepsIndices: Bool) throws {
      handle = try GIFHandle(file)
      self.width = width
      self.height = height
      self.keepsIndices = keepsIndices
      canvas =
        keepsIndices
        ? [UInt8](
          repeating: UInt8(truncatingIfNeeded: handle.screen.background), count: width * height)
        : [UInt8](repeating: 0, count: 4 * width * height)
    }

    /// Draws the next frame.
    mutating func showNext() throws {
      guard let frame = try handle.next() else { throw ReadingProblem("a frame is missing") }
      clearLast()
      let before = frame.disposal == 3 ? canvas : []
      let indices = try handle.read(Int(frame.width) * Int(frame.height))
      let colours = GIFHandle.colours(frame)
      var row = 0
      for (first, step) in frame.is_interlaced != 0 ? [(0, 8), (4, 8), (2, 4), (1, 2)] : [(0, 1)] {
        for y in stride(from: first, to: Int(frame.height), by: step) {
          let from = row * Int(frame.width)
          try draw(indices[from..<(from + Int(frame.width))], frame, y, colours)
          row += 1
        }
      }
      last = (frame, before)
      shown += 1
    }

    private mutating func draw(
      _ indices: ArraySlice<UInt8>, _ frame: cgif_frame, _ y: Int, _ colours: [UInt8]
    ) throws {
      var place = (Int(frame.top) + y) * width + Int(frame.left)
      for index in indices {
        let isTransparent = Int32(index) == frame.transparent
        if keepsIndices {
          if !isTransparent || shown == 0 { canvas[place] = index }
        } else if !isTransparent {
          guard 3 * Int(index) < colours.count else {
            throw ReadingProblem("a pixel names a colour that the palette lacks")
          }
          for channel in 0..<3 { canvas[4 * place + channel] = colours[3 * Int(index) + channel] }
          canvas[4 * place + 3] = 255
        } else if shown == 0 {
          // What lies under it can't be seen, but is what others give, too.
          for channel in 0..<3 where 3 * Int(index) < colours.count {
            canvas[4 * place + channel] = colours[3 * Int(index) + channel]
          }
        }
        place += 1
      }
    }

    /// Does what the last frame wants to be done before the next one.
    private mutating func clearLast() {
      guard let (frame, before) = last else { return }
      if frame.disposal == 3 { canvas = before }
      guard frame.disposal == 2 else { return }
      let size = keepsIndices ? 1 : 4
      let ground: UInt8 =
        keepsIndices ? UInt8(truncatingIfNeeded: handle.screen.background) : 0
      for y in Int(frame.top)..<Int(frame.top + frame.height) {
        let from = (y * width + Int(frame.left)) * size
        for place in from..<(from + Int(frame.width) * size) { canvas[place] = ground }
      }
    }

    /// What is on the screen, as indices, RGB or RGBA.
    func screen(channels: Int) -> [UInt8] {
      guard channels == 3 else { return canvas }
      return [UInt8](unsafeUninitializedCapacity: 3 * width * height) { out, count in
        for pixel in 0..<(width * height) {
          for channel in 0..<3 { out[3 * pixel + channel] = canvas[4 * pixel + channel] }
        }
        count = 3 * width * height
      }
    }
  }
#endif
