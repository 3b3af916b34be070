// A picture as numbers for computing: floating point, channels interleaved.

/// Values of `height * width * channels`, rows from the top, channels interleaved (HWC).
///
/// Images lie in 0…1 (0 black, 1 full scale). Whoever holds a raw HWC buffer wraps it into a plane,
/// which copies nothing.
public struct Plane: Sendable, Equatable {
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// Values of one pixel.
  public let channels: Int
  /// `height * width * channels` values, HWC.
  public let values: [Float]

  /// A plane of values that must fill the shape.
  public init(width: Int, height: Int, channels: Int = 1, values: [Float]) {
    precondition(width > 0 && height > 0 && channels > 0, "a plane has at least one value")
    precondition(values.count == width * height * channels, "values don't fill the shape")
    self.width = width
    self.height = height
    self.channels = channels
    self.values = values
  }

  /// A mask as 0 and 1.
  public init(_ mask: Mask) {
    self.init(width: mask.width, height: mask.height, values: mask.pixels.map(Float.init))
  }

  /// A raster's samples over full scale, as 1 (grey) or 3 (RGB) channels; alpha is dropped.
  ///
  /// Colour becomes grey by the luma of ITU-R BT.601, in 16-bit fixed point and rounded to the
  /// raster's own depth (what Pillow's mode "L" does), so grey stored as R = G = B stays exact.
  public init(_ raster: Raster, channels: Int) {
    precondition(channels == 1 || channels == 3, "a plane is made grey or RGB")
    let step = raster.channels
    let scale = Float(raster.fullScale)
    let pixels = raster.width * raster.height
    let values = [Float](unsafeUninitializedCapacity: pixels * channels) { out, count in
      raster.samples.withUnsafeBufferPointer { samples in
        for pixel in 0..<pixels {
          let at = pixel * step
          if step >= 3 && channels == 1 {
            out[pixel] = Float(Luma.of(samples[at], samples[at + 1], samples[at + 2])) / scale
          } else {
            for channel in 0..<channels {
              out[pixel * channels + channel] =
                Float(samples[at + (step >= 3 ? channel : 0)]) / scale
            }
          }
        }
      }
      count = out.count
    }
    self.init(width: raster.width, height: raster.height, channels: channels, values: values)
  }
}
