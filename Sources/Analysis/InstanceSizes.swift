// How well objects are found by their size: small ones are the hardest.

package import Datasets
import Foundation
public import Notebook

extension Evaluation {
  /// True instances of about one size.
  public struct SizeBin: Sendable, Equatable, Codable {
    /// Pixels of the smallest of them.
    public var least: Int
    /// Pixels of the largest.
    public var most: Int
    /// How many there are.
    public var instances: Int
    /// The share of them that a predicted instance covers with an IoU above 0.5.
    public var found: Double
    /// The mean over them of the largest IoU with a predicted instance; 0 for one that none touches.
    public var meanIoU: Double
  }

  /// True instances in five groups of about as many, from small to large; nil where there are none. Instances of one
  /// size are never divided.
  package static func sizes(_ tallies: [Tally]) -> [SizeBin]? {
    var all: [(area: Int, iou: Double)] = []
    for case let counts? in tallies.flatMap({ $0.classes.map(\.instances) }) {
      var best = [Double](repeating: 0, count: counts.truth.count)
      for pair in counts.pairs {
        let union = counts.truth[pair.truth] + counts.predicted[pair.predicted] - pair.pixels
        best[pair.truth] = max(best[pair.truth], Double(pair.pixels) / Double(union))
      }
      all += zip(counts.truth, best).map { ($0, $1) }
    }
    guard !all.isEmpty else { return nil }
    all.sort { ($0.area, $0.iou) < ($1.area, $1.iou) }
    var bins: [SizeBin] = []
    var start = 0
    for group in 1...5 {
      var end = all.count * group / 5
      while end > 0, end < all.count, all[end].area == all[end - 1].area { end += 1 }
      guard end > start else { continue }
      let some = all[start..<end]
      bins.append(
        SizeBin(
          least: some.first?.area ?? 0, most: some.last?.area ?? 0, instances: some.count,
          found: Double(some.count { $0.iou > 0.5 }) / Double(some.count),
          meanIoU: some.reduce(0) { $0 + $1.iou } / Double(some.count)))
      start = end
    }
    return bins
  }

  /// How many instances of each size are found; nil where there are no instances.
  public var sizeTable: Table? {
    sizes.map { bins in
      Table(
        columns: [
          "pixels of an instance", "instances", "found (IoU above 0.5)", "mean of best IoU",
        ],
        rows: bins.map {
          [
            $0.least == $0.most
              ? $0.least.formatted() : "\($0.least.formatted())–\($0.most.formatted())",
            $0.instances.formatted(), String(format: "%.1f %%", 100 * $0.found),
            decimal($0.meanIoU),
          ]
        })
    }
  }
}
