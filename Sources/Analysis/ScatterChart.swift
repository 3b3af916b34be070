// A cloud of points with the trend in it.

public import Notebook

extension Chart {
  /// Each pair as a point, and the mean of `y` in bins of `x` with equally many points: a line with a band
  /// of two standard errors, not below 0.
  public static func scatter(
    _ x: [Double], _ y: [Double], meanOfBins count: Int, title: String, caption: String? = nil,
    x xTitle: String, y yTitle: String
  ) -> Chart {
    let bins = Statistics.binnedMeans(x, y, bins: count)
    return Chart(
      title: title, caption: caption, x: Axis(xTitle), y: Axis(yTitle),
      layers: [
        .points(x: x, y: y, name: "images"),
        .band(
          x: bins.map(\.x), low: bins.map { max(0, $0.mean - 2 * $0.error) },
          high: bins.map { $0.mean + 2 * $0.error }, name: nil),
        .line(x: bins.map(\.x), y: bins.map(\.mean), name: "mean by bin"),
      ])
  }
}
