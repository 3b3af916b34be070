// How much of each image is marked, and the images in that order.

extension ImageSet {
  /// The share of each image that is marked, 0...1; only of a set with masks.
  public var coverage: [Double] {
    ids.indices.map { Double(area($0)) / Double(size($0).pixels) }
  }

  /// Images without a marked pixel, in the order of the set.
  public var empty: [Int] { ids.indices.filter { area($0) == 0 } }

  /// Images with marked pixels, the smallest masks first.
  public var marked: [Int] { marked(among: Array(ids.indices)) }

  /// Those of some images that have marked pixels, the smallest masks first.
  public func marked(among indices: [Int]) -> [Int] {
    indices.filter { area($0) > 0 }.sorted { (area($0), ids[$0]) < (area($1), ids[$1]) }
  }

  /// The depth of each image, or none of a set without depths.
  public var depths: [Double] { features.compactMap { $0.first.map(Double.init) } }

  /// How many of some images each class of coverage holds, the class of empty masks first.
  public func counts(of classes: CoverageClass, among indices: [Int]? = nil) -> [Int] {
    var counts = [Int](repeating: 0, count: classes.count + 1)
    for index in indices ?? Array(ids.indices) {
      counts[classes.index(area: area(index), pixels: size(index).pixels)] += 1
    }
    return counts
  }
}
