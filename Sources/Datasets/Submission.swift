// The file to upload: masks as run lengths, by the ids and in the order of the sample submission.

public import Basics
public import Foundation
public import Imaging

extension Competition {
  /// Masks in the competition's own format.
  public func table(of masks: [Mask], ids: [String]) -> CSV {
    CSV(
      columns: [columns.id, columns.mask], rows: zip(ids, masks).map { [$0, rle.encode($1)] })
  }
}

/// A mask for each id of a sample submission.
public struct Submission: Sendable {
  /// The masks, in the order of the sample.
  public let masks: [Mask]
  /// What is to be written: the sample's columns, ids and order.
  public let table: CSV
  private let ids: [String]
  private let competition: Competition

  /// - Parameter mask: an image's mask; nil where there is no prediction.
  /// - Throws: `InputError` where the sample has other columns than params.yaml says, or an id without a
  ///   prediction.
  public init(like sample: CSV, of competition: Competition, mask: (String) -> Mask?) throws {
    let columns = competition.columns
    let ids = try sample.column(columns.id)
    guard sample.columns.count == 2, sample.columns.contains(columns.mask) else {
      throw InputError(
        "\(sample.name): has the columns \(sample.columns.joined(separator: ", ")), but \(columns.id) and "
          + "\(columns.mask) are expected (competition.columns in params.yaml)")
    }
    let masks = try ids.map { id in
      guard let mask = mask(id) else {
        throw InputError("\(sample.name): \(id) has no prediction")
      }
      return mask
    }
    self.competition = competition
    self.ids = ids
    self.masks = masks
    table = CSV(
      columns: sample.columns,
      rows: zip(ids, masks).map { id, mask in
        sample.columns.map { $0 == columns.id ? id : competition.rle.encode(mask) }
      })
  }

  /// Reads what was written back: same columns, same ids in the same order, and every mask decodes to the
  /// one that was meant.
  ///
  /// - Throws: `StageFailure` naming the first difference, and the decoder's errors.
  public func check(_ file: URL) throws {
    let written = try CSV(contentsOf: file)
    guard written.columns == table.columns, try written.column(competition.columns.id) == ids else {
      throw StageFailure(
        "\(file.path): read back, its columns or ids are not those of the sample submission")
    }
    let runs = try written.column(competition.columns.mask)
    for (index, (runs, mask)) in zip(runs, masks).enumerated() {
      let decoded = try competition.rle.decode(runs, width: mask.width, height: mask.height)
      guard decoded == mask else {
        throw StageFailure(
          "\(file.path):\(written.lines[index]): \(ids[index]) decodes to another mask")
      }
    }
  }
}
