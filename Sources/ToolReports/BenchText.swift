// The text that `work bench` prints for people.

import Foundation

extension BenchReport {
  /// The report as lines of text, no wider than 80 columns.
  public var text: String {
    var lines = [
      "\(model)\(filters.map { " \($0)" } ?? ""), \(channels) x \(size) x \(size), "
        + (classes > 1 ? "\(classes)\(overlapping ? " overlapping" : "") classes, " : "")
        + "batch \(batch): "
        + "\(Self.scaled(parameters)) parameters, \(Self.scaled(multiplyAdds)) multiply-adds an image",
      "\(precision), \(backend) (\(library)), \(instructionSet), "
        + (threads == 1 ? "1 thread" : "\(threads) threads"),
      "",
    ]
    lines += Self.table(
      [
        ["", "ms/image", "best", "GFLOP/s", "steps"],
        [
          "training step", Self.decimal(trainPerImage), Self.decimal(best.train),
          Self.decimal(gflops.train, 0), "\(runs.train)",
        ],
        [
          "inference", Self.decimal(inferPerImage), Self.decimal(best.infer),
          Self.decimal(gflops.infer, 0), "\(runs.infer)",
        ],
      ])
    let names = Set(kinds.train.keys).union(kinds.infer.keys)
      .filter { (kinds.train[$0] ?? 0) + (kinds.infer[$0] ?? 0) > 0 }
      .sorted { (-(kinds.train[$0] ?? 0), $0) < (-(kinds.train[$1] ?? 0), $1) }
    if !names.isEmpty {
      let rows = names.map { name in
        [
          name.replacing("_", with: " "), Self.share(kinds.train[name]),
          Self.share(kinds.infer[name]),
        ]
      }
      lines += [""] + Self.table([["share of time", "training step", "inference"]] + rows)
    }
    lines += [
      "",
      "memory: planned \(Self.megabytes(planned.train)) (training), \(Self.megabytes(planned.infer)) "
        + "(inference); peak of the process \(Self.megabytes(peakMemory))",
    ]
    return lines.joined(separator: "\n")
  }

  private static func share(_ value: Double?) -> String {
    value.map { "\(decimal(100 * $0, 1)) %" } ?? ""
  }

  private static func decimal(_ value: Double, _ places: Int = 2) -> String {
    String(format: "%.*f", places, value)
  }

  /// "0.75 G", "1.9 M", "12 k".
  private static func scaled(_ count: Int) -> String {
    for (scale, name, places) in [(1e9, "G", 2), (1e6, "M", 2), (1e3, "k", 1)]
    where Double(count) >= scale / 2 {
      return "\(decimal(Double(count) / scale, places)) \(name)"
    }
    return "\(count)"
  }

  private static func megabytes(_ bytes: Int) -> String { "\(decimal(Double(bytes) / 1e6, 0)) MB" }

  /// Rows of cells as aligned lines: the first column to the left, the others to the right.
  private static func table(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }
  }
}
