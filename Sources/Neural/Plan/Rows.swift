// How a layer reads an image and where its result goes: rows of pixels in memory, as float32 or
// bfloat16, with the batch norm and activation before it applied on the way.

import CKernels

/// How a number is stored.
enum Element: Sendable {
  case float32, bfloat16

  /// Numbers in the place of a float.
  var inWord: Int { self == .float32 ? 1 : 2 }
}

/// The passes over rows for one precision.
struct RowKernels {
  private let wide: Kernels
  private let narrow: BFloat16Kernels?

  /// - Parameter narrow: set where memory may hold bfloat16.
  init(_ wide: Kernels, _ narrow: BFloat16Kernels?) {
    self.wide = wide
    self.narrow = narrow
  }

  @inline(__always)
  fileprivate func read(
    _ source: inout ck_source, _ first: Int, _ pixels: Int, _ channels: Int,
    _ to: UnsafeMutablePointer<Float>, _ pitch: Int
  ) {
    if let narrow {
      narrow.call.read(&source, first, pixels, channels, to, pitch)
    } else {
      wide.call.read(&source, first, pixels, channels, to, pitch)
    }
  }

  @inline(__always)
  fileprivate func readRounded(
    _ source: inout ck_source, _ first: Int, _ pixels: Int, _ channels: Int,
    _ to: UnsafeMutablePointer<UInt16>, _ pitch: Int
  ) {
    guard let narrow else { preconditionFailure("rounding needs the kernels for bfloat16") }
    narrow.call.read_rounded(&source, first, pixels, channels, to, pitch)
  }

  @inline(__always)
  fileprivate func write(
    _ sink: inout ck_sink, _ first: Int, _ pixels: Int, _ channels: Int,
    _ from: UnsafePointer<Float>, _ pitch: Int
  ) {
    if let narrow {
      narrow.call.write(&sink, first, pixels, channels, from, pitch)
    } else {
      wide.call.write(&sink, first, pixels, channels, from, pitch)
    }
  }

  @inline(__always)
  fileprivate func moments(
    _ pixels: Int, _ channels: Int, _ x: UnsafePointer<Float>, _ pitch: Int, _ moments: Moments
  ) {
    wide.call.moments(
      pixels, channels, x, pitch, moments.shift, moments.sum, moments.squares)
  }

  @inline(__always)
  fileprivate func gradientSums(
    _ source: inout ck_source, _ first: Int, _ pixels: Int, _ channels: Int,
    _ mean: UnsafePointer<Float>, _ sum: UnsafeMutablePointer<Double>,
    _ product: UnsafeMutablePointer<Double>
  ) {
    if let narrow {
      narrow.call.gradient_sums(&source, first, pixels, channels, mean, sum, product)
    } else {
      wide.call.gradient_sums(&source, first, pixels, channels, mean, sum, product)
    }
  }
}

/// One image as a layer reads it.
struct Source {
  private let kernels: RowKernels
  private var memory: ck_source
  /// Channels of a pixel.
  let channels: Int

  init(
    _ kernels: RowKernels, _ pointer: UnsafeRawPointer, pitch: Int, channels: Int,
    element: Element
  ) {
    self.kernels = kernels
    self.channels = channels
    memory = ck_source()
    memory.x = pointer
    memory.x_pitch = pitch
    memory.x_narrow = element == .bfloat16 ? 1 : 0
    memory.kind = CK_PLAIN
  }

  /// A float32 image as it is.
  init(_ kernels: RowKernels, _ pointer: UnsafePointer<Float>, pitch: Int, channels: Int) {
    self.init(
      kernels, UnsafeRawPointer(pointer), pitch: pitch, channels: channels, element: .float32)
  }

  /// max(scale x + shift, floor), with factors for each channel.
  mutating func normalize(
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, floor: UnsafePointer<Float>
  ) {
    memory.kind = CK_NORMALIZED
    memory.scale = scale
    memory.shift = shift
    memory.floor = floor
  }

  /// The gradient of what a batch norm (and ReLU) read, from that of its result:
  /// a g + b y + d, with g = x where scale y + shift > floor, else 0.
  mutating func differentiate(
    y: UnsafeRawPointer, pitch: Int, element: Element, scale: UnsafePointer<Float>,
    shift: UnsafePointer<Float>, floor: UnsafePointer<Float>, a: UnsafePointer<Float>,
    b: UnsafePointer<Float>, d: UnsafePointer<Float>
  ) {
    memory.kind = CK_GRADIENT
    memory.y = y
    memory.y_pitch = pitch
    memory.y_narrow = element == .bfloat16 ? 1 : 0
    memory.scale = scale
    memory.shift = shift
    memory.floor = floor
    memory.a = a
    memory.b = b
    memory.d = d
  }

  /// The values where they are, with the floats between pixels; nil where reading changes them.
  var plain: (pointer: UnsafePointer<Float>, pitch: Int)? {
    guard memory.kind == CK_PLAIN, memory.x_narrow == 0 else { return nil }
    return (memory.x.assumingMemoryBound(to: Float.self), memory.x_pitch)
  }

  /// `count` channels from `offset` on.
  func channels(_ offset: Int, _ count: Int) -> Source {
    var part = Source(
      kernels, memory.x + offset * (memory.x_narrow == 1 ? 2 : 4), pitch: memory.x_pitch,
      channels: count, element: memory.x_narrow == 1 ? .bfloat16 : .float32)
    switch memory.kind {
    case CK_NORMALIZED:
      part.normalize(
        scale: memory.scale + offset, shift: memory.shift + offset, floor: memory.floor + offset)
    case CK_GRADIENT:
      part.differentiate(
        y: memory.y + offset * (memory.y_narrow == 1 ? 2 : 4), pitch: memory.y_pitch,
        element: memory.y_narrow == 1 ? .bfloat16 : .float32, scale: memory.scale + offset,
        shift: memory.shift + offset, floor: memory.floor + offset, a: memory.a + offset,
        b: memory.b + offset, d: memory.d + offset)
    default: break
    }
    return part
  }

  /// Pixels `first`..<`first + pixels`, `pitch` floats apart in `to`.
  @inline(__always)
  mutating func read(
    _ first: Int, _ pixels: Int, into to: UnsafeMutablePointer<Float>, pitch: Int
  ) {
    kernels.read(&memory, first, pixels, channels, to, pitch)
  }

  /// The same rounded to bfloat16; an odd number of channels is followed by a zero.
  @inline(__always)
  mutating func readRounded(
    _ first: Int, _ pixels: Int, into to: UnsafeMutablePointer<UInt16>, pitch: Int
  ) {
    kernels.readRounded(&memory, first, pixels, channels, to, pitch)
  }

  /// For a gradient, adds the sums of g and g (y - mean) over pixels `first`..<`first + pixels`.
  mutating func gradientSums(
    _ first: Int, _ pixels: Int, mean: UnsafePointer<Float>, sum: UnsafeMutablePointer<Double>,
    product: UnsafeMutablePointer<Double>
  ) {
    kernels.gradientSums(&memory, first, pixels, channels, mean, sum, product)
  }
}

extension Source {
  /// Has pixels fetched into the cache by the next kernel that is given `ahead`.
  func fetch(_ pixels: Range<Int>, _ ahead: inout ck_ahead) {
    ahead.add(memory.x, memory.x_pitch * (memory.x_narrow == 1 ? 2 : 4), pixels)
    if memory.kind == CK_GRADIENT {
      ahead.add(memory.y, memory.y_pitch * (memory.y_narrow == 1 ? 2 : 4), pixels)
    }
  }
}

extension ck_ahead {
  /// Adds pixels that are `pitch` bytes apart, where there is room for one more.
  fileprivate mutating func add(_ memory: UnsafeRawPointer, _ pitch: Int, _ pixels: Range<Int>) {
    let from = (memory + pixels.lowerBound * pitch).assumingMemoryBound(to: CChar.self)
    let bytes = pixels.count * pitch
    if self.bytes.0 == 0 {
      (self.from.0, self.bytes.0) = (from, bytes)
    } else if self.bytes.1 == 0 {
      (self.from.1, self.bytes.1) = (from, bytes)
    } else if self.bytes.2 == 0 {
      (self.from.2, self.bytes.2) = (from, bytes)
    }
  }
}

/// A place among rows that are surrounded by zeros, `spread` pixels apart with zeros between: row 0,
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
    _ place: Border, first: Int, rows: Int, into scratch: UnsafeMutablePointer<Float>
  ) {
    let width = place.shape.width
    pad(place, first: first, rows: rows, channels: channels, zero: 0, into: scratch) {
      $0.read($1, width, into: $2, pitch: $3)
    }
  }

  /// The same rounded to bfloat16, with an even number of channels.
  mutating func padRounded(
    _ place: Border, first: Int, rows: Int, into scratch: UnsafeMutablePointer<UInt16>
  ) {
    let width = place.shape.width
    pad(place, first: first, rows: rows, channels: even(channels), zero: 0, into: scratch) {
      $0.readRounded($1, width, into: $2, pitch: $3)
    }
  }

  @inline(__always)
  private mutating func pad<Number>(
    _ place: Border, first: Int, rows: Int, channels c: Int, zero: Number,
    into scratch: UnsafeMutablePointer<Number>,
    _ read: (inout Source, Int, UnsafeMutablePointer<Number>, Int) -> Void
  ) {
    let (shape, border, spread) = (place.shape, place.border, place.spread)
    let pitch = place.columns * c
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

/// Sums over one image for a batch norm: of differences to its first pixel, so that a large mean
/// costs no digits. One value a channel.
struct Moments {
  var shift: UnsafeMutablePointer<Float>
  var sum: UnsafeMutablePointer<Double>
  var squares: UnsafeMutablePointer<Double>

  /// Begins with the image's first pixel.
  func start(at pixel: UnsafePointer<Float>, _ channels: Int) {
    shift.update(from: pixel, count: channels)
    sum.update(repeating: 0, count: channels)
    squares.update(repeating: 0, count: channels)
  }
}

/// Where a layer's result for one image goes. Results come as rows from the first on, whole.
struct Sink {
  private let kernels: RowKernels
  private var memory: ck_sink
  /// Channels of a pixel.
  private(set) var channels: Int
  /// Set where a batch norm follows.
  private var moments: Moments?

  init(
    _ kernels: RowKernels, _ pointer: UnsafeMutableRawPointer, pitch: Int, channels: Int,
    element: Element, accumulate: Bool = false, moments: Moments? = nil
  ) {
    self.kernels = kernels
    self.channels = channels
    self.moments = moments
    memory = ck_sink()
    memory.y = pointer
    memory.pitch = pitch
    memory.narrow = element == .bfloat16 ? 1 : 0
    memory.accumulate = accumulate ? 1 : 0
  }

  /// `count` channels from `offset` on.
  func channels(_ offset: Int, _ count: Int) -> Sink {
    var part = self
    part.channels = count
    part.memory.y = memory.y + offset * (memory.narrow == 1 ? 2 : 4)
    part.moments = moments.map {
      Moments(shift: $0.shift + offset, sum: $0.sum + offset, squares: $0.squares + offset)
    }
    return part
  }

  /// Whether results can be written where they belong, and must be added there.
  private var isDirect: Bool { memory.narrow == 0 && (memory.accumulate == 0 || moments == nil) }

  /// Where to put the results from pixel `first` on before `end` is called: their own place, or
  /// scratch memory for the rows in work.
  func begin(_ first: Int, scratch: UnsafeMutablePointer<Float>) -> Rows {
    guard isDirect else { return Rows(pointer: scratch, pitch: channels, accumulate: false) }
    let pointer = memory.y.assumingMemoryBound(to: Float.self)
    return Rows(
      pointer: pointer + first * memory.pitch, pitch: memory.pitch,
      accumulate: memory.accumulate != 0)
  }

  /// Has the place of some pixels fetched into the cache by the next kernel that is given `ahead`.
  func fetch(_ pixels: Range<Int>, _ ahead: inout ck_ahead) {
    ahead.add(UnsafeRawPointer(memory.y), memory.pitch * (memory.narrow == 1 ? 2 : 4), pixels)
  }

  /// Takes the results that `begin` had room for.
  mutating func end(_ rows: Rows, _ first: Int, _ pixels: Int) {
    if !isDirect { kernels.write(&memory, first, pixels, channels, rows.pointer, rows.pitch) }
    measure(rows.pointer, rows.pitch, first, pixels)
  }

  /// Takes results for pixels `first`..<`first + pixels` from elsewhere, without gaps.
  mutating func put(_ values: UnsafePointer<Float>, _ first: Int, _ pixels: Int) {
    kernels.write(&memory, first, pixels, channels, values, channels)
    measure(values, channels, first, pixels)
  }

  private func measure(
    _ values: UnsafePointer<Float>, _ pitch: Int, _ first: Int, _ pixels: Int
  ) {
    guard let moments else { return }
    if first == 0 { moments.start(at: values, channels) }
    kernels.moments(pixels, channels, values, pitch, moments)
  }
}

/// Room for results.
struct Rows {
  var pointer: UnsafeMutablePointer<Float>
  /// Floats between pixels.
  var pitch: Int
  /// Whether to add to what is there.
  var accumulate: Bool
}
