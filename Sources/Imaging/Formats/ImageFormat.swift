// The formats that are read, and the first bytes by which each is known.

/// A format of picture files that is read.
public enum ImageFormat: String, Sendable, CaseIterable, Codable {
  /// ISO/IEC 15948.
  case png
  /// ITU-T T.81 (JFIF, Exif).
  case jpeg
  /// TIFF 6.0 and BigTIFF.
  case tiff
  /// GIF87a and GIF89a.
  case gif
  /// NumPy's array file (NEP 1).
  case npy
  /// NumPy's archive of arrays: a zip file of .npy files.
  case npz
  /// MetaIO's image: a text header with the pixels behind it (.mha) or in a file beside it (.mhd).
  case metaImage
  /// DICOM Part 10.
  case dicom

  /// The format of a file that begins with these bytes; the first 256 are enough.
  ///
  /// Nil for one of none of these, which `ForeignFile` may know.
  public init?(magic: some Collection<UInt8>) {
    let head = [UInt8](magic.prefix(256))
    func starts(_ bytes: [UInt8], at place: Int = 0) -> Bool {
      head.count >= place + bytes.count && head[place..<(place + bytes.count)].elementsEqual(bytes)
    }
    if starts([137, 80, 78, 71, 13, 10, 26, 10]) {
      self = .png
    } else if starts([0xff, 0xd8, 0xff]) {
      self = .jpeg
    } else if starts([73, 73, 42, 0]) || starts([77, 77, 0, 42]) || starts([73, 73, 43, 0])
      || starts([77, 77, 0, 43])
    {
      self = .tiff
    } else if starts(Array("GIF87a".utf8)) || starts(Array("GIF89a".utf8)) {
      self = .gif
    } else if starts([0x93] + Array("NUMPY".utf8)) {
      self = .npy
    } else if starts(Array("DICM".utf8), at: 128) {
      self = .dicom
    } else if starts([80, 75, 3, 4]), Self.namesAnArray(head) {
      self = .npz
    } else if Self.isMetaHeader(head) {
      self = .metaImage
    } else {
      return nil
    }
  }

  /// What people call it.
  public var title: String {
    switch self {
    case .png: "PNG"
    case .jpeg: "JPEG"
    case .tiff: "TIFF"
    case .gif: "GIF"
    case .npy: "NPY"
    case .npz: "NPZ"
    case .metaImage: "MetaImage"
    case .dicom: "DICOM"
    }
  }

  /// The endings of such files' names, in lower case without the dot.
  public var endings: [String] {
    switch self {
    case .png: ["png"]
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .tiff: ["tif", "tiff"]
    case .gif: ["gif"]
    case .npy: ["npy"]
    case .npz: ["npz"]
    case .metaImage: ["mhd", "mha"]
    case .dicom: ["dcm", "dicom"]
    }
  }

  /// Whether a zip file's first entry is an array. The name's length is at 26, the name at 30.
  private static func namesAnArray(_ head: [UInt8]) -> Bool {
    guard head.count > 30 else { return false }
    let length = Int(head[26]) | Int(head[27]) << 8
    return head.count >= 30 + length
      && head[30..<(30 + length)].suffix(4).elementsEqual(Array(".npy".utf8))
  }

  /// Whether a text begins with a line that MetaIO's headers begin with.
  private static func isMetaHeader(_ head: [UInt8]) -> Bool {
    guard let equals = head.firstIndex(of: UInt8(ascii: "=")) else { return false }
    let key = String(decoding: head[..<equals], as: UTF8.self)
      .trimmingPrefix { $0.isWhitespace }.split(whereSeparator: \.isWhitespace)
    return key.count == 1
      && ["ObjectType", "NDims", "ObjectSubType", "Comment", "DimSize"].contains(String(key[0]))
  }
}
