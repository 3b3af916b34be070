// Whether run lengths are read as they are meant, where no mask file shows it; asked before anything is trained.

import Basics
import Foundation
import Imaging
public import Workbench

extension Stage {
  /// Reads some run lengths of the training table in the dialect of params.yaml and in the one that they look like.
  /// There have to be no mask files, with which `checkTargets` compares.
  ///
  /// What only might be otherwise is a warning.
  ///
  /// - Throws: `StageFailure` with what to set, where the dialect of params.yaml can't be right: texts leave the image
  ///   or are out of order, marks are stripes, or don't follow the pictures, and in another dialect they do.
  public func checkRunLengths() throws {
    let competition = try competition()
    guard competition.files.trainMasks == nil, let name = competition.files.trainTable,
      let rows = try MaskTable(contentsOf: input(name), name, of: competition).rows
    else { return }
    let examples = try examples(rows, competition)
    let guess = DialectGuess(from: competition.rle, examples: examples)
    guard guess.dialect != competition.rle else { return }
    let evidence = DialectQuality(of: guess.dialect, examples)
      .evidence(against: DialectQuality(of: competition.rle, examples))
    if let evidence {
      throw StageFailure(
        "\(name): in the dialect of params.yaml (competition.rle) \(evidence)", exit: .badInput)
    }
    warn(
      "\(name): \(guess.reasons.joined(separator: "; ")). params.yaml has it otherwise (competition.rle): look at "
        + "the masks on the page of eda")
  }

  /// Run lengths of some images, spread over all, with the pictures of some of these.
  private func examples(
    _ rows: [String: [TruthSource.Row]], _ competition: Competition
  ) throws -> [DialectGuess.Example] {
    let files = try patternFiles(competition.files.trainImages)
    let labelled = files.ids.filter { id in
      rows[id]?.contains { $0.text.contains { !$0.isWhitespace } } == true
    }
    var options = DecodingOptions()
    options.orientation = competition.image.orientation ?? .ignore
    var pictures = 0
    return evenly(120, of: labelled).flatMap { id -> [DialectGuess.Example] in
      let url = files.file(of: id)
      // What can't be read is told when all images are.
      guard let header = try? ImageFile.header(contentsOf: url, options: options) else { return [] }
      var picture: Plane?
      if pictures < 60, header.width * header.height <= 1 << 22,
        let scan = try? ImageFile.decode(contentsOf: url, options: options)
      {
        pictures += 1
        picture = try? Plane(scan, channels: 1)
      }
      return (rows[id] ?? []).prefix(20).map {
        .init(text: $0.text, width: header.width, height: header.height, picture: picture)
      }
    }
  }
}
