// Metrics of two runs side by side, with their differences.

import Pipeline

/// Metrics of two runs as a table.
enum MetricTable {
  static func print(_ metrics: [RunDiff.Metric]) {
    var rows: [[String]] = []
    for metric in metrics {
      let difference = metric.old.flatMap { old in metric.new.map { $0 - old } }
      rows.append([
        "  \(metric.name)", metric.old.map(Readable.number) ?? "",
        metric.new.map(Readable.number) ?? "",
        difference.map(Readable.difference) ?? "", metric.paired.map(band) ?? "",
      ])
      for part in metric.parts {
        rows.append([
          "    @\(part.name)", Readable.number(part.old), Readable.number(part.new),
          Readable.difference(part.difference), "",
        ])
      }
    }
    TextTable(
      columns: [
        .init(title: "  metric", isElastic: true, importance: 5),
        .init(title: "old", isNumber: true, importance: 3),
        .init(title: "new", isNumber: true, importance: 4),
        .init(title: "difference", isNumber: true, importance: 5), .init(title: "", importance: 4),
      ], rows: rows
    ).print()
  }

  static func print(_ parts: [RunDiff.Part], title: String) {
    TextTable(
      columns: [
        .init(title: "    \(title)", isElastic: true, importance: 5),
        .init(title: "old", isNumber: true, importance: 3),
        .init(title: "new", isNumber: true, importance: 4),
        .init(title: "difference", isNumber: true, importance: 5),
      ],
      rows: parts.map {
        [
          "    \($0.name)", Readable.number($0.old), Readable.number($0.new),
          Readable.difference($0.difference),
        ]
      }
    ).print()
  }

  /// "+0.0041 ± 0.0063 (noise)".
  static func text(_ paired: PairedDifference) -> String {
    "\(Readable.difference(paired.mean)) \(band(paired))"
  }

  private static func band(_ paired: PairedDifference) -> String {
    guard let band = paired.band, let isNoise = paired.isNoise else { return "" }
    return "± \(Readable.number(band))" + (isNoise ? " (noise)" : "")
  }
}
