// Whether the values of label maps number an image's objects, or its classes.

import Imaging

/// What the values of label maps are like, image by image.
struct NumberingFacts: Sendable {
  /// Files with a value but 0.
  private(set) var marked = 0
  /// Of them, those whose values are 1, 2, … without a gap.
  private(set) var numbered = 0
  /// How many values files have beside 0, the different ones.
  private(set) var counts: Set<Int> = []
  /// Values of numbered files, and those of them whose pixels hang together.
  private(set) var values = 0
  private(set) var whole = 0

  /// Pixels in which components are looked for, at most.
  private static let most = 64 << 20
  private var pixels = 0

  /// Looks at a label map of one channel.
  ///
  /// - Parameter counts: its pixels by value.
  mutating func note(_ scan: Scan, _ counts: [Int: Int]) {
    let own = counts.keys.filter { $0 != 0 }
    guard let most = own.max() else { return }
    marked += 1
    self.counts.insert(own.count)
    guard own.count == most else { return }
    numbered += 1
    guard most > 1, pixels + scan.width * scan.height <= Self.most else { return }
    pixels += scan.width * scan.height
    let labels = scan.firstChannel
    let parts = LabelMap(width: scan.width, height: scan.height, labels: labels)
      .components(.eight)
    var owners = [UInt32](repeating: 0, count: parts.count + 1)
    for (label, part) in zip(labels, parts.labels) { owners[Int(part)] = label }
    var partCounts = [Int](repeating: 0, count: most + 1)
    for owner in owners.dropFirst() { partCounts[Int(owner)] += 1 }
    values += most
    whole += partCounts.dropFirst().count { $0 == 1 }
  }

  /// Whether values number objects: they have no gaps in nearly all files, as many as the file has objects, which
  /// differs; and nearly each is one piece. Of a handful of values, some organs of a body would look the same.
  var areObjects: Bool { mayBeObjects && (counts.max() ?? 0) >= 5 && counts.count >= 3 }

  /// Whether values could be numbers of objects as well as classes.
  var mayBeObjects: Bool {
    marked >= 2 && 10 * numbered >= 9 * marked && values > 0 && 5 * whole >= 4 * values
      && counts.count >= 2
  }

  /// In a sentence.
  var summary: String {
    "values 1 to \(counts.min() ?? 0) … \(counts.max() ?? 0) in \(marked) label maps that were looked at, "
      + "\(whole) of \(values) in one piece each: they number objects"
  }
}

extension Scan {
  /// The values of the first channel; whole numbers only.
  fileprivate var firstChannel: [UInt32] {
    func every<Value: BinaryInteger>(_ values: [Value]) -> [UInt32] {
      stride(from: 0, to: values.count, by: channels).map { UInt32(values[$0]) }
    }
    return switch samples {
    case .bytes(let values): every(values)
    case .words(let values): every(values)
    case .floats: []
    }
  }
}
