// For every image, class and threshold, how the thresholded map overlaps with the true mask. Counted once,
// by histograms of bytes; all tuning works on these counts.

import Datasets
import Imaging

struct OverlapTable {
  /// By threshold, then by map, then by class.
  let overlaps: [[[Overlap]]]

  /// - Parameter positions: where each map's image stands in `set`.
  init(
    _ maps: ProbabilityMaps, truth set: ImageSet, positions: [Int], thresholds: [Double],
    threads: Int
  ) throws {
    let leasts = thresholds.map(PostProcessing.leastByte)
    let ofMaps = try concurrentMap(count: maps.count, threads: threads) { index in
      (0..<maps.channels).map { channel in
        Self.overlaps(
          maps.bytes(index, channel: channel), set.mask(positions[index], of: channel), leasts)
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
