// Masks with holes filled and small parts removed, and what that does to their overlap with the truth.

import Datasets
import Imaging

/// What becomes of a thresholded mask before its area is looked at: first holes are filled, then small parts removed.
struct MaskCleaning: Sendable, Hashable {
  /// Holes of up to so many pixels are filled; 0: none is.
  var holes = 0
  /// Connected parts with fewer pixels are removed; 0: none is.
  var parts = 0

  /// A mask stays as it is.
  var isNone: Bool { holes <= 0 && parts <= 1 }

  func callAsFunction(_ mask: Mask) -> Mask {
    (holes > 0 ? mask.fillingHoles(upTo: holes) : mask).removingParts(smallerThan: parts)
  }

  /// What a mask has in common with the true one after each of several cleanings. Parts are found once for all that
  /// fill the same holes.
  static func overlaps(of mask: Mask, truth: Mask, cleanings: [MaskCleaning]) -> [Overlap] {
    var found: [Int: (areas: [Int], hits: [Int])] = [:]
    let truthArea = truth.area
    return cleanings.map { cleaning in
      let parts = found[cleaning.holes] ?? Self.parts(of: mask, truth, holes: cleaning.holes)
      found[cleaning.holes] = parts
      var overlap = Overlap(truth: truthArea, predicted: 0, intersection: 0)
      for (area, hits) in zip(parts.areas, parts.hits) where area >= cleaning.parts {
        overlap.predicted += area
        overlap.intersection += hits
      }
      return overlap
    }
  }

  /// The pixels of each part, and how many of them the truth has.
  private static func parts(of mask: Mask, _ truth: Mask, holes: Int) -> (areas: [Int], hits: [Int])
  {
    let filled = holes > 0 ? mask.fillingHoles(upTo: holes) : mask
    let parts = LabelMap(components: filled, connectivity: .eight)
    var hits = [Int](repeating: 0, count: parts.count + 1)
    for (label, bit) in zip(parts.labels, truth.pixels) where bit != 0 { hits[Int(label)] += 1 }
    return (parts.areas, Array(hits.dropFirst()))
  }
}
