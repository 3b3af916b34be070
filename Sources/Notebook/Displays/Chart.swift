// A chart as data: what is drawn, never how. Rendering turns it into SVG; a record keeps it as
// JSON.

/// A chart: a title, a caption that says what to see, two axes and the layers drawn over them.
public struct Chart: Codable, Sendable, Equatable {
  /// One axis: its label (with the unit, as in "depth (feet)") and how values are laid along it.
  public struct Axis: Codable, Sendable, Equatable {
    /// How a value is turned into a place on the axis.
    public enum Scale: String, Codable, Sendable { case linear, log }

    /// What is measured, with the unit.
    public var label: String
    /// How values are laid along the axis.
    public var scale: Scale
    /// The ends of the axis, in data units; found from the data where absent.
    public var domain: [Double]?
    /// Names for the places 0, 1, 2 … where the axis counts categories instead of measuring.
    public var categories: [String]?

    /// An axis with a label that carries the unit.
    public init(
      _ label: String, scale: Scale = .linear, domain: ClosedRange<Double>? = nil,
      categories: [String]? = nil
    ) {
      self.label = label
      self.scale = scale
      self.domain = domain.map { [$0.lowerBound, $0.upperBound] }
      self.categories = categories
    }
  }

  /// What the axes carry, drawn in order. `name` puts a layer into the legend.
  public enum Layer: Codable, Sendable, Equatable {
    /// Bars from `edges[i]` to `edges[i + 1]` of height `heights[i]`; on a category axis bar i
    /// stands at place i and `edges` is empty.
    case bars(edges: [Double], heights: [Double], name: String?)
    /// A line through (x, y), in order.
    case line(x: [Double], y: [Double], name: String?)
    /// One dot for every (x, y).
    case points(x: [Double], y: [Double], name: String?)
    /// The area between `low` and `high` over x.
    case band(x: [Double], low: [Double], high: [Double], name: String?)
    /// A straight rule across the chart, at x or at y, with its label.
    case rule(x: Double?, y: Double?, label: String)
  }

  /// The heading of the chart.
  public var title: String
  /// What to see in it, in words.
  public var caption: String?
  /// The axis along the chart.
  public var x: Axis
  /// The axis up the chart.
  public var y: Axis
  /// What is drawn, in order.
  public var layers: [Layer]

  /// A chart of any layers.
  public init(title: String, caption: String? = nil, x: Axis, y: Axis, layers: [Layer]) {
    self.title = title
    self.caption = caption
    self.x = x
    self.y = y
    self.layers = layers
  }
}

extension Chart {
  /// Values counted in equal bins; several named series are drawn over each other on the same bins.
  ///
  /// Values that are not finite are left out. With no values at all the chart is empty, not an
  /// error.
  public static func histogram(
    _ series: [(name: String?, values: [Double])], bins: Int = 30, title: String,
    caption: String? = nil, x: String, y: String = "count"
  ) -> Chart {
    let bins = max(1, bins)
    let finite = series.map { $0.values.filter(\.isFinite) }
    let low = finite.joined().min() ?? 0
    var high = finite.joined().max() ?? 1
    if high <= low { high = low + max(1, low.magnitude * 1e-6) }
    // Halves, since the span of two finite numbers may be infinite.
    let halfSpan = high / 2 - low / 2
    let edges = (0...bins).map { index -> Double in
      let share = Double(index) / Double(bins)
      return index == bins ? high : low + (share * halfSpan) * 2
    }
    let layers = zip(series, finite).map { one, values -> Layer in
      var counts = [Double](repeating: 0, count: bins)
      for value in values {
        let share = (value / 2 - low / 2) / halfSpan
        counts[max(0, min(bins - 1, Int(share * Double(bins))))] += 1
      }
      return .bars(edges: edges, heights: counts, name: one.name)
    }
    return Chart(title: title, caption: caption, x: Axis(x), y: Axis(y), layers: layers)
  }

  /// Values of one series counted in equal bins.
  public static func histogram(
    _ values: [Double], bins: Int = 30, title: String, caption: String? = nil, x: String,
    y: String = "count"
  ) -> Chart {
    histogram([(nil, values)], bins: bins, title: title, caption: caption, x: x, y: y)
  }

  /// One bar for each named category.
  public static func bars(
    _ bars: [(name: String, value: Double)], title: String, caption: String? = nil, x: String,
    y: String
  ) -> Chart {
    Chart(
      title: title, caption: caption, x: Axis(x, categories: bars.map(\.name)), y: Axis(y),
      layers: [.bars(edges: [], heights: bars.map(\.value), name: nil)])
  }
}
