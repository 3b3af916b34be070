// What the pictures of a family are like: sizes, channels, and which can't be read. Headers are looked at in
// all of them, pixels in some.

import Archive
import Foundation
import Imaging

/// A size in pixels.
public struct PixelSize: Sendable, Hashable {
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int

  /// A size.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Their product.
  public var pixels: Int { width * height }
}

/// What is known of a family of images.
struct PictureFacts: Sendable {
  /// Sizes by id.
  var sizes: [String: PixelSize] = [:]
  /// How many files have so many channels without alpha.
  var colours: [Int: Int] = [:]
  /// Files with alpha.
  var withAlpha = 0
  /// Of them, those whose pixels were looked at and aren't opaque everywhere.
  var transparent = 0
  /// Files by format.
  var formats: [String: Int] = [:]
  /// Bits of a sample, by files.
  var bitDepths: [Int: Int] = [:]
  /// Files whose pixels were looked at.
  var decoded = 0
  /// Of them, those of three colours that differ somewhere.
  var coloured = 0
  /// Of them, those by id, in grey, for telling run lengths by their edges.
  var greys: [String: Plane] = [:]
  /// Files that can't be read, and what was found.
  var problems: [String] = []
  /// The least and the greatest sample of pictures of floating-point samples whose pixels were looked at.
  var floats: ClosedRange<Double>?
  /// How many files were looked at.
  var looked = 0
  /// How many are too large to be looked at.
  var tooLarge = 0

  /// Pixels are looked at in so many images.
  static let sample = 96
  /// A picture larger than this isn't looked at.
  static let limit = 1 << 30
  /// Pixels of a picture with more samples than this aren't looked at.
  static let samples = 1 << 27
  /// Files that together are larger than this are looked at in part.
  static let most: Int64 = 2 << 30

  /// Looks at a family's files.
  ///
  /// - Parameters:
  ///   - ids: the id of each file.
  ///   - decoding: how many images' pixels are looked at.
  /// - Throws: `ArchiveError` for a damaged archive.
  init(of family: PictureFamily, ids: [String], in files: ServedFiles, decoding: Int = sample)
    throws
  {
    guard let archive = files.archive(family.archive) else { return }
    let bytes = family.files.reduce(Int64(0)) { $0 &+ max(0, $1.bytes) }
    let step = max(1, Int((bytes / Self.most).clamped(to: 0...1000)) + 1)
    let small = family.files.indices.filter { family.files[$0].bytes <= Int64(Self.limit) }
    tooLarge = family.files.count - small.count
    let chosen = stride(from: 0, to: small.count, by: step).map { small[$0] }
    let pixels = Set(Sample.spread(chosen.count, over: decoding).map { chosen[$0] })
    let byPath = Dictionary(
      chosen.map { (family.files[$0].path, $0) }, uniquingKeysWith: { first, _ in first })
    try archive.read(Set(byPath.keys), limit: Self.limit) { path, data in
      guard let index = byPath[path] else { return }
      looked += 1
      do {
        try look(data, "\(archive.name): \(path)", id: ids[index], deep: pixels.contains(index))
      } catch {
        problems.append("\(error)")
      }
    }
  }

  private mutating func look(_ data: Data, _ name: String, id: String, deep: Bool) throws {
    let header = try ImageFile.header(data, name: name)
    let colours = header.hasAlpha ? header.channels - 1 : header.channels
    if deep, header.width * header.height * header.channels <= Self.samples {
      let scan = try ImageFile.decode(data, name: name)
      decoded += 1
      if colours == 3, scan.isColoured { coloured += 1 }
      if header.hasAlpha, !scan.isOpaque { transparent += 1 }
      if case .floats(let values) = scan.samples { note(values) }
      if colours == 3 || colours == 1, greys.count < 48, header.width * header.height <= 1 << 22 {
        greys[id] = try Plane(scan, channels: 1)
      }
    }
    sizes[id] = PixelSize(width: header.width, height: header.height)
    self.colours[colours, default: 0] += 1
    if header.hasAlpha { withAlpha += 1 }
    formats[header.format.title, default: 0] += 1
    bitDepths[header.bitDepth, default: 0] += 1
  }

  private mutating func note(_ values: [Float]) {
    let finite = values.lazy.filter(\.isFinite)
    guard let least = finite.min(), let most = finite.max() else { return }
    floats =
      min(
        Double(least), floats?.lowerBound ?? .infinity)...max(
        Double(most), floats?.upperBound ?? -.infinity)
  }

  /// The one size of all; nil where there are several.
  var onlySize: PixelSize? {
    let all = Set(sizes.values)
    return all.count == 1 ? all.first : nil
  }

  /// The median of widths and of heights, each by itself.
  var medianSize: PixelSize {
    let widths = sizes.values.map(\.width).sorted()
    let heights = sizes.values.map(\.height).sorted()
    guard !widths.isEmpty else { return PixelSize(width: 1, height: 1) }
    return PixelSize(width: widths[widths.count / 2], height: heights[heights.count / 2])
  }
}

/// Which of many are looked at.
enum Sample {
  /// Indices below `count`, at most so many, evenly spread.
  static func spread(_ count: Int, over most: Int) -> [Int] {
    guard count > most else { return Array(0..<count) }
    return (0..<most).map { $0 * count / most }
  }
}

extension Comparable {
  /// The nearest value within a range.
  func clamped(to range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }
}
