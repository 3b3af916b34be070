// A picture of any format as samples, as its file holds them.

/// A picture of any format as samples: 8-bit, 16-bit (unsigned) or floating point, any number of
/// channels.
public struct Scan: Sendable, Equatable {
  /// `height * width * channels` samples: rows from the top, channels interleaved (HWC).
  ///
  /// Signed whole numbers and those of 32 bit and more become floats, which hold whole numbers up
  /// to 16,777,216 exactly.
  public enum Samples: Sendable, Equatable {
    /// Unsigned, of up to 8 bit.
    case bytes([UInt8])
    /// Unsigned, of 9 to 16 bit.
    case words([UInt16])
    /// Of any range.
    case floats([Float])

    /// How many there are.
    public var count: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .words(let words): words.count
      case .floats(let floats): floats.count
      }
    }
  }

  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// Values of one pixel: colours, bands, or the pages of a stack one after the other.
  public let channels: Int
  /// `height * width * channels` of them, HWC.
  public let samples: Samples
  /// The value that stands for white, or opaque: 255, 65535, 15 for 4 bit, …; 1 for floats.
  public let fullScale: Float
  /// Whether the last channel is alpha.
  public let hasAlpha: Bool
  /// Whether the file has a palette: the samples are its colours or, by
  /// `DecodingOptions.Palette.indices`, their indices.
  public let isPalette: Bool

  /// A scan of samples that must fill the shape.
  public init(
    width: Int, height: Int, channels: Int, samples: Samples, fullScale: Float,
    hasAlpha: Bool = false, isPalette: Bool = false
  ) {
    precondition(width > 0 && height > 0 && channels > 0, "a scan has at least one sample")
    precondition(samples.count == width * height * channels, "samples don't fill the shape")
    precondition(fullScale > 0, "full scale is above 0")
    precondition(!hasAlpha || channels > 1, "alpha isn't the only channel")
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
    self.fullScale = fullScale
    self.hasAlpha = hasAlpha
    self.isPalette = isPalette
  }
}

/// What samples are stored as.
public enum SampleKind: String, Sendable, Codable {
  /// 8 bit, unsigned.
  case bytes
  /// 16 bit, unsigned.
  case words
  /// 32 bit, floating point.
  case floats

  /// Bytes of one.
  public var size: Int {
    switch self {
    case .bytes: 1
    case .words: 2
    case .floats: 4
    }
  }
}
