// Which pixels of an image belong to what is looked for.

/// A binary mask.
public struct Mask: Sendable, Equatable {
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// `height * width` values, rows from the top: 1 marked, 0 not.
  public let pixels: [UInt8]

  /// A mask of pixels, which must be 0 or 1.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "a mask has at least one pixel")
    precondition(pixels.count == width * height, "pixels don't fill the shape")
    precondition(pixels.reduce(0, |) < 2, "a mask's pixel is 0 or 1")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// A mask with nothing marked.
  public init(width: Int, height: Int) {
    self.init(width: width, height: height, pixels: [UInt8](repeating: 0, count: width * height))
  }

  /// The mask that a raster shows: marked where a sample (alpha apart) is above `share` of full
  /// scale.
  ///
  /// By default everything but 0 is marked, so a mask of the values 0 and 1 in 8 bit reads as well
  /// as one of 0 and 255.
  public init(_ raster: Raster, above share: Double = 0) {
    let threshold = share * Double(raster.fullScale)
    let limit = raster.samples.isEmpty ? 0 : UInt16(max(0, min(65535, threshold)))
    let step = raster.channels
    let colours = raster.hasAlpha ? step - 1 : step
    let pixels = [UInt8](unsafeUninitializedCapacity: raster.width * raster.height) { out, count in
      raster.samples.withUnsafeBufferPointer { samples in
        for pixel in 0..<out.count {
          var marked: UInt8 = 0
          for channel in 0..<colours where samples[pixel * step + channel] > limit { marked = 1 }
          out.initializeElement(at: pixel, to: marked)
        }
      }
      count = out.count
    }
    self.init(width: raster.width, height: raster.height, pixels: pixels)
  }

  /// The mask of the pixels at which a plane of one channel is above a threshold (strictly).
  public init(_ plane: Plane, above threshold: Float = 0.5) {
    precondition(plane.channels == 1, "a mask comes from one channel")
    self.init(
      width: plane.width, height: plane.height,
      pixels: plane.values.map { $0 > threshold ? 1 : 0 })
  }

  /// Count of marked pixels.
  public var area: Int { pixels.reduce(0) { $0 + Int($1) } }

  /// Share of marked pixels, 0…1.
  public var coverage: Double { Double(area) / Double(width * height) }

  /// Whether nothing is marked.
  public var isEmpty: Bool { !pixels.contains(1) }
}
