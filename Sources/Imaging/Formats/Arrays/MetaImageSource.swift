// MetaIO's images: a header of lines "key = value", and numbers behind it (.mha) or in a file beside it
// (.mhd and .raw). ITK writes such.

import Basics
import Bytes
import Foundation

/// Opens MetaImage files.
enum MetaImageSource {
  static func open(_ file: FileBytes, _ options: DecodingOptions) throws -> RawSource {
    let (fields, end) = try fields(file)
    func flag(_ keys: String...) -> Bool {
      keys.contains { fields[$0]?.lowercased().hasPrefix("t") == true || fields[$0] == "1" }
    }
    if let object = fields["ObjectType"], object != "Image" {
      throw ReadingProblem("it holds a MetaIO object \(object), not an image")
    }
    guard fields["BinaryData"] == nil || flag("BinaryData") else {
      throw ReadingProblem("its numbers are text (BinaryData = False), which is not read")
    }
    let grid = try grid(fields, isBig: flag("BinaryDataByteOrderMSB", "ElementByteOrderMSB"))
    guard let size = grid.byteCount, let target = fields["ElementDataFile"] else {
      throw ReadingProblem("its header lacks ElementDataFile")
    }
    let isLocal = ["LOCAL", "Local", "local"].contains(target)
    let data = isLocal ? file : try beside(file, target)
    var start = isLocal ? end : 0
    if let skipped = fields["HeaderSize"].flatMap({ Int($0) }) {
      start = skipped == -1 ? max(0, data.count - size) : max(start, skipped)
    }
    let memory = RawMemory(data, from: start)
    guard flag("CompressedData") else {
      guard memory.bytes.count >= size else { throw RawSource.tooShort(memory.bytes.count, size) }
      return RawSource(.metaImage, grid) { memory }
    }
    try grid.check(options.limits)
    guard size / Inflate.ratio <= memory.bytes.count else {
      throw RawSource.tooShort(memory.bytes.count, size / Inflate.ratio)
    }
    return RawSource(.metaImage, grid, isWhole: true) {
      try RawMemory(count: size) { target in
        let count = try Inflate.inflate(memory.bytes, raw: false, into: target)
        guard count == size else { throw RawSource.tooShort(count, size) }
      }
    }
  }

  /// The header's fields, of which ElementDataFile is the last, and where it ends.
  private static func fields(_ file: FileBytes) throws -> ([String: String], Int) {
    var fields: [String: String] = [:]
    let head = file.all.prefix(1 << 16)
    var place = 0
    while place < head.count {
      let end = head[place...].firstIndex(of: 10) ?? head.endIndex
      let line = String(decoding: head[place..<end], as: UTF8.self)
      place = min(end + 1, head.count)
      guard let equals = line.firstIndex(of: "=") else {
        if line.allSatisfy(\.isWhitespace) { continue }
        throw ReadingProblem("its header has a line without \"=\" before ElementDataFile")
      }
      let key = line[..<equals].trimmingCharacters(in: .whitespaces)
      fields[key] = line[line.index(after: equals)...].trimmingCharacters(
        in: .whitespacesAndNewlines)
      if key == "ElementDataFile" { return (fields, place) }
    }
    throw ReadingProblem("the file ends too early: its header lacks ElementDataFile")
  }

  private static func grid(_ fields: [String: String], isBig: Bool) throws -> RawGrid {
    let types: [String: SampleType] = [
      "MET_UCHAR": .uint8, "MET_CHAR": .int8, "MET_USHORT": .uint16, "MET_SHORT": .int16,
      "MET_UINT": .uint32, "MET_INT": .int32, "MET_ULONG_LONG": .uint64, "MET_LONG_LONG": .int64,
      "MET_FLOAT": .float32, "MET_DOUBLE": .float64,
    ]
    let name = (fields["ElementType"] ?? "").replacing("_ARRAY", with: "")
    guard let type = types[name] else {
      throw ReadingProblem(
        "its elements are \(name.isEmpty ? "of no type" : String(name.prefix(40))), which is not read"
      )
    }
    let sides = (fields["DimSize"] ?? "").split(whereSeparator: \.isWhitespace).map { Int($0) ?? 0 }
    guard sides.count >= 2, sides.allSatisfy({ $0 > 0 }), sides.count == Int(fields["NDims"] ?? "")
    else {
      throw ReadingProblem("its header's DimSize and NDims don't give a size")
    }
    let channels = fields["ElementNumberOfChannels"].map { Int($0) ?? 0 } ?? 1
    let pages = sides.dropFirst(2).reduce(1) { product($0, $1) ?? .max / 2 }
    return try RawGrid(
      type: type, isBig: isBig, pages: pages, height: sides[1], width: sides[0], channels: channels)
  }

  /// The file with the numbers, which lies in the header's folder or below it.
  private static func beside(_ file: FileBytes, _ name: String) throws -> FileBytes {
    guard name != "LIST", !name.contains("%") else {
      throw ReadingProblem(
        "its numbers are in a file a slice (ElementDataFile = \(name)), which is not read")
    }
    guard !name.hasPrefix("/"), !name.pathNames.contains("..") else {
      throw ReadingProblem("its numbers are outside its folder (ElementDataFile = \(name))")
    }
    guard let url = file.url else {
      throw ReadingProblem("its numbers are in \(name) beside it, but it is not read from a file")
    }
    do {
      return try FileBytes(
        contentsOf: url.deletingLastPathComponent().appendingPathComponent(name), as: "picture")
    } catch let problem as ReadingProblem {
      throw ReadingProblem(
        "its numbers should be in \(name) beside it, of which there is to say: \(problem.reason)")
    }
  }
}
