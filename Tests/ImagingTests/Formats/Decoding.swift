// What the tests of formats share: decoding by name of a library, and numbers to compare with.

import Foundation
import Imaging
import Testing

/// Whether this build reads the format of a library.
func has(_ library: String) -> Bool { ImageFile.libraries.contains { $0.name == library } }

/// Options with a change.
func options(_ change: (inout DecodingOptions) -> Void) -> DecodingOptions {
  var options = DecodingOptions()
  change(&options)
  return options
}

/// Decodes in one piece, and expects the header and the bands of rows to be the same picture.
func decode(
  _ data: Data, _ options: DecodingOptions = DecodingOptions(),
  _ location: SourceLocation = #_sourceLocation
) throws -> Scan {
  let scan = try ImageFile.decode(data, name: "a", options: options)
  let header = try ImageFile.header(data, name: "a", options: options)
  #expect(
    header.width == scan.width && header.height == scan.height && header.channels == scan.channels
      && header.fullScale == scan.fullScale && header.hasAlpha == scan.hasAlpha
      && header.isPalette == scan.isPalette, sourceLocation: location)
  var rows: [UInt8] = []
  var next = 0
  let told = try ImageFile.decode(data, name: "a", options: options) { band in
    #expect(band.firstRow == next && band.header == header, sourceLocation: location)
    next += band.rowCount
    rows += band.samples
  }
  #expect(told == header && next == scan.height, sourceLocation: location)
  #expect(rows == bytes(scan), sourceLocation: location)
  return scan
}

/// The memory of a scan's samples.
func bytes(_ scan: Scan) -> [UInt8] {
  switch scan.samples {
  case .bytes(let bytes): bytes
  case .words(let words): words.withUnsafeBytes { Array($0) }
  case .floats(let floats): floats.withUnsafeBytes { Array($0) }
  }
}

/// What decoding finds wrong with bytes.
func reason(
  _ data: Data, _ options: DecodingOptions = DecodingOptions(),
  _ location: SourceLocation = #_sourceLocation
) -> String {
  let error = #expect(throws: ImageFileError.self, sourceLocation: location) {
    try ImageFile.decode(data, name: "a.png", options: options)
  }
  #expect(error?.file == "a.png", sourceLocation: location)
  return error?.reason ?? ""
}

/// The first multiples of 7, beginning anew above the largest number.
func ramp(_ count: Int, largest: Int = 255) -> [Int] {
  (0..<count).map { 7 * $0 % (largest + 1) }
}

func bytes(_ numbers: [Int]) -> [UInt8] { numbers.map { UInt8($0) } }
