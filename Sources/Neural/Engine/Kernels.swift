// The C kernels for this processor.

import CKernels

/// The kernels of the best instruction set that this processor has.
struct Kernels: @unchecked Sendable {
  // Points to a constant table; never written.
  private let table: UnsafePointer<ck_kernels>
  /// The instruction set, for example `x86-64-v4`.
  let name: String

  /// - Parameter limit: 0 portable kernels only, 1 up to AVX2, 2 up to AVX-512.
  init(limit: Int = 2) {
    table = ck_select(Int32(limit))
    name = String(cString: table.pointee.name)
  }

  @inline(__always)
  var call: ck_kernels {
    _read { yield table.pointee }
  }

  /// x = scale x + shift in place, clamped at zero if `relu`; no shift if nil.
  func scaleShift(
    _ pixels: Int, _ channels: Int, _ x: UnsafeMutablePointer<Float>, _ pitch: Int,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>?, relu: Bool
  ) {
    if let shift {
      call.scale_shift(
        pixels, channels, x, pitch, scale, shift, relu ? 1 : 0, x, pitch)
    } else if relu {
      for pixel in 0..<pixels {
        for channel in 0..<channels where x[pixel * pitch + channel] <= 0 {
          x[pixel * pitch + channel] = 0
        }
      }
    }
  }

  /// y += x.
  func add(_ count: Int, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
    call.add(count, x, y)
  }
}
