// Masks as picture files, for competitions that take an archive of them instead of run lengths.

import Basics
public import Foundation
import Imaging

/// Writes predictions as grey pictures, and reads them back.
///
/// A mask holds 0 and `competition.submission.marked`; a label map the values of its classes, and where a pixel
/// counts for nothing `ignore`; a map of instances their numbers, from 1, and 0. All of them are scaled to
/// `competition.submission.size` by the nearest pixel, as the masks of the table are.
public struct MaskPictures: Sendable {
  /// One file of the archive.
  public struct File: Sendable, Equatable {
    /// Its path in the archive.
    public var path: String
    /// Its bytes.
    public var data: Data
  }

  private let competition: Competition
  private let pattern: String

  /// Nil where the competition takes no pictures (`competition.submission.archive`).
  public init?(of competition: Competition) {
    guard competition.rows.archive != nil, let file = competition.rows.file else { return nil }
    self.competition = competition
    pattern = file
  }

  /// The files of an image: one, or one a class where classes may overlap.
  /// - Throws: `InputError` where a value doesn't fit 16 bit, or a file that was just made doesn't read back as
  ///   what was meant.
  public func files(of id: String, _ prediction: Prediction) throws -> [File] {
    let grids: [(name: String, Grid)] =
      switch prediction {
      case .masks(let masks):
        zip(competition.classNames, masks).map { name, mask in
          let marked = competition.rows.marked ?? 255
          return (name, Grid(mask.width, mask.height, mask.pixels.map { $0 == 0 ? 0 : marked }))
        }
      case .labels(let map):
        [("", Grid(map.width, map.height, map.labels.map(competition.value)))]
      case .instances(let map):
        [("", Grid(map.width, map.height, map.labels.map(Int.init)))]
      }
    return try grids.map { name, grid in
      let path = pattern.replacingOccurrences(of: "{id}", with: id)
        .replacingOccurrences(of: "{class}", with: name)
      guard var raster = grid.raster else {
        throw InputError("\(path): a value of the mask is below 0 or above 65,535")
      }
      if let size = competition.rows.size {
        raster = raster.resized(width: size.width, height: size.height)
      }
      let data =
        try path.lowercased().hasSuffix(".png") ? PNG.encode(raster) : TIFF.encode(raster)
      let read = try ImageFile.decode(data, name: path)
      guard (read.width, read.height) == (raster.width, raster.height),
        read.wholeSamples == raster.samples
      else { throw InputError("\(path): read back, it is another mask") }
      return File(path: path, data: data)
    }
  }
}

/// Values to be written.
private struct Grid {
  var width: Int
  var height: Int
  var values: [Int]

  init(_ width: Int, _ height: Int, _ values: [Int]) {
    self.width = width
    self.height = height
    self.values = values
  }

  /// At 8 bit where that is enough; nil where 16 aren't.
  var raster: Raster? {
    guard let most = values.max(), (values.min() ?? 0) >= 0, most <= 65535 else { return nil }
    return Raster(
      width: width, height: height, channels: 1, bitDepth: most > 255 ? 16 : 8,
      samples: values.map { UInt16($0) })
  }
}

extension Competition {
  /// The value in label maps of a class.
  fileprivate func value(of label: UInt8) -> Int {
    guard label != Truth.ignored else { return classes?.ignore ?? 0 }
    return classes?.values?[Int(label)] ?? Int(label)
  }
}

extension Scan {
  /// The samples as numbers of 16 bit; nil where they are fractions.
  fileprivate var wholeSamples: [UInt16]? {
    switch samples {
    case .bytes(let bytes): bytes.map(UInt16.init)
    case .words(let words): words
    case .floats: nil
    }
  }
}
