// Pictures: header, whole and in bands, which must agree.

import Foundation

@testable import Imaging

let pictureTargets: [Target] = [
  picture("png", [.png]) {
    let raster = Raster(
      width: 5, height: 3, channels: 3, bitDepth: 8, samples: (0..<45).map { $0 * 5 })
    let deep = Raster(
      width: 3, height: 3, channels: 1, bitDepth: 16, samples: (0..<9).map { $0 * 7000 })
    let mask = Mask(width: 9, height: 2, pixels: (0..<18).map { $0 % 3 == 0 ? 1 : 0 })
    return try [PNG.encode(raster), PNG.encode(deep)]
      + [1, 2, 4, 8].map { try PNG.encode(mask, bitDepth: $0) }
      + Repository.fixtures(beginning: [[0x89, 0x50]])
  },
  picture("jpeg", [.jpeg]) { try Repository.fixtures(beginning: [[0xFF, 0xD8]]) },
  picture("tiff", [.tiff]) {
    try Repository.fixtures(beginning: [[0x49, 0x49, 0x2A], [0x4D, 0x4D, 0, 0x2A]])
  },
  picture("gif", [.gif]) { try Repository.fixtures(beginning: [[0x47, 0x49, 0x46]]) },
  picture("array", [.npy, .npz, .metaImage, .dicom]) {
    let names = "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }"
    let npy =
      Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0])
      + Data(names.padding(toLength: 117, withPad: " ", startingAt: 0).utf8) + Data("\n".utf8)
      + Data(0..<12)
    let meta = Data(
      """
      ObjectType = Image
      NDims = 3
      BinaryData = True
      BinaryDataByteOrderMSB = False
      DimSize = 3 2 2
      ElementType = MET_UCHAR
      ElementDataFile = LOCAL

      """.utf8)
    return try [npy, meta + Data(0..<12), dicom]
      + Repository.fixtures(beginning: [[0x50, 0x4B], [0x93]])
  },
]

/// Two rows of three pixels, as of a scanner.
private var dicom: Data {
  var data = Data(count: 128) + Data("DICM".utf8)
  func bytes(_ number: Int) -> [UInt8] { [UInt8(number & 255), UInt8(number >> 8)] }
  func add(_ group: Int, _ element: Int, _ kind: String, _ value: [UInt8]) {
    data += bytes(group) + bytes(element) + Array(kind.utf8)
    data += (kind == "OW" ? [0, 0] + bytes(value.count) + [0, 0] : bytes(value.count)) + value
  }
  add(2, 0x10, "UI", Array("1.2.840.10008.1.2.1\0".utf8))
  add(0x28, 2, "US", bytes(1))
  add(0x28, 4, "CS", Array("MONOCHROME2 ".utf8))
  for (element, value) in [
    (0x10, 2), (0x11, 3), (0x100, 16), (0x101, 12), (0x102, 11), (0x103, 0),
  ] {
    add(0x28, element, "US", bytes(value))
  }
  add(0x7FE0, 0x10, "OW", Array(0..<12))
  return data
}

private func picture(
  _ name: String, _ formats: [ImageFormat], _ seeds: @escaping @Sendable () throws -> [Data]
) -> Target {
  Target(name: name, seeds: seeds) { data in
    guard let format = ImageFormat(magic: data), formats.contains(format) else { return }
    // The last byte chooses, so that the input stays a picture.
    let choice = Int(data.last ?? 0)
    var options = DecodingOptions()
    options.limits.samples = 1 << 18
    if choice & 1 != 0 { options.palette = .indices }
    if choice & 2 != 0 { options.orientation = .apply }
    if choice & 4 != 0 { options.axes = .channelsFirst }
    if choice & 8 != 0 { options.pages = .one(choice >> 4) }
    let header = outcome { try ImageFile.header(data, name: "input", options: options) }
    let whole = outcome { try ImageFile.decode(data, name: "input", options: options) }
    var samples: [UInt8] = []
    var rows = 0
    let banded = outcome {
      try ImageFile.decode(data, name: "input", options: options) { band in
        promise(band.firstRow == rows && band.rowCount > 0, "bands follow one another")
        rows += band.rowCount
        samples += Array(band.samples)
      }
    }
    guard let scan = try? whole.get() else { return }
    guard let header = try? header.get(), (try? banded.get()) != nil else {
      return promise(false, "what is decoded whole has a header and bands: \(banded)")
    }
    promise(
      header.width == scan.width && header.height == scan.height
        && header.channels == scan.channels && rows == scan.height, "the header tells the size")
    promise(scan.samples.withBytes { $0.elementsEqual(samples) }, "bands hold the same samples")
  }
}
