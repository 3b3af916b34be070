// The elements of a DICOM file (PS3.5, 7 and PS3.10, 7), of little-endian transfer syntaxes.

import Bytes

/// An element's group and number.
struct DICOMTag: Hashable {
  var group: Int
  var element: Int
  var title = ""

  init(_ group: Int, _ element: Int, _ title: String = "") {
    self.group = group
    self.element = element
    self.title = title
  }

  static func == (a: DICOMTag, b: DICOMTag) -> Bool {
    a.group == b.group && a.element == b.element
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(group)
    hasher.combine(element)
  }

  static let transferSyntax = DICOMTag(2, 0x10, "transfer syntax")
  static let samplesPerPixel = DICOMTag(0x28, 2, "samples per pixel")
  static let photometricInterpretation = DICOMTag(0x28, 4, "photometric interpretation")
  static let planarConfiguration = DICOMTag(0x28, 6, "planar configuration")
  static let numberOfFrames = DICOMTag(0x28, 8, "number of frames")
  static let rows = DICOMTag(0x28, 0x10, "rows")
  static let columns = DICOMTag(0x28, 0x11, "columns")
  static let bitsAllocated = DICOMTag(0x28, 0x100, "bits allocated")
  static let bitsStored = DICOMTag(0x28, 0x101, "bits stored")
  static let highBit = DICOMTag(0x28, 0x102, "high bit")
  static let pixelRepresentation = DICOMTag(0x28, 0x103, "pixel representation")
  static let rescaleIntercept = DICOMTag(0x28, 0x1052, "rescale intercept")
  static let rescaleSlope = DICOMTag(0x28, 0x1053, "rescale slope")
  static let pixelData = DICOMTag(0x7fe0, 0x10, "pixel data")
  static let sharedGroups = DICOMTag(0x5200, 0x9229)
  static let frameGroups = DICOMTag(0x5200, 0x9230)
  static let item = DICOMTag(0xfffe, 0xe000)
  static let itemEnd = DICOMTag(0xfffe, 0xe00d)
  static let sequenceEnd = DICOMTag(0xfffe, 0xe0dd)
}

/// What a file says about its pixels, and where they are.
struct DICOMElements {
  /// Where the pixels are.
  private(set) var pixels: Range<Int>?
  /// Rescale slopes and intercepts that frames have, each once.
  private(set) var frameSlopes: Set<String> = []
  private(set) var frameIntercepts: Set<String> = []
  private var values: [DICOMTag: [UInt8]] = [:]
  private let bytes: UnsafeBufferPointer<UInt8>

  /// - Throws: `ReadingProblem` for a compressed file, by the name of the compression, and for a damaged one.
  init(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    self.bytes = bytes
    var cursor = ByteCursor(bytes, at: 132)
    // The first group is always explicit.
    while cursor.left >= 4 {
      let place = cursor.place
      guard try cursor.number(2) == 2 else {
        cursor.place = place
        break
      }
      cursor.place = place
      try read(&cursor, isImplicit: false, depth: 0, inGroups: false)
    }
    let syntax = text(.transferSyntax) ?? Self.implicit
    guard [Self.implicit, Self.explicit].contains(syntax) else {
      let name =
        Self.names[syntax].map { "\($0) (\(syntax))" } ?? "transfer syntax \(syntax.prefix(64))"
      throw ReadingProblem(
        "its pixels are stored as \(name), which is not read: store it uncompressed, with gdcmconv --raw or dcmdjpeg"
      )
    }
    while cursor.left > 0, pixels == nil {
      try read(&cursor, isImplicit: syntax == Self.implicit, depth: 0, inGroups: false)
    }
  }

  /// A whole number, whether binary or text.
  func number(_ tag: DICOMTag) -> Int? {
    guard let value = values[tag] else { return nil }
    return tag == .numberOfFrames
      ? text(tag).flatMap { Int($0) }
      : value.count >= 2 ? Int(value[0]) | Int(value[1]) << 8 : nil
  }

  /// A text without the padding; nil for an empty one.
  func text(_ tag: DICOMTag) -> String? { values[tag].flatMap(Self.text) }

  private static func text(_ value: [UInt8]) -> String? {
    let text = String(decoding: value.filter { $0 > 32 && $0 < 127 || $0 == 92 }, as: UTF8.self)
    return text.isEmpty ? nil : text
  }

  /// Reads an element, or passes over it.
  private mutating func read(
    _ cursor: inout ByteCursor, isImplicit: Bool, depth: Int, inGroups: Bool
  ) throws {
    let tag = DICOMTag(try cursor.number(2), try cursor.number(2))
    var representation = ""
    var length: Int
    if isImplicit || tag.group == 0xfffe {
      length = try cursor.number(4)
    } else {
      representation = try cursor.text(2)
      if Self.long.contains(representation) {
        try cursor.skip(2)
        length = try cursor.number(4)
      } else {
        length = try cursor.number(2)
      }
    }
    if tag == .pixelData, depth == 0 {
      guard length != Self.undefined else {
        throw ReadingProblem("its pixels are in fragments, though it claims to be uncompressed")
      }
      pixels = cursor.place..<(cursor.place + min(length, cursor.left))
      return
    }
    let groups = inGroups || tag == .sharedGroups || tag == .frameGroups
    if length == Self.undefined || groups && representation == "SQ"
      || groups && isImplicit && Self.beginsWithItem(cursor)
    {
      // What a sequence of unknown representation holds is implicit (PS3.5, 6.2.2).
      let isInnerImplicit = isImplicit || representation == "UN"
      return try readSequence(
        &cursor, length, isImplicit: isInnerImplicit, depth: depth + 1, inGroups: groups)
    }
    if tag.group == 0x28 || tag.group == 2, length <= 1 << 10 {
      let value = [UInt8](try cursor.take(length))
      if depth == 0 {
        values[tag] = value
      } else if inGroups, let text = Self.text(value) {
        if tag == .rescaleSlope { frameSlopes.insert(text) }
        if tag == .rescaleIntercept { frameIntercepts.insert(text) }
      }
    } else {
      try cursor.skip(length)
    }
  }

  private static func beginsWithItem(_ cursor: ByteCursor) -> Bool {
    var ahead = cursor
    return (try? ahead.number(4)) == 0xe000_fffe
  }

  /// Goes through the items of a sequence.
  private mutating func readSequence(
    _ cursor: inout ByteCursor, _ length: Int, isImplicit: Bool, depth: Int, inGroups: Bool
  ) throws {
    guard depth < 32 else { throw ReadingProblem("its sequences are nested too deeply") }
    let end = length == Self.undefined ? Int.max : cursor.place + length
    while cursor.place < end {
      let tag = DICOMTag(try cursor.number(2), try cursor.number(2))
      let count = try cursor.number(4)
      if tag == .sequenceEnd { return }
      guard tag == .item else { throw ReadingProblem("a sequence of it is damaged") }
      let itemEnd = count == Self.undefined ? Int.max : cursor.place + count
      while cursor.place < itemEnd {
        let place = cursor.place
        if DICOMTag(try cursor.number(2), try cursor.number(2)) == .itemEnd {
          try cursor.skip(4)
          break
        }
        cursor.place = place
        try read(&cursor, isImplicit: isImplicit, depth: depth, inGroups: inGroups)
      }
    }
  }

  private static let undefined = 0xffff_ffff
  private static let implicit = "1.2.840.10008.1.2"
  private static let explicit = "1.2.840.10008.1.2.1"
  /// Representations whose length has four bytes.
  private static let long: Set<String> = [
    "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV",
  ]
  private static let names = [
    "1.2.840.10008.1.2.1.99": "deflated data", "1.2.840.10008.1.2.2": "big-endian data",
    "1.2.840.10008.1.2.4.50": "JPEG Baseline", "1.2.840.10008.1.2.4.51": "JPEG Extended",
    "1.2.840.10008.1.2.4.57": "JPEG Lossless", "1.2.840.10008.1.2.4.70": "JPEG Lossless SV1",
    "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless", "1.2.840.10008.1.2.4.81": "JPEG-LS",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless", "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.201": "HTJ2K Lossless", "1.2.840.10008.1.2.4.203": "HTJ2K",
    "1.2.840.10008.1.2.5": "run lengths (RLE Lossless)",
  ]
}
