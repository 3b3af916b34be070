// Two submissions side by side: what differs between the files, and whether the estimate has risen by more than noise.

import Basics
import Foundation
import Pipeline
import Scores

/// The comparison of two submissions, the first being the old one.
struct SubmissionComparison: Encodable {
  /// One of the two: a submission of the ledger, a file, or both.
  struct Side: Encodable {
    var name: String
    var file: String
    var entry: SubmissionLedger.Entry?

    /// A submission of the ledger.
    init(_ entry: SubmissionLedger.Entry, _ ledger: SubmissionLedger) {
      name = "\(entry.number)"
      file = ledger.file(of: entry).path
      self.entry = entry
    }

    /// A file, which the ledger knows if it has the same bytes.
    init(file url: URL, sha256: String, _ ledger: SubmissionLedger) {
      name = url.lastPathComponent
      file = url.path
      entry = ledger.entries.last { $0.sha256 == sha256 }
    }
  }

  let old: Side
  let new: Side
  /// Nil where a file is no longer kept.
  let difference: SubmissionDifference?
  /// Nil where either has no estimate.
  let gain: ScoreGain?
  /// Files that are no longer kept.
  let missing: [String]

  /// Compares two submissions.
  ///
  /// - Throws: `InputError` where a file isn't a submission of this competition.
  init(_ old: Side, _ new: Side, _ layout: SubmissionLayout, _ history: RunHistory) throws {
    (self.old, self.new) = (old, new)
    missing = [old, new].map(\.file).filter { !FileManager.default.fileExists(atPath: $0) }
    difference =
      missing.isEmpty
      ? try SubmissionDifference(
        from: SubmissionTable(contentsOf: URL(fileURLWithPath: old.file), layout),
        to: SubmissionTable(contentsOf: URL(fileURLWithPath: new.file), layout)) : nil
    if let before = old.entry, let after = new.entry {
      gain = try history.gain(from: before, to: after)
    } else {
      gain = nil
    }
  }

  /// The whole in a line.
  var line: String {
    [gain.map(Self.text), difference.map(Self.changed)].compactMap { $0 }
      .joined(separator: ", ")
  }

  /// "+0.0022 ± 0.0031 (noise, 3,154 images)".
  static func text(_ gain: ScoreGain) -> String {
    let difference = Readable.difference(gain.difference)
    guard let band = gain.band, let basis = gain.basis, let count = gain.count else {
      return "\(difference) (no measure of its noise)"
    }
    let noise = gain.isNoise == true ? "noise, " : ""
    return
      "\(difference) ± \(Readable.number(band)) (\(noise)\(count.formatted()) \(basis.rawValue))"
  }

  private static func changed(_ difference: SubmissionDifference) -> String {
    "\(difference.changed.formatted()) of \(difference.common.formatted()) masks differ"
  }

  /// Prints all of it.
  func show() {
    var rows: [[String]] = []
    for (title, side) in [("old", old), ("new", new)] {
      let entry = side.entry
      rows.append([
        title,
        entry.map { "submission \($0.number), \($0.run)" } ?? side.name,
        entry?.estimate.map { Readable.number($0.mean) } ?? "",
      ])
    }
    TextTable(
      columns: [
        .init(title: "", importance: 3), .init(title: "submission", isElastic: true, importance: 2),
        .init(title: "cv", isNumber: true, importance: 3),
      ], rows: rows
    ).print()
    if let gain {
      print("\nscore       \(Self.text(gain))")
    } else {
      print("\nscore       not known of both, so nothing says which is better")
    }
    if let difference { show(difference) }
    for file in missing { Console.warning("\(file) is gone, so the files can't be compared") }
  }

  private func show(_ difference: SubmissionDifference) {
    print(
      "masks       \(Self.changed(difference))"
        + (difference.onlyOld + difference.onlyNew == 0
          ? ""
          : "; \(difference.onlyOld.formatted()) only in the old one, \(difference.onlyNew.formatted()) only in the new one")
    )
    if let pixels = difference.pixels {
      let share = pixels.total == 0 ? 0 : Double(pixels.gained + pixels.lost) / Double(pixels.total)
      print(
        "pixels      \(pixels.gained.formatted()) gained, \(pixels.lost.formatted()) lost "
          + String(format: "(%.3f %%)", share * 100))
    } else {
      print("pixels      not counted: images have sizes of their own (competition.image)")
    }
    print(
      "empty       \(difference.emptyOld.formatted()) → \(difference.emptyNew.formatted()): "
        + "\(difference.emptied.formatted()) became empty, \(difference.filled.formatted()) no longer are"
    )
  }
}
