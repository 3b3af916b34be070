// The look at a competition's files: which are images, masks and tables, and what they are like.

import Basics
public import Foundation
import Imaging

/// Looks at the files of a competition as Kaggle serves them. Nothing is unpacked to the disk, but for archives inside
/// an archive, which are copied to the folder for temporary files meanwhile.
public struct Survey {
  let files: ServedFiles
  let tables: ServedTables
  var findings = Findings()

  /// Looks at a folder.
  ///
  /// - Parameter progress: told what is looked at, in a few words.
  /// - Throws: `InputError` where images, a target or the sample submission can't be found, with what was
  ///   found instead; `ArchiveError` for a damaged archive.
  public static func look(
    at folder: URL, progress: (String) -> Void = { _ in }
  ) throws -> Findings {
    progress("the list of files")
    let files = try ServedFiles(of: folder)
    progress("tables")
    var survey = Survey(files: files, tables: try ServedTables(of: files))
    try survey.run(progress)
    return survey.findings
  }

  private init(files: ServedFiles, tables: ServedTables) {
    (self.files, self.tables) = (files, tables)
  }

  private mutating func run(_ progress: (String) -> Void) throws {
    let parts = try PictureParts(files, tables)
    let places = try Places(parts, files, tables)
    progress("\(parts.train.family.files.count) training images")
    let train = try PictureFacts(of: parts.train.family, ids: parts.train.ids.ids, in: files)
    progress("\(parts.test.family.files.count) test images")
    let test = try PictureFacts(
      of: parts.test.family, ids: parts.test.ids.ids, in: files, decoding: 8)
    guard !train.sizes.isEmpty else {
      throw InputError(
        "\(parts.train.family.title): none of the \(train.looked) training images can be read; the first: "
          + (train.problems.first ?? "none is there"))
    }
    var masks: MaskFacts?
    if let (family, pattern) = parts.masks {
      progress("masks")
      masks = try MaskFacts(of: family, pattern, sizes: train.sizes, in: files)
    }
    let sample = try findSample(parts)
    let trainIDs = Set(parts.train.ids.ids)
    var table = TrainingTable(
      among: tables.tables.filter { $0.name != sample.table.name }, ids: trainIDs)
    // Pictures of masks say more, and rows of run lengths that name as many images.
    let annotations =
      masks == nil
      ? TrainingAnnotations(
        among: tables.annotations, ids: trainIDs, besides: table.map { Set($0.texts.keys) }) : nil
    if annotations != nil { table = nil }
    notePictures(parts, train, test)
    if let annotations {
      noteAnnotations(annotations, sample)
    } else {
      try noteTarget(parts, masks, table, sample)
    }
    noteRunLengths(masks, table, train, sample)
    noteSubmission(sample)
    noteDepths(parts, places, taken: [sample.table.name, table?.table.name ?? ""])
    noteMissing(parts, table, annotations)
    noteGroups(parts, places, sample)
    notePlaces(parts, places, table, annotations, sample)
  }

  private func findSample(_ parts: PictureParts) throws -> SampleFacts {
    if let sample = SampleFacts.find(among: tables.tables, ids: Set(parts.test.ids.ids)) {
      return sample
    }
    let test = parts.test.family
    guard let table = SampleFacts.named(among: tables.tables) else {
      let names = tables.tables.map(\.name).joined(separator: ", ")
      let problems = tables.problems.map { " \($0)." }.joined()
      throw InputError(
        "\(files.folder.path): no sample submission: no table is called so or names the test images (there are: "
          + "\(names.isEmpty ? "none" : names)).\(problems) A submission must look like one; put it there as "
          + "sample_submission.csv")
    }
    throw InputError(
      "\(table.name): none of its columns (\(table.csv.columns.joined(separator: ", "))) names the test images: it has "
        + "ids such as “\(table.csv.rows.first?.first ?? "")”, and the files are called such as "
        + "“\(test.files.first?.path ?? "")” (\(test.archive))")
  }
}
