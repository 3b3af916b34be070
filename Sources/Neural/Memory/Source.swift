// How a layer reads an image: rows of pixels in memory, as float32 or bfloat16, with the batch norm and
// activation before it applied on the way.

import CKernels

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

  /// max(scale x + shift, floor), and no more than `ceiling` where there is one, with factors for each
  /// channel.
  mutating func normalize(
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, floor: UnsafePointer<Float>,
    ceiling: UnsafePointer<Float>? = nil
  ) {
    memory.kind = CK_NORMALIZED
    memory.scale = scale
    memory.shift = shift
    memory.floor = floor
    memory.ceiling = ceiling
  }

  /// The gradient of what a batch norm (and ReLU) read, from that of its result:
  /// a g + b y + d, with g = x where scale y + shift is above the floor and below the ceiling, else 0.
  mutating func differentiate(
    y: UnsafeRawPointer, pitch: Int, element: Element, scale: UnsafePointer<Float>,
    shift: UnsafePointer<Float>, floor: UnsafePointer<Float>,
    ceiling: UnsafePointer<Float>? = nil, a: UnsafePointer<Float>, b: UnsafePointer<Float>,
    d: UnsafePointer<Float>
  ) {
    memory.kind = CK_GRADIENT
    memory.y = y
    memory.y_pitch = pitch
    memory.y_narrow = element == .bfloat16 ? 1 : 0
    memory.scale = scale
    memory.shift = shift
    memory.floor = floor
    memory.ceiling = ceiling
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
        scale: memory.scale + offset, shift: memory.shift + offset, floor: memory.floor + offset,
        ceiling: memory.ceiling.map { $0 + offset })
    case CK_GRADIENT:
      part.differentiate(
        y: memory.y + offset * (memory.y_narrow == 1 ? 2 : 4), pitch: memory.y_pitch,
        element: memory.y_narrow == 1 ? .bfloat16 : .float32, scale: memory.scale + offset,
        shift: memory.shift + offset, floor: memory.floor + offset,
        ceiling: memory.ceiling.map { $0 + offset }, a: memory.a + offset, b: memory.b + offset,
        d: memory.d + offset)
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
  mutating func add(_ memory: UnsafeRawPointer, _ pitch: Int, _ pixels: Range<Int>) {
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
