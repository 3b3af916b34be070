// Reading and writing rows of pixels, by the kernels for float32 alone or by those for both kinds of memory.

import CKernels

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
  func read(
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
  func readRounded(
    _ source: inout ck_source, _ first: Int, _ pixels: Int, _ channels: Int,
    _ to: UnsafeMutablePointer<UInt16>, _ pitch: Int
  ) {
    guard let narrow else { preconditionFailure("rounding needs the kernels for bfloat16") }
    narrow.call.read_rounded(&source, first, pixels, channels, to, pitch)
  }

  @inline(__always)
  func write(
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
  func moments(
    _ pixels: Int, _ channels: Int, _ x: UnsafePointer<Float>, _ pitch: Int, _ moments: Moments
  ) {
    wide.call.moments(
      pixels, channels, x, pitch, moments.shift, moments.sum, moments.squares)
  }

  @inline(__always)
  func gradientSums(
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
