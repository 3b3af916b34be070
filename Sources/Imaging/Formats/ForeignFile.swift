// What a file is that is no picture of a format that is read, so that an error can say it.

/// Files that stand where a picture is looked for.
enum ForeignFile {
  /// A sentence about a file of none of the formats that are read: what it is, and what to do.
  static func whatItIs(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    guard let first = bytes.first else {
      return "it is empty (0 bytes); it was perhaps never written whole: fetch it again"
    }
    let head = [UInt8](bytes.prefix(512))
    if head.allSatisfy({ $0 == first }) && head.count > 3 {
      return "it is not a picture: it begins with \(head.count) bytes of value \(first)"
    }
    for (magic, place, name) in signatures where matches(head, magic, place) {
      return "it is \(name), which is not among the formats that are read ("
        + ImageFormat.allCases.map(\.title).joined(separator: ", ") + ")"
    }
    if let text = text(head) { return text }
    for format in ImageFormat.allCases where format.beginsLike(head) {
      return "the file ends too early: it has only \(bytes.count) bytes of a \(format.title) file"
    }
    let shown = head.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "it is not a picture of any format that is read (it begins with the bytes "
      + shown.joined(separator: " ") + ")"
  }

  /// What a text is.
  private static func text(_ head: [UInt8]) -> String? {
    guard head.allSatisfy({ $0 >= 32 || [9, 10, 12, 13].contains($0) }), head.count >= 4,
      // The last character may be cut in two.
      let text = (0..<4).lazy.compactMap({ String(validating: head.dropLast($0), as: UTF8.self) })
        .first
    else { return nil }
    if text.hasPrefix("version https://git-lfs") {
      return "it is a Git LFS pointer, not the picture itself: run git lfs pull"
    }
    let start = text.drop { $0.isWhitespace || $0 == "\u{feff}" }.prefix(200).lowercased()
    if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") || start.contains("<head") {
      return
        "it is an HTML page, not a picture: what a server answered was perhaps saved under its name"
    }
    if start.hasPrefix("<?xml") || start.hasPrefix("<svg") { return "it is XML, not a picture" }
    if start.hasPrefix("{") || start.hasPrefix("[") { return "it is JSON, not a picture" }
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return "it is a text, not a picture (it begins with \"\(line.prefix(40))\")"
  }

  private static func matches(_ head: [UInt8], _ magic: [UInt8], _ place: Int) -> Bool {
    head.count >= place + magic.count
      && head[place..<(place + magic.count)].elementsEqual(magic)
  }

  /// First bytes, their place, and what begins with them.
  private static let signatures: [([UInt8], Int, String)] = [
    (Array("WEBP".utf8), 8, "a WebP picture"),
    (Array("BM".utf8), 0, "a BMP picture"),
    ([0, 0, 0, 12] + Array("jP  ".utf8), 0, "a JPEG 2000 picture"),
    ([0xff, 0x4f, 0xff, 0x51], 0, "a JPEG 2000 picture"),
    ([0, 0, 0, 12] + Array("JXL ".utf8), 0, "a JPEG XL picture"),
    ([0xff, 0x0a], 0, "a JPEG XL picture"),
    (Array("ftypavif".utf8), 4, "an AVIF picture"),
    (Array("ftyphei".utf8), 4, "a HEIF picture"),
    (Array("ftyp".utf8), 4, "a film (MP4)"),
    (Array("P4\n".utf8), 0, "a PBM picture"),
    (Array("P5\n".utf8), 0, "a PGM picture"),
    (Array("P6\n".utf8), 0, "a PPM picture"),
    ([0x89] + Array("HDF\r\n".utf8), 0, "an HDF5 file"),
    (Array("n+1\0".utf8), 344, "a NIfTI volume"),
    (Array("NRRD".utf8), 0, "an NRRD volume"),
    ([0x76, 0x2f, 0x31, 0x01], 0, "an OpenEXR picture"),
    (Array("8BPS".utf8), 0, "a Photoshop picture"),
    ([0, 0, 1, 0], 0, "an icon"),
    (Array("%PDF".utf8), 0, "a PDF document"),
    ([80, 75, 3, 4], 0, "a zip archive"),
    ([80, 75, 5, 6], 0, "an empty zip archive"),
    (Array("7z".utf8) + [0xbc, 0xaf], 0, "a 7z archive"),
    (Array("Rar!".utf8), 0, "a RAR archive"),
    ([0x1f, 0x8b], 0, "a gzip file (perhaps a .nii.gz volume)"),
    ([0x28, 0xb5, 0x2f, 0xfd], 0, "a Zstandard file"),
    ([0xfd] + Array("7zXZ".utf8), 0, "an xz file"),
    (Array("ustar".utf8), 257, "a tar archive"),
    (Array("PAR1".utf8), 0, "a Parquet table"),
    (Array("RIFF".utf8), 0, "a sound or a film (RIFF)"),
    ([0, 5, 22, 7], 0, "a macOS resource fork (its name begins with \"._\")"),
    ([0x80], 0, "a Python pickle, or other data of a program"),
  ]
}

extension ImageFormat {
  /// Whether a file this short could have become one of this format.
  fileprivate func beginsLike(_ head: [UInt8]) -> Bool {
    let magics: [[UInt8]] =
      switch self {
      case .png: [[137, 80, 78, 71, 13, 10, 26, 10]]
      case .jpeg: [[0xff, 0xd8, 0xff]]
      case .tiff: [[73, 73, 42, 0], [77, 77, 0, 42]]
      case .gif: [Array("GIF89a".utf8)]
      case .npy: [[0x93] + Array("NUMPY".utf8)]
      case .npz, .metaImage, .dicom: []
      }
    return magics.contains { head.count < $0.count && $0.starts(with: head) && head.count > 1 }
  }
}
