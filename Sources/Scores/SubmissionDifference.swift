// What differs between two submissions: rows, pixels, and masks that became empty or are no longer so.

import Basics
import Imaging

/// The difference of two submissions, the first being the old one.
public struct SubmissionDifference: Sendable, Equatable, Codable {
  /// Pixels of both, where the size of masks is known.
  public struct Pixels: Sendable, Equatable, Codable {
    /// Marked in the new one alone.
    public var gained = 0
    /// Marked in the old one alone.
    public var lost = 0
    /// Of all masks that both have.
    public var total = 0
  }

  /// Masks that both have: an image, an image and class, or all instances of an image.
  public var common = 0
  /// Masks that differ, of those that both have.
  public var changed = 0
  /// Masks that only the old one has.
  public var onlyOld = 0
  /// Masks that only the new one has.
  public var onlyNew = 0
  /// Masks with something marked that are empty in the new one.
  public var emptied = 0
  /// Empty masks in which the new one marks something.
  public var filled = 0
  /// Empty masks of the old one.
  public var emptyOld = 0
  /// Empty masks of the new one.
  public var emptyNew = 0
  /// Pixels that differ; nil where images have sizes of their own.
  public var pixels: Pixels?

  /// Compares two submissions of one competition.
  ///
  /// - Throws: `InputError` with file and line of run lengths that can't be read.
  public init(from old: SubmissionTable, to new: SubmissionTable) throws {
    let layout = new.layout
    let size = layout.size
    var pixels = Pixels()
    for (key, before) in old.masks {
      let wasEmpty = before.texts.allSatisfy(layout.isEmpty)
      if wasEmpty { emptyOld += 1 }
      guard let after = new.masks[key] else {
        onlyOld += 1
        continue
      }
      common += 1
      if let size { pixels.total += size.width * size.height }
      guard before.texts.sorted() != after.texts.sorted() else { continue }
      let isEmpty = after.texts.allSatisfy(layout.isEmpty)
      // One blank more or less is no change.
      if wasEmpty, isEmpty { continue }
      if !wasEmpty, isEmpty { emptied += 1 }
      if wasEmpty, !isEmpty { filled += 1 }
      guard let size else {
        changed += 1
        continue
      }
      let (a, b) = (try old.mask(before, size), try new.mask(after, size))
      var (gained, lost) = (0, 0)
      for (x, y) in zip(a, b) where x != y {
        if y > x { gained += 1 } else { lost += 1 }
      }
      // Other runs of the same pixels, or instances divided otherwise, whose sum is the same.
      if gained + lost > 0 || before.texts.count > 1 || after.texts.count > 1 { changed += 1 }
      pixels.gained += gained
      pixels.lost += lost
    }
    for (key, after) in new.masks {
      if after.texts.allSatisfy(layout.isEmpty) { emptyNew += 1 }
      if old.masks[key] == nil { onlyNew += 1 }
    }
    if size != nil { self.pixels = pixels }
  }
}

extension SubmissionTable {
  /// The pixels of all masks together, 0 or 1.
  fileprivate func mask(_ masks: Masks, _ size: MaskSize) throws -> [UInt8] {
    var pixels: [UInt8] = []
    for text in masks.texts {
      do {
        let mask = try layout.rle.decode(text, width: size.width, height: size.height)
        pixels = pixels.isEmpty ? mask.pixels : zip(pixels, mask.pixels).map { $0 | $1 }
      } catch let error as RunLengthError {
        throw InputError("\(name):\(masks.line): \(error)")
      }
    }
    return pixels
  }
}
