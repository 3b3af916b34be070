// Classes of masks by the share of the image that they cover: for balanced folds and scores by bin.

/// Class 0 holds empty masks; the others divide coverage (0...1] evenly.
public struct CoverageClass: Sendable, Equatable, Codable {
  /// Classes of masks that are not empty, at least 1.
  public let count: Int

  /// - Parameter count: classes of masks that are not empty, at least 1.
  public init(count: Int = 10) {
    precondition(count >= 1, "coverage needs at least one class")
    self.count = count
  }

  /// The class of a mask with `area` of `pixels` pixels, 0...count: class k > 0 covers
  /// ((k - 1) / count, k / count]. In whole numbers, so that edges belong where they are said to.
  public func index(area: Int, pixels: Int) -> Int {
    (area * count + pixels - 1) / pixels
  }

  /// For people: "empty", "0–10 %" …
  public func label(_ index: Int) -> String {
    guard index > 0 else { return "empty" }
    func percent(_ part: Int) -> String {
      let value = (Double(part) / Double(count) * 1000).rounded() / 10
      return value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
    return "\(percent(index - 1))–\(percent(index)) %"
  }
}
