// For every image, class and threshold, how the thresholded map overlaps with the true mask. Counted once,
// by histograms of bytes, or mask by mask where they are cleaned; all tuning works on these counts.

import Datasets
import Imaging

struct OverlapTable {
  /// By row, then by map, then by class.
  let overlaps: [[[Overlap]]]

  /// A threshold, and how the mask is cleaned.
  struct Row: Hashable {
    var threshold: Double
    var cleaning = MaskCleaning()
  }

  /// - Parameter positions: where each map's image stands in `set`.
  init(
    _ maps: ProbabilityMaps, truth set: ImageSet, positions: [Int], rows: [Row], threads: Int,
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws {
    let leasts = rows.map { PostProcessing.leastByte(above: $0.threshold) }
    // Rows with the same mask before it is cleaned.
    let cleaned = Dictionary(
      grouping: rows.indices.filter { !rows[$0].cleaning.isNone }, by: { leasts[$0] })
    let ofMaps = try concurrentMap(count: maps.count, threads: threads, progress: progress) {
      index in
      (0..<maps.channels).map { channel in
        let bytes = maps.bytes(index, channel: channel)
        let truth = set.mask(positions[index], of: channel)
        var overlaps = Self.overlaps(bytes, truth, leasts)
        for (least, rowsOfMask) in cleaned {
          let mask = Mask(
            width: truth.width, height: truth.height,
            pixels: bytes.map { Int($0) >= least ? 1 : 0 })
          let found = MaskCleaning.overlaps(
            of: mask, truth: truth, cleanings: rowsOfMask.map { rows[$0].cleaning })
          for (row, overlap) in zip(rowsOfMask, found) { overlaps[row] = overlap }
        }
        return overlaps
      }
    }
    overlaps = leasts.indices.map { row in ofMaps.map { $0.map { $0[row] } } }
  }

  private static func overlaps(_ bytes: [UInt8], _ mask: Mask, _ leasts: [Int]) -> [Overlap] {
    // Pixels with a byte of at least b, for b from 0 to 256.
    var all = [Int](repeating: 0, count: 257)
    var marked = all
    for (byte, bit) in zip(bytes, mask.pixels) {
      all[Int(byte)] += 1
      marked[Int(byte)] += Int(bit)
    }
    for byte in stride(from: 255, through: 0, by: -1) {
      all[byte] += all[byte + 1]
      marked[byte] += marked[byte + 1]
    }
    return leasts.map {
      Overlap(truth: marked[0], predicted: all[$0], intersection: marked[$0])
    }
  }
}
