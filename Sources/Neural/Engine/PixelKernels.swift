// The kernels that work on `count` pixels of `channels` channels, with images as arguments instead of
// pointers and pitches.

import CKernels

/// Pixels to be read as float32 numbers.
struct Pixels {
  var pointer: UnsafePointer<Float>
  /// Floats between pixels.
  var pitch: Int
}

/// Room for results.
struct Rows {
  var pointer: UnsafeMutablePointer<Float>
  /// Floats between pixels.
  var pitch: Int
  /// Whether to add to what is there.
  var accumulate = false
}

extension Pixels {
  /// Pixels `pitch` floats apart in scratch memory.
  init(_ pointer: UnsafeMutablePointer<Float>, _ pitch: Int) {
    self.init(pointer: UnsafePointer(pointer), pitch: pitch)
  }

  /// Results, to be read.
  init(_ rows: Rows) { self.init(rows.pointer, rows.pitch) }
}

extension Rows {
  /// The kernels' form of `accumulate`.
  @inline(__always)
  fileprivate var adds: Int32 { accumulate ? 1 : 0 }
}

extension Kernels {
  /// y = x.
  @inline(__always)
  func copy(_ count: Int, channels: Int, _ x: Pixels, to y: Rows) {
    call.copy(count, channels, x.pointer, x.pitch, y.pointer, y.pitch, y.adds)
  }

  /// y = x kept where the value's random number, a function of `key` and its place, is `threshold` or
  /// more (of 2^32), and scaled; with `spatial`, whole channels.
  @inline(__always)
  func drop(
    _ count: Int, channels: Int, _ x: Pixels, key: UInt64, threshold: UInt32, scale: Float,
    spatial: Bool, to y: Rows
  ) {
    call.dropout(
      count, channels, x.pointer, x.pitch, key, threshold, scale, spatial ? 1 : 0, y.pointer,
      y.pitch, y.adds)
  }

  /// y = a + b, clamped at zero if `relu`.
  @inline(__always)
  func add(_ count: Int, channels: Int, _ a: Pixels, _ b: Pixels, relu: Bool, to y: Rows) {
    call.add_images(
      count, channels, a.pointer, a.pitch, b.pointer, b.pitch, relu ? 1 : 0, y.pointer, y.pitch)
  }

  /// y = a b; with a pitch of 0, b is one factor a channel.
  @inline(__always)
  func multiply(_ count: Int, channels: Int, _ a: Pixels, _ b: Pixels, to y: Rows) {
    call.multiply(
      count, channels, a.pointer, a.pitch, b.pointer, b.pitch, y.pointer, y.pitch, y.adds)
  }

  /// y = a times the pixel's factor, b's only channel.
  @inline(__always)
  func multiply(_ count: Int, channels: Int, _ a: Pixels, pixelFactors b: Pixels, to y: Rows) {
    call.multiply_pixels(
      count, channels, a.pointer, a.pitch, b.pointer, b.pitch, y.pointer, y.pitch, y.adds)
  }

  /// y = the sum of a b over a pixel's channels.
  @inline(__always)
  func pixelProducts(_ count: Int, channels: Int, _ a: Pixels, _ b: Pixels, to y: Rows) {
    call.pixel_products(
      count, channels, a.pointer, a.pitch, b.pointer, b.pitch, y.pointer, y.pitch, y.adds)
  }

  /// Adds the sum of a b over the pixels to each channel of `sums`.
  @inline(__always)
  func channelProducts(
    _ count: Int, channels: Int, _ a: Pixels, _ b: Pixels, into sums: UnsafeMutablePointer<Double>
  ) {
    call.channel_products(count, channels, a.pointer, a.pitch, b.pointer, b.pitch, sums)
  }

  /// Adds the sum of x over the pixels to each channel of `sums`.
  @inline(__always)
  func channelSums(
    _ count: Int, channels: Int, _ x: Pixels, into sums: UnsafeMutablePointer<Double>
  ) {
    call.channel_sums(count, channels, x.pointer, x.pitch, sums)
  }

  /// Adds the sums of differences to the shift, and of their squares.
  @inline(__always)
  func addMoments(_ count: Int, channels: Int, _ x: Pixels, into moments: Moments) {
    call.moments(
      count, channels, x.pointer, x.pitch, moments.shift, moments.sum, moments.squares)
  }

  /// y = the function of x.
  @inline(__always)
  func activate(_ kind: ck_activation, _ count: Int, channels: Int, _ x: Pixels, to y: Rows) {
    call.activation(kind, count, channels, x.pointer, x.pitch, y.pointer, y.pitch)
  }

  /// dx = dy times the function's slope at x.
  @inline(__always)
  func activateBackward(
    _ kind: ck_activation, _ count: Int, channels: Int, _ dy: Pixels, at x: Pixels, to dx: Rows
  ) {
    call.activation_backward(
      kind, count, channels, dy.pointer, dy.pitch, x.pointer, x.pitch, dx.pointer, dx.pitch,
      dx.adds)
  }
}

extension Kernels {
  /// One row of maxima of windows of `size` x `size` pixels side by side; `count` windows.
  @inline(__always)
  func maxPool(_ count: Int, channels: Int, window size: Int, _ x: Pixels, to y: Rows) {
    call.max_pool(1, count, channels, size, x.pointer, x.pitch, y.pointer, y.pitch)
  }

  /// Each window's gradient goes to its first maximum; the others get zero.
  /// - Parameter y: the maxima.
  @inline(__always)
  func maxPoolBackward(
    _ count: Int, channels: Int, window size: Int, _ dy: Pixels, x: Pixels, y: Pixels,
    to dx: Rows
  ) {
    call.max_pool_backward(
      1, count, channels, size, dy.pointer, dy.pitch, x.pointer, x.pitch, y.pointer, y.pitch,
      dx.pointer, dx.pitch)
  }

  /// The maximum of each window over rows of x of `width` pixels.
  @inline(__always)
  func maxWindows(
    _ rows: inout ck_spans, _ columns: inout ck_spans, width: Int, channels: Int, _ x: Pixels,
    to y: Rows
  ) {
    call.max_windows(
      &rows, &columns, width, channels, x.pointer, x.pitch, y.pointer, y.pitch)
  }

  /// Adds each window's gradient to its first maximum; windows may overlap.
  /// - Parameter y: the maxima.
  @inline(__always)
  func maxWindowsBackward(
    _ rows: inout ck_spans, _ columns: inout ck_spans, width: Int, channels: Int, _ dy: Pixels,
    x: Pixels, y: Pixels, to dx: Rows
  ) {
    call.max_windows_backward(
      &rows, &columns, width, channels, dy.pointer, dy.pitch, x.pointer, x.pitch, y.pointer,
      y.pitch, dx.pointer, dx.pitch)
  }

  /// The weighted sum of each window over rows of x of `width` pixels.
  @inline(__always)
  func resample(
    _ rows: inout ck_spans, _ columns: inout ck_spans, width: Int, channels: Int, _ x: Pixels,
    to y: Rows
  ) {
    call.resample(
      &rows, &columns, width, channels, x.pointer, x.pitch, y.pointer, y.pitch, y.adds)
  }
}
