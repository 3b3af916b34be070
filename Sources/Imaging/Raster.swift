// A picture as its file holds it: whole samples at their own bit depth. Knows nothing of files.

/// Whole samples at the depth of the file they came from.
public struct Raster: Sendable, Equatable {
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA.
  public let channels: Int
  /// Bits of one sample: 1, 2, 4, 8 or 16.
  public let bitDepth: Int
  /// `height * width * channels` samples: rows from the top, channels interleaved.
  public let samples: [UInt16]

  /// A raster of samples that must fit the shape and the depth.
  public init(width: Int, height: Int, channels: Int, bitDepth: Int, samples: [UInt16]) {
    precondition(width > 0 && height > 0, "a raster has at least one pixel")
    precondition((1...4).contains(channels), "a raster has 1 to 4 channels")
    precondition([1, 2, 4, 8, 16].contains(bitDepth), "a sample has 1, 2, 4, 8 or 16 bits")
    precondition(samples.count == width * height * channels, "samples don't fill the shape")
    precondition(
      bitDepth == 16 || samples.allSatisfy { $0 >> UInt16(bitDepth) == 0 },
      "a sample is above full scale")
    self.width = width
    self.height = height
    self.channels = channels
    self.bitDepth = bitDepth
    self.samples = samples
  }

  /// The largest value that a sample can have: white, or opaque.
  public var fullScale: UInt16 { UInt16(truncatingIfNeeded: (1 << bitDepth) - 1) }

  /// Whether the last channel is alpha.
  public var hasAlpha: Bool { channels == 2 || channels == 4 }
}

extension Raster {
  /// A mask as grey: marked pixels at full scale, the others 0.
  public init(_ mask: Mask, bitDepth: Int = 8) {
    let white = UInt16(truncatingIfNeeded: (1 << bitDepth) - 1)
    self.init(
      width: mask.width, height: mask.height, channels: 1, bitDepth: bitDepth,
      samples: mask.pixels.map { $0 == 0 ? 0 : white })
  }

  /// A plane at 8 bit, values outside 0…1 brought to the nearer end (what is not a number to 0).
  public init(_ plane: Plane) {
    self.init(
      width: plane.width, height: plane.height, channels: plane.channels, bitDepth: 8,
      samples: plane.values.map { UInt16(($0 > 0 ? min($0, 1) : 0) * 255 + 0.5) })
  }
}
