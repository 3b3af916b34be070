// Curves of all folds together, with those of another run behind them; and the score.

import Foundation
import Notebook
import Pipeline
import Rendering

extension Sections {
  /// Wide enough for two charts side by side on a desktop.
  private static let (chartWidth, phoneWidth) = (540.0, 350.0)
  /// More points than this can't be told apart in a chart.
  private static let mostPoints = 240

  static func curves(_ charts: [Chart]) -> Markup {
    guard !charts.isEmpty else {
      return #"<p class="quiet">Curves appear with the first epoch of a training.</p>"#
    }
    let figures = charts.map {
      Markup(made: Fragments.html($0, width: chartWidth, phone: phoneWidth))
    }
    return #"<div class="charts">\#(figures)</div>"#
  }

  /// A chart for each number that is told by step, with a line for each instance.
  var curveCharts: [Chart] {
    let all = (situation.run?.instances ?? []).filter { !$0.history.isEmpty }
    var names: [String] = []
    // What stages want drawn comes first.
    for name in all.flatMap(\.drawn) + all.flatMap({ $0.history.last?.metrics.keys.sorted() ?? [] })
    where !names.contains(name) {
      names.append(name)
    }
    for name in ["score of fold", "training loss", "loss of fold"].reversed() {
      if let index = names.firstIndex(of: name) { names.insert(names.remove(at: index), at: 0) }
    }
    return names.prefix(8).map { chart($0, all) }
  }

  private func chart(_ name: String, _ instances: [LiveSnapshot.Instance]) -> Chart {
    var layers: [Chart.Layer] = []
    if let band = band(name) { layers.append(band) }
    var last = 1
    for one in instances {
      let points = Self.points(name, one.history)
      guard !points.isEmpty else { continue }
      last = max(last, points.last?.step ?? 1, Self.steps(one.progress?.note) ?? 1)
      layers.append(
        .line(x: points.map { Double($0.step) }, y: points.map(\.value), name: one.name))
    }
    return Chart(
      title: name.prefix(1).uppercased() + name.dropFirst(),
      x: Chart.Axis("epoch", domain: last > 1 ? 1...Double(last) : nil), y: Chart.Axis(""),
      layers: layers)
  }

  /// From the least to the greatest of the baseline's instances; a line where there is one.
  private func band(_ name: String) -> Chart.Layer? {
    var values: [Int: [Double]] = [:]
    for (_, history) in situation.baseline {
      for point in Self.points(name, history) {
        values[point.step, default: []].append(point.value)
      }
    }
    guard !values.isEmpty else { return nil }
    let steps = values.keys.sorted()
    let lines = steps.map { values[$0] ?? [] }
    let label = "run \(view.baseline)"
    guard lines.contains(where: { $0.count > 1 }) else {
      return .line(x: steps.map(Double.init), y: lines.compactMap(\.first), name: label)
    }
    return .band(
      x: steps.map(Double.init), low: lines.map { $0.min() ?? 0 },
      high: lines.map { $0.max() ?? 0 },
      name: label)
  }

  private static func points(_ name: String, _ history: [MetricPoint]) -> [(
    step: Int, value: Double
  )] {
    let points = history.compactMap { point in
      point.metrics[name].flatMap { $0.isFinite ? (step: point.step, value: $0) : nil }
    }
    guard points.count > mostPoints else { return points }
    let every = (points.count + mostPoints - 1) / mostPoints
    return points.enumerated()
      .filter { $0.offset % every == 0 || $0.offset == points.count - 1 }.map(\.element)
  }

  /// How many epochs there are going to be, where a note such as "epoch 3/20" says so.
  static func steps(_ note: String?) -> Int? {
    guard let note, let start = note.range(of: "epoch ")?.upperBound else { return nil }
    let parts = note[start...].prefix { $0.isNumber || $0 == "/" }.split(separator: "/")
    return parts.count == 2 ? Int(parts[1]).map { min($0, 1_000_000) } : nil
  }

  /// The choice of the run whose curves lie behind.
  var baselineForm: Markup {
    let stages = Set(
      (situation.run?.instances ?? []).filter { !$0.history.isEmpty }.map(\.stage))
    let runs = situation.allRuns.filter { row in
      row.id != situation.run?.run
        && row.ran.contains { stages.contains(String($0.prefix { $0 != "@" })) }
    }
    var ids = runs.prefix(40).map { (id: $0.id, label: Self.label($0)) }
    if !view.baseline.isEmpty, !ids.contains(where: { $0.id == view.baseline }) {
      ids.insert((view.baseline, view.baseline), at: 0)
    }
    guard !ids.isEmpty else { return "" }
    let options = ids.map { one -> Markup in
      #"<option value="\#(one.id)"\#(one.id == view.baseline ? " selected" : "" as Markup)>\#(one.label)</option>"#
    }
    return """
      <form method="get" action="/" class="inline" data-view><label for="baseline-run">Compare with</label> \
      <select id="baseline-run" name="baseline" data-auto><option value="">no other run</option>\(options)</select> \
      <noscript><button>Show</button></noscript></form>
      """
  }

  static func label(_ row: RunRow) -> String {
    let tags = row.tags.isEmpty ? "" : " (\(row.tags.joined(separator: ", ")))"
    return row.started.prefix(16).replacing("T", with: " ") + tags
  }

  // MARK: The score

  var figures: Markup {
    var figures: [Figure] = []
    let folds = (situation.run?.instances ?? []).compactMap { one -> (Double, Int)? in
      one.history.last { $0.metrics["score of fold"] != nil }.map {
        ($0.metrics["score of fold"] ?? 0, $0.step)
      }
    }
    if !folds.isEmpty {
      let mean = folds.reduce(0) { $0 + $1.0 } / Double(folds.count)
      let epochs = folds.map(\.1)
      let when =
        epochs.min() == epochs.max()
        ? "epoch \(epochs[0])" : "epochs \(epochs.min() ?? 0) to \(epochs.max() ?? 0)"
      figures.append(
        Figure(
          "score of folds", Format.decimal(mean, 4),
          note: folds.count == 1 ? "one fold, \(when)" : "mean of \(folds.count), \(when)"))
    }
    let scored = situation.allRuns.compactMap { row in
      row.metrics["evaluate.score"].map { (row: row, score: $0) }
    }
    if let latest = scored.first {
      figures.append(
        Figure("score, out of fold", Format.decimal(latest.score, 4), note: rankText(latest.score)))
    }
    if scored.count > 1, let best = scored.max(by: { $0.score < $1.score }) {
      figures.append(
        Figure("best run", Format.decimal(best.score, 4), note: Self.label(best.row)))
    }
    if let rate = situation.run?.running.compactMap({ one -> String? in
      guard let progress = one.progress, progress.unit == "images" else { return nil }
      return progress.rate.map { Format.decimal($0, $0 < 10 ? 1 : 0) }
    }).first {
      let count = situation.run?.running.count ?? 1
      figures.append(Figure("images a second", rate, note: count > 1 ? "of each that runs" : "now"))
    }
    guard !figures.isEmpty, let html = try? Fragments.html(.figures(figures)) else { return "" }
    return Markup(made: html)
  }

  private func rankText(_ score: Double) -> String? {
    rank(score).map { "about rank \(Format.count($0.rank)) of \(Format.count($0.teams))" }
  }
}
