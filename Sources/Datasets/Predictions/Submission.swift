// The file to upload: masks as run lengths, by the ids and in the order of the sample submission.

public import Basics
public import Foundation
import Imaging

/// What was decided about an image; the same kinds as the truth.
public typealias Prediction = Truth

extension Competition {
  /// Predictions in the competition's own format.
  /// - Parameter prediction: of each of the ids, by its place.
  public func table(ids: [String], prediction: (Int) -> Prediction) throws -> CSV {
    let places = Dictionary(uniqueKeysWithValues: zip(ids, ids.indices))
    return try Submission(SampleRows(ids: ids, of: self), of: self, name: "predictions") { id in
      places[id].map(prediction)
    }.table
  }
}

/// Masks for each row of a sample submission.
public struct Submission: Sendable {
  /// What is to be written: the sample's columns, ids and order.
  public let table: CSV
  /// Rows with an empty mask.
  public let empty: Int
  /// Marked pixels of each row, as a share of its image.
  public let coverage: [Double]
  private let places: [(name: String, size: ImageSize)]
  private let hashes: [Int]
  private let competition: Competition

  /// - Parameters:
  ///   - sample: the sample submission; nil where there is none.
  ///   - ids: the test images, for a submission without a sample.
  ///   - prediction: what was decided about an image; nil where there is none.
  /// - Throws: `InputError` where the sample has other columns than params.yaml says, or an image without a
  ///   prediction.
  public init(
    like sample: CSV?, ids: [String] = [], of competition: Competition,
    prediction: (String) -> Prediction?
  ) throws {
    try self.init(
      sample.map { try SampleRows($0, of: competition) } ?? SampleRows(ids: ids, of: competition),
      of: competition, name: sample?.name ?? "predictions", prediction: prediction)
  }

  init(
    _ sample: SampleRows, of competition: Competition, name: String,
    prediction: (String) -> Prediction?
  ) throws {
    let columns = competition.columns
    var rows: [[String]] = []
    var places: [(String, ImageSize)] = []
    var hashes: [Int] = []
    var empty = 0
    var coverage: [Double] = []
    var last: (image: String, prediction: Prediction)?
    for row in sample.rows {
      if last?.image != row.image {
        guard let found = prediction(row.image) else {
          throw InputError("\(name): \(row.image) has no prediction")
        }
        last = (row.image, found)
      }
      guard let prediction = last?.prediction else { continue }
      let masks = prediction.masks(of: row.classIndex).map { mask in
        competition.rows.size.map { mask.resized(width: $0.width, height: $0.height) } ?? mask
      }
      for mask in masks {
        if mask.isEmpty { empty += 1 }
        coverage.append(mask.coverage)
        rows.append(
          sample.columns.map {
            switch $0 {
            case columns.submitted: competition.rle.encode(mask)
            case columns.id: row.name
            default: competition.classNames[row.classIndex]
            }
          })
        places.append((row.name, ImageSize(width: mask.width, height: mask.height)))
        hashes.append(mask.hashed)
      }
    }
    self.competition = competition
    self.places = places
    self.hashes = hashes
    self.empty = empty
    self.coverage = coverage
    table = CSV(columns: sample.columns, rows: rows)
  }

  /// Rows.
  public var count: Int { places.count }

  /// Reads what was written back: same columns, same ids in the same order, and every mask decodes to the
  /// one that was meant.
  ///
  /// - Throws: `StageFailure` naming the first difference, and the decoder's errors.
  public func check(_ file: URL) throws {
    let written = try CSV(contentsOf: file)
    guard written.columns == table.columns,
      try written.column(competition.columns.id) == places.map(\.name)
    else {
      throw StageFailure(
        "\(file.path): read back, its columns or ids are not those of the sample submission")
    }
    let runs = try written.column(competition.columns.submitted)
    for (index, (runs, place)) in zip(runs, places).enumerated() {
      let decoded = try competition.rle.decode(
        runs, width: place.size.width, height: place.size.height)
      guard decoded.hashed == hashes[index] else {
        throw StageFailure(
          "\(file.path):\(written.lines[index]): \(place.name) decodes to another mask")
      }
    }
  }
}

extension Truth {
  /// The masks of a class, one a row of a submission: of instances one each, or an empty one where there
  /// are none.
  func masks(of class: Int) -> [Mask] {
    switch self {
    case .masks(let masks): return [masks[`class`]]
    case .labels(let map): return [map.mask(of: `class`)]
    case .instances(let map):
      let masks = map.masks.filter { !$0.isEmpty }
      return masks.isEmpty ? [Mask(width: map.width, height: map.height)] : masks
    }
  }
}

extension Mask {
  /// Of its pixels, within one run of the program.
  fileprivate var hashed: Int {
    var hasher = Hasher()
    hasher.combine(width)
    pixels.withUnsafeBytes { hasher.combine(bytes: $0) }
    return hasher.finalize()
  }
}
