// Numbers told by step, as charts: which curves share one, what it is called, how its axes run.

package import Notebook

/// The curves of one cell, collected step by step.
///
/// What measures the same shares a chart. What a name measures is its last word before a preposition:
/// "training loss" and "loss of fold" are losses. A name may say so itself instead, by a slash: of
/// "loss/training", the part before it counts, and the part behind it names the curve.
package struct Curves: Equatable {
  /// One number as it was at the steps that have it.
  private struct Series: Equatable {
    var name: String
    var unit: String
    var values: [Int: Double] = [:]
  }

  private var series: [Series] = []
  /// How many steps of a unit there are going to be, as was said last.
  private var totals: [String: Int] = [:]

  /// No curves yet.
  package init() {}

  /// Adds the numbers of a step. What is told of a step twice holds as it was told last.
  package mutating func take(_ metrics: StepMetrics) {
    totals[metrics.unit] = metrics.of ?? totals[metrics.unit]
    for value in metrics.values {
      let known = series.firstIndex { $0.name == value.name && $0.unit == metrics.unit }
      if known == nil { series.append(Series(name: value.name, unit: metrics.unit)) }
      guard let number = value.value else { continue }
      series[known ?? series.count - 1].values[metrics.step] = number
    }
  }

  /// The charts, in the order in which their first curves were told. A chart of which no step has a number
  /// yet is left out.
  package var charts: [Chart] {
    var groups: [(key: [String], series: [Series])] = []
    for one in series {
      let key = [Self.quantity(one.name).lowercased(), one.unit]
      if let index = groups.firstIndex(where: { $0.key == key }) {
        groups[index].series.append(one)
      } else {
        groups.append((key, [one]))
      }
    }
    return groups.map(\.series).filter { $0.contains { !$0.values.isEmpty } }.map(chart)
  }

  private func chart(_ group: [Series]) -> Chart {
    let only = group.count == 1 ? group[0] : nil
    let label = only.map { Self.spoken($0.name) } ?? Self.quantity(group[0].name)
    let unit = group[0].unit
    return Chart(
      title: label.prefix(1).uppercased() + label.dropFirst(), x: axis(unit, group),
      y: Chart.Axis(label),
      layers: group.map { one in
        let steps = one.values.sorted { $0.key < $1.key }
        return .line(
          x: steps.map { Double($0.key) }, y: steps.map(\.value),
          name: only == nil ? Self.curve(one.name) : nil)
      })
  }

  /// From the first step to the last one that there is going to be, so that a curve grows into its chart.
  private func axis(_ unit: String, _ group: [Series]) -> Chart.Axis {
    let steps = group.flatMap(\.values.keys)
    let first = min(1, steps.min() ?? 1)
    let last = max(totals[unit] ?? 1, steps.max() ?? 1)
    return Chart.Axis(unit, domain: first < last ? Double(first)...Double(last) : nil)
  }

  // MARK: Names

  private static let prepositions: Set<Substring> = [
    "after", "at", "before", "by", "for", "from", "in", "of", "on", "over", "per", "to", "with",
    "without",
  ]

  /// What a name measures: "loss" of "training loss", "loss of fold", "val_loss" and "loss/training".
  static func quantity(_ name: String) -> String {
    if let parts = parts(name) { return parts.quantity }
    let words = name.split { $0 == " " || $0 == "_" }
    let head = words.prefix { !prepositions.contains($0) }
    return String(head.last ?? words.last ?? Substring(name))
  }

  /// A curve's name beside others of its chart.
  private static func curve(_ name: String) -> String { parts(name)?.curve ?? name }

  /// A curve's name where it stands alone.
  private static func spoken(_ name: String) -> String {
    parts(name).map { "\($0.quantity), \($0.curve)" } ?? name
  }

  /// The parts of a name with a slash that has something on both sides.
  private static func parts(_ name: String) -> (quantity: String, curve: String)? {
    let parts = name.split(separator: "/", maxSplits: 1)
      .map { $0.drop { $0 == " " } }
      .map { String($0.reversed().drop { $0 == " " }.reversed()) }
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    return (parts[0], parts[1])
  }
}
