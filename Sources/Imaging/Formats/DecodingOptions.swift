// The choices that a file leaves to its reader.

/// How picture files are read. The defaults give every format's samples as they stand.
public struct DecodingOptions: Sendable, Equatable {
  /// What to make of a file's note which side was up (Exif and TIFF tag 274).
  public enum Orientation: String, Sendable, Codable, CaseIterable {
    /// Rows as the file has them.
    case ignore
    /// Turned and mirrored as noted.
    case apply
  }

  /// What to make of a palette.
  public enum Palette: String, Sendable, Codable, CaseIterable {
    /// Each pixel as its colour: RGB, or RGBA where the palette has transparency.
    case expand
    /// Each pixel as the number of its colour, which is what a map of labels means.
    case indices
  }

  /// Which pages of a file with several: pages of a TIFF file, frames of a GIF, slices of a volume.
  public enum Pages: Sendable, Equatable {
    /// All of them as channels, one after the other; they must be of one size and kind.
    ///
    /// Smaller copies of a page that a TIFF file marks as such are not among them.
    case all
    /// One, from 0.
    case one(Int)
  }

  /// Which axis of an array of three is the channels'.
  public enum Axes: String, Sendable, Codable, CaseIterable {
    /// The shorter one of the first and the last; the last, if they are of one length.
    case automatic
    /// Height, width, channels.
    case channelsLast
    /// Channels, height, width.
    case channelsFirst
  }

  /// What is refused before memory is set aside for it.
  public struct Limits: Sendable, Equatable {
    /// The most samples that are in memory at once.
    public var samples = 1 << 30
    /// The most channels (bands, pages) of a picture.
    public var channels = 1 << 14

    /// The limits as above.
    public init() {}
  }

  /// By default as the file has the rows.
  public var orientation = Orientation.ignore
  /// By default colours.
  public var palette = Palette.expand
  /// By default all.
  public var pages = Pages.all
  /// By default told from the shape.
  public var axes = Axes.automatic
  /// The array of an NPZ file that is meant; nil where it has only one.
  public var array: String?
  /// By default enough for 10,000 x 10,000 pixels in ten channels.
  public var limits = Limits()

  /// The defaults.
  public init() {}
}
