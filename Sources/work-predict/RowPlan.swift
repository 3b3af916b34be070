// Which rows the submission has: those of a sample submission, or one (of several classes: one each) for every image.
// A hidden test set comes with a sample of its own, without any, or with the public test set's, which fits no more.

import Basics
import Bundles
import Datasets
import Foundation
import Hashing

/// The rows of a submission and the images they are of.
struct RowPlan {
  /// The rows, in the columns of a sample submission.
  let table: CSV
  /// The image of each row.
  let imageOfRow: [String]
  /// The images, each once, in the order of the rows.
  let images: [String]
  /// Images that are there and have no row.
  let leftOut: Int
  /// What a user should know.
  let notes: [String]

  /// - Parameters:
  ///   - ids: of the images that are there, sorted.
  ///   - found: the sample submission of the competition's folder; nil where there is none.
  /// - Throws: `InputError` and `StageFailure` for a sample that can't be used.
  init(
    _ competition: Competition, ids: [String], found: URL?, choice: PredictOptions.Sample,
    known: BundleManifest.Sample?
  ) throws {
    var notes: [String] = []
    var file: URL?
    switch choice {
    case .none: break
    case .file(let path): file = URL(fileURLWithPath: path)
    case .found: file = found
    }
    let there = Set(ids)
    if let sample = file {
      let table = try CSV(contentsOf: sample)
      let named = Set(try SampleRows(table, of: competition).images)
      let digest = Digest.hex(of: [UInt8](try Data(contentsOf: sample)))
      let isPublic = choice == .found && digest == known?.sha256
      let missing = named.subtracting(there).count
      let extra = there.subtracting(named).count
      // Other images with the sample of the public ones: these are the hidden test set's.
      if isPublic, missing > 0 || extra > 0 && known?.leavesOut == 0 {
        notes.append(
          "the sample submission is the public test set's, and \(missing) of its images aren't there, \(extra) others are: "
            + "the submission gets rows for the images that are there")
        file = nil
      } else if extra > 0, known?.leavesOut != extra || !isPublic {
        notes.append(
          "\(extra) images have no row in the sample submission and are left out; --sample none predicts them, too"
        )
      }
    } else if known != nil, choice == .found {
      notes.append("there is no sample submission: the submission gets rows for all images")
    }
    table =
      try file.map { try CSV(contentsOf: $0) } ?? Self.sample(competition, ids, known?.columns)
    let rows = try SampleRows(table, of: competition)
    images = rows.images
    // An image of instances may have several rows in a sample.
    imageOfRow =
      rows.rows.count == table.rows.count
      ? rows.rows.map(\.image) : try table.column(competition.columns.id)
    leftOut = there.subtracting(images).count
    self.notes = notes
  }

  /// What a sample submission of these images would be.
  private static func sample(
    _ competition: Competition, _ ids: [String], _ columns: [String]?
  ) throws -> CSV {
    let table = try competition.table(ids: ids) { _ in competition.nothing }
    guard let columns, Set(columns) == Set(table.columns) else { return table }
    let places = columns.compactMap { table.columns.firstIndex(of: $0) }
    return CSV(columns: columns, rows: table.rows.map { row in places.map { row[$0] } })
  }
}

extension Competition {
  /// A prediction of one pixel without a mark.
  var nothing: Prediction {
    switch targets {
    case .mask: .masks(classNames.map { _ in Mask(width: 1, height: 1) })
    case .labels: .labels(ClassMap(width: 1, height: 1, labels: [0]))
    case .instances: .instances(LabelMap(width: 1, height: 1))
    }
  }
}
