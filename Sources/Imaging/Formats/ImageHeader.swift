// What a file's header says, without its pixels.

/// What decoding gives, as told by a file's header alone.
///
/// Size, channels and kind are those of the `Scan` that decoding with the same options gives.
public struct ImageHeader: Sendable, Equatable {
  /// What the file is, whatever its name says.
  public let format: ImageFormat
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// Values of one pixel.
  public let channels: Int
  /// What samples come as.
  public let kind: SampleKind
  /// Bits of one sample in the file; of a palette that is expanded, of its colours.
  public let bitDepth: Int
  /// See `Scan.fullScale`.
  public let fullScale: Float
  /// Pages of the file: of a TIFF, frames of a GIF, slices of a volume.
  public let pages: Int
  /// Whether the last channel is alpha.
  public let hasAlpha: Bool
  /// Whether the file has a palette.
  public let isPalette: Bool
  /// 1 to 8, as in TIFF: which side of the scene the first row and column are; 1 is upright.
  public let orientation: Int

  /// Bytes of a row of samples.
  public var rowBytes: Int { width * channels * kind.size }
}

/// Some whole rows of a picture that is read from top to bottom.
///
/// The samples may be used only in the call that gets them.
public struct RowBand {
  /// Of the whole picture.
  public let header: ImageHeader
  /// From the top, from 0.
  public let firstRow: Int
  /// At least 1.
  public let rowCount: Int
  /// `rowCount * width * channels` samples of the header's kind, HWC.
  public let samples: UnsafeRawBufferPointer
}
