// Tiny competitions as Kaggle would serve them, made for one test each.

import Archive
import Basics
import Datasets
import Foundation
import Imaging
import Pipeline
import Survey
import TestSupport
import Workbench

/// A folder of archives and tables.
struct TinyCompetition {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Six training images with masks, and two test images.
  static func ofMasks() throws -> TinyCompetition {
    let made = try TinyCompetition()
    try made.zip(
      "train.zip",
      try (0..<6).map { ("images/i\($0).png", try Picture.image($0)) }
        + (0..<6).map { ("masks/i\($0).png", try Picture.file(Picture.mask($0))) })
    try made.zip("test.zip", try (0..<2).map { ("images/t\($0).png", try Picture.image($0)) })
    try made.table("sample_submission.csv", "id,rle_mask", "t0,", "t1,")
    return made
  }

  /// Packs an archive of files by their paths.
  func zip(_ name: String, _ files: [(path: String, data: Data)]) throws {
    let archive = try ArchiveWriter(folder.url.appendingPathComponent(name))
    for file in files { try archive.add(path: file.path, data: file.data) }
    try archive.finish()
  }

  func table(_ name: String, _ lines: String...) throws { try table(name, lines) }

  func table(_ name: String, _ lines: [String]) throws {
    try folder.write(lines.map { $0 + "\n" }.joined(), to: name)
  }

  func look() throws -> Findings { try Survey.look(at: folder.url) }

  /// The values of the section that is written for it.
  func section(slug: String = "tiny") throws -> JSONValue {
    try Self.section(look(), slug: slug)
  }

  static func section(_ findings: Findings, slug: String = "tiny") throws -> JSONValue {
    let lines = findings.competitionLines(slug: slug, Knowledge(of: slug, findings))
    let section = try Parameters(yaml: lines.joined(separator: "\n"))["competition"] ?? .null
    // What it writes, the stages read.
    try ParameterDecoding(key: "competition", value: section, overridden: [])
      .decode(Competition.self).check()
    return section
  }
}

/// Pictures with a pattern of their own.
enum Picture {
  /// A picture whose three channels differ, or are equal.
  static func image(
    _ seed: Int, width: Int = 24, height: Int = 16, channels: Int = 3, isGrey: Bool = false
  ) throws -> Data {
    let samples = (0..<(width * height * channels)).map { index -> UInt16 in
      let (pixel, channel) = (index / channels, index % channels)
      if channels == 4, channel == 3 { return 255 }
      return UInt16((pixel * 7 + seed * 13 + (isGrey ? 0 : channel * 40)) % 256)
    }
    return try PNG.encode(
      Raster(width: width, height: height, channels: channels, bitDepth: 8, samples: samples))
  }

  /// A rectangle that differs from seed to seed.
  static func mask(_ seed: Int, width: Int = 24, height: Int = 16) -> Mask {
    let (left, top) = (seed % 7 + 1, seed % 5 + 1)
    return Mask(
      width: width, height: height,
      pixels: (0..<(width * height)).map { pixel in
        let (x, y) = (pixel % width, pixel / width)
        return x >= left && x < left + 6 + seed % 3 && y >= top && y < top + 4 ? 1 : 0
      })
  }

  static func file(_ mask: Mask) throws -> Data { try PNG.encode(mask, bitDepth: 8) }

  /// A label map in which each value has a stripe.
  static func labels(_ values: [Int], width: Int = 24, height: Int = 16) throws -> Data {
    try PNG.encode(
      Raster(
        width: width, height: height, channels: 1, bitDepth: 8,
        samples: (0..<(width * height)).map { pixel in
          UInt16(values[pixel % width * values.count / width])
        }))
  }
}
