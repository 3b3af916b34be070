// For every image and threshold, how the thresholded map overlaps with the true mask. Counted once,
// by histograms of bytes; all tuning works on these counts.

import Imaging
import Datasets

struct OverlapTable {
  /// By threshold, then by map.
  let overlaps: [[Overlap]]

  /// - Parameter positions: where each map's image stands in `set`.
  init(_ maps: ProbabilityMaps, truth set: ImageSet, positions: [Int], thresholds: [Double]) {
    let leasts = thresholds.map(PostProcessing.leastByte)
    var overlaps = [[Overlap]](
      repeating: [Overlap](
        repeating: Overlap(truth: 0, predicted: 0, intersection: 0), count: maps.count),
      count: thresholds.count)
    for (index, position) in positions.enumerated() {
      // Pixels with a byte of at least b, for b from 0 to 256.
      var all = [Int](repeating: 0, count: 257)
      var marked = all
      for (byte, bit) in zip(maps.bytes(index), set.mask(position).pixels) {
        all[Int(byte)] += 1
        marked[Int(byte)] += Int(bit)
      }
      for byte in stride(from: 255, through: 0, by: -1) {
        all[byte] += all[byte + 1]
        marked[byte] += marked[byte + 1]
      }
      for (row, least) in leasts.enumerated() {
        overlaps[row][index] = Overlap(
          truth: marked[0], predicted: all[least], intersection: marked[least])
      }
    }
    self.overlaps = overlaps
  }
}
