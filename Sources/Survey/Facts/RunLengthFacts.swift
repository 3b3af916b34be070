// The dialect of a competition's run lengths: guessed from the texts, and held against masks that are known.

import Basics
public import Imaging

/// A dialect and what speaks for it.
public struct DialectFacts: Sendable {
  /// The dialect to set.
  public var dialect: RunLength
  /// A sentence of reason.
  public var reason: String
  /// What a person has to look at; nil where masks agree.
  public var doubt: String?

  /// Judges run lengths.
  ///
  /// - Parameters:
  ///   - table: run lengths by image; nil where there is no such table.
  ///   - masks: what is known of mask files, by image; nil where there are none.
  ///   - marking: which pixels of them are marked.
  init(
    _ table: TrainingTable?, sizes: [String: PixelSize], greys: [String: Plane], masks: MaskFacts?,
    marking: MarkRule, severalAnImage: Bool, sample: SampleFacts?
  ) {
    guard let table else {
      dialect = RunLength(empty: sample?.emptyToken ?? "")
      reason =
        "no training table holds run lengths: down columns from 1 is what most competitions want"
      doubt =
        "rle: no file shows its dialect; read how run lengths count pixels on the competition's page"
      return
    }
    let guess = DialectGuess(examples: Self.texts(of: table, sizes, greys))
    if let masks, table.classes == nil {
      let examples =
        severalAnImage
        ? Self.instances(table, masks, marking, guess.dialect)
        : Self.whole(table, masks, marking)
      if examples.contains(where: { !$0.mask.isEmpty }) {
        let check = DialectCheck(of: guess.dialect, examples: examples)
        dialect = check.suggestion ?? guess.dialect
        if check.emptyTokens.isEmpty, !examples.contains(where: \.mask.isEmpty) {
          dialect.empty = sample?.emptyToken ?? dialect.empty
        }
        reason =
          "\(check.bestAgreeing) of \(check.marked) masks that were compared agree with their files"
        doubt =
          check.bestAgreeing == check.marked
          ? nil : "rle: \(check.message ?? reason)"
        return
      }
    }
    dialect = guess.dialect
    if let token = sample?.emptyToken, dialect.empty.isEmpty { dialect.empty = token }
    reason =
      guess.reasons.isEmpty ? "nothing speaks against it" : guess.reasons.joined(separator: "; ")
    doubt =
      guess.undecided.isEmpty
      ? nil : "rle: not told by the data: " + guess.undecided.joined(separator: "; ")
  }

  /// Texts with sizes, and pictures where there are any.
  private static func texts(
    of table: TrainingTable, _ sizes: [String: PixelSize], _ greys: [String: Plane]
  ) -> [DialectGuess.Example] {
    // Those with a picture first: they tell most.
    let ids = table.texts.keys.sorted {
      (greys[$0] == nil ? 1 : 0, $0) < (greys[$1] == nil ? 1 : 0, $1)
    }
    var examples: [DialectGuess.Example] = []
    for id in ids where examples.count < 300 {
      guard let size = sizes[id] else { continue }
      for text in (table.texts[id] ?? []).prefix(20) {
        examples.append(
          .init(text: text, width: size.width, height: size.height, picture: greys[id]))
      }
    }
    return examples
  }

  /// Images with one row and one file.
  private static func whole(
    _ table: TrainingTable, _ masks: MaskFacts, _ rule: MarkRule
  ) -> [DialectCheck.Example] {
    masks.scans.sorted { $0.key < $1.key }.compactMap { id, scans in
      guard scans.count == 1, let texts = table.texts[id], texts.count == 1,
        let mask = try? Mask(scans[0], marked: rule.marking)
      else { return nil }
      return DialectCheck.Example(text: texts[0], mask: mask)
    }
  }

  /// Instances of an image: a row and a file belong together where no other of the image has as many pixels.
  private static func instances(
    _ table: TrainingTable, _ masks: MaskFacts, _ rule: MarkRule, _ dialect: RunLength
  ) -> [DialectCheck.Example] {
    var examples: [DialectCheck.Example] = []
    for (id, scans) in masks.scans.sorted(by: { $0.key < $1.key }) where examples.count < 200 {
      let files = scans.compactMap { try? Mask($0, marked: rule.marking) }
      guard let texts = table.texts[id], let first = files.first else { continue }
      examples += DialectCheck.pairing(
        texts, areas: files.map(\.area), of: dialect, width: first.width, height: first.height
      ).map { .init(text: $0.text, mask: files[$0.instance]) }
    }
    return examples
  }
}
