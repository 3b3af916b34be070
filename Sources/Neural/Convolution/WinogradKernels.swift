// What Winograd's way asks of the kernels, in one precision or the other.

import CKernels

/// The kernels of one precision. In bfloat16, frequencies are rounded before they are multiplied; all
/// else is the same.
struct WinogradKernels {
  /// Results along a tile's side.
  static let side = 4

  let wide: Kernels
  let narrow: BFloat16Kernels?

  init(_ wide: Kernels, _ narrow: BFloat16Kernels? = nil) {
    self.wide = wide
    self.narrow = narrow
  }

  /// Floats of a block of inputs that are multiplied by weights.
  func inputBlock(_ channels: Int) -> Int {
    wide.call.winograd_block(WINOGRAD_ALL, narrow == nil ? channels : even(channels) / 2)
  }

  /// Floats of a block of results, and of inputs or gradients that are multiplied by each other.
  func block(_ parts: Int32, _ channels: Int) -> Int { wide.call.winograd_block(parts, channels) }

  /// Tiles in a block of inputs and gradients that are multiplied by each other.
  var sumTiles: Int { narrow?.call.winograd_sum_tiles ?? wide.call.winograd_sum_tiles }

  /// Floats of transformed weights.
  func weightCount(_ channels: Int, _ filters: Int) -> Int {
    36 * (narrow == nil ? channels : even(channels) / 2) * wide.call.winograd_filters(filters)
  }

  /// Floats of their gradient.
  func gradientCount(_ channels: Int, _ filters: Int) -> Int {
    36 * channels * wide.call.winograd_filters(filters)
  }

  func pack(
    _ channels: Int, _ filters: Int, _ weights: UnsafePointer<Float>, tapStride: Int,
    inStride: Int, outStride: Int, flip: Bool, into u: UnsafeMutablePointer<Float>
  ) {
    let pack = narrow?.call.winograd_pack ?? wide.call.winograd_pack
    pack?(channels, filters, weights, tapStride, inStride, outStride, flip ? 1 : 0, u)
  }

  // MARK: Products

  /// m = v u for a block's first tiles, frequency by frequency.
  func multiply(
    tiles: Int, channels: Int, filters: Int, _ v: UnsafePointer<Float>,
    _ u: UnsafePointer<Float>, into m: UnsafeMutablePointer<Float>, _ ahead: inout ck_ahead
  ) {
    if let narrow {
      narrow.call.winograd_multiply(tiles, channels, filters, v, u, m, &ahead)
    } else {
      wide.call.winograd_multiply(tiles, channels, filters, v, u, m, &ahead)
    }
  }

  /// du = or += the sum over tiles of v and w, for these parts of the frequencies.
  func addProducts(
    _ parts: Int32, tiles: Int, channels: Int, filters: Int, _ v: UnsafePointer<Float>,
    _ w: UnsafePointer<Float>, to du: UnsafeMutablePointer<Float>, accumulate: Bool,
    _ ahead: inout ck_ahead
  ) {
    let adds: Int32 = accumulate ? 1 : 0
    if let narrow {
      narrow.call.winograd_sum(parts, tiles, channels, filters, v, w, du, adds, &ahead)
    } else {
      wide.call.winograd_sum(parts, tiles, channels, filters, v, w, du, adds, &ahead)
    }
  }
}
