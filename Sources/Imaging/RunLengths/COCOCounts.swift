// COCO's run lengths: counts of pixels that are unmarked and marked by turns, and the text into
// which its tools compress them.

/// Lengths of runs, the first of unmarked pixels (perhaps none).
struct COCOCounts: Equatable {
  var counts: [Int]

  init(counts: [Int]) { self.counts = counts }

  /// - Parameter runs: of marked pixels, in order, each with a pixel.
  init(_ runs: [Range<Int>], pixels: Int) {
    counts = []
    var end = 0
    for run in runs {
      counts.append(run.lowerBound - end)
      counts.append(run.count)
      end = run.upperBound
    }
    if end < pixels || counts.isEmpty { counts.append(pixels - end) }
  }

  /// As in pycocotools' `rleToString`: from the fourth count on the difference to the count two
  /// before, in groups of five bits from the lowest, each with a bit that tells whether more
  /// follow, as characters from "0" on.
  var compressed: String {
    var bytes: [UInt8] = []
    for (index, count) in counts.enumerated() {
      var rest = index > 2 ? count - counts[index - 2] : count
      var more = true
      while more {
        var group = UInt8(truncatingIfNeeded: rest & 0x1F)
        rest >>= 5
        more = group & 0x10 == 0 ? rest != 0 : rest != -1
        if more { group |= 0x20 }
        bytes.append(group + 48)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads compressed text; nil where it isn't such.
  init?(compressed text: Substring) {
    counts = []
    var value = 0
    var shift = 0
    for byte in text.utf8 {
      guard (48..<112).contains(byte), shift < 60 else { return nil }
      let group = Int(byte - 48)
      value |= (group & 0x1F) << shift
      shift += 5
      guard group & 0x20 == 0 else { continue }
      if group & 0x10 != 0 { value |= -1 << shift }
      if counts.count > 2 {
        let (sum, overflow) = value.addingReportingOverflow(counts[counts.count - 2])
        guard !overflow else { return nil }
        value = sum
      }
      counts.append(value)
      (value, shift) = (0, 0)
    }
    guard shift == 0 else { return nil }
  }
}
