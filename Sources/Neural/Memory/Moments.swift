// What a batch norm's statistics are worked out from.

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
