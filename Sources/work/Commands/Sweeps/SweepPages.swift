// The page of a sweep: what Rendering is told of it.

import Basics
import Foundation
import Notebook
import Pipeline
import Rendering

enum SweepPages {
  /// The page's name in `.work/pages`, without its ending.
  static func name(_ id: Int) -> String { "sweep-\(id)" }

  /// Writes the page of a sweep.
  ///
  /// - Throws: `FileError` where it can't be written.
  @discardableResult
  static func write(_ sweep: Sweep, _ workspace: Workspace, isRunning: Bool) throws -> URL {
    let file = Pages.file(of: name(sweep.id), workspace)
    try WholeFile.makeFolder(workspace.pages)
    try page(sweep, isRunning: isRunning).write(to: file)
    return file
  }

  /// What the page shows.
  static func page(_ sweep: Sweep, isRunning: Bool) -> SweepPage {
    let (done, all) = (sweep.ranking.count, sweep.settings.count)
    let status = status(sweep, isRunning: isRunning)
    var page = SweepPage(
      title: "Sweep \(sweep.id)",
      lead: sweep.request.assignments.joined(separator: " · "), status: status,
      settings: table(sweep))
    page.meta = [
      "\(done) of \(all) settings done", Readable.duration(sweep.spentSeconds),
      "begun \(sweep.created.prefix(16).replacing("T", with: " ")) UTC",
    ]
    if let random = sweep.request.random {
      page.meta.append("\(random) drawn at random, seed \(sweep.request.seed)")
    }
    page.figures = figures(sweep)
    page.remarks = remarks(sweep)
    page.plot = plot(sweep)
    page.effects = sweep.effects.map { effect in
      SweepPage.Effect(
        name: effect.key,
        verdict: effect.isNoise.map { $0 ? .noise : .matters } ?? .unknown,
        sentence: capitalized(effect.sentence(sweep)), chart: chart(effect, sweep),
        table: table(effect, sweep))
    }
    return page
  }

  private static func status(_ sweep: Sweep, isRunning: Bool) -> Book.Status {
    if isRunning { return .running }
    if !sweep.settings(.failed).isEmpty { return .failed }
    return sweep.isOpen ? .interrupted : .done
  }

  /// Lines of the index of pages, a sweep that has a page each.
  static func entries(_ workspace: Workspace) -> [Book.Instance] {
    let sweeps = Sweeps(workspace)
    return sweeps.ids().compactMap { id in
      guard WholeFile.exists(Pages.file(of: name(id), workspace)), let sweep = try? sweeps.sweep(id)
      else { return nil }
      return Book.Instance(
        name: name(id),
        status: status(sweep, isRunning: !sweep.settings(.running).isEmpty),
        seconds: sweep.spentSeconds, page: "\(name(id)).html")
    }
  }

  private static func capitalized(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }

  private static func figures(_ sweep: Sweep) -> [Figure] {
    guard let best = sweep.best, let score = best.score else { return [] }
    let spread = best.spread.map { ", folds ± \(Readable.number($0))" } ?? ""
    var figures = [
      Figure(
        "best \(sweep.request.metric)", Readable.number(score),
        note: "setting \(best.number)\(spread)")
    ]
    if let worst = sweep.ranking.last, worst.number != best.number, let low = worst.score {
      figures.append(
        Figure("worst", Readable.number(low), note: "setting \(worst.number)"))
      let middle = sweep.ranking[sweep.ranking.count / 2]
      figures.append(
        Figure("median", Readable.number(middle.score ?? 0), note: "setting \(middle.number)"))
    }
    return figures
  }

  /// What to type, and what to keep in mind. Markdown, in which names are code and nothing else.
  private static func remarks(_ sweep: Sweep) -> String {
    guard let best = sweep.best else { return "" }
    // A fence longer than any run of backticks in it.
    let command = sweep.command(best)
    let longest = command.split { $0 != "`" }.map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return
      "The best setting again, as a run of everything (`work sweep --resume \(sweep.id) --apply` writes it into "
      + "params.yaml):\n\n\(fence)\n\(command.replacing("\n", with: " "))\n\(fence)\n\n"
      + "The best of many is a little lucky: of settings within each other's noise, the simpler one is the better choice."
  }

  private static func table(_ sweep: Sweep) -> Table {
    let keys = sweep.variedKeys
    let rungs = sweep.rungEpochs
    let shownKeys = keys.isEmpty ? Array(sweep.keys.indices) : keys
    return Table(
      caption:
        "The best first. ± is the standard deviation over folds, which is mostly how folds differ; settings share "
        + "it. work runs diff RUN RUN compares two in pairs.",
      columns: ["#", sweep.request.metric, "±"] + rungs.map { "epoch \($0)" }
        + shownKeys.map { sweep.keys[$0] } + ["took", "run", "state"],
      rows: sweep.sorted.map { setting in
        sweep.cells(
          setting, rungs: rungs, keys: shownKeys,
          state: setting.state.rawValue + (setting.error.map { ": \($0)" } ?? ""))
      })
  }

  // MARK: Charts

  /// With more different numbers, an axis measures instead of naming each.
  private static let mostNames = 8

  /// Numbers in a row where they span so many times their least one are laid out by their logarithms.
  private static func isLog(_ numbers: [Double]) -> Bool {
    guard let low = numbers.min(), let high = numbers.max(), low > 0 else { return false }
    return high / low >= 20
  }

  private static func plot(_ sweep: Sweep) -> ParallelPlot? {
    let ranking = sweep.compared
    let keys = sweep.variedKeys
    guard ranking.count > 1, !keys.isEmpty else { return nil }
    var axes = keys.map { key -> ParallelPlot.Axis in
      let texts = ranking.map { $0.values[key] }
      var names = texts.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      let numbers = texts.compactMap(SweepValue.number)
      if numbers.count == texts.count {
        if names.count > mostNames {
          return .init(sweep.keys[key], .numbers(numbers, isLog: isLog(numbers)))
        }
        names.sort { (SweepValue.number($0) ?? 0) < (SweepValue.number($1) ?? 0) }
      } else {
        // As they were given, which the settings' numbers tell.
        let given = sweep.settings.map { $0.values[key] }
        names.sort { (given.firstIndex(of: $0) ?? 0) < (given.firstIndex(of: $1) ?? 0) }
      }
      return .init(
        sweep.keys[key], .names(names, places: texts.map { names.firstIndex(of: $0) ?? 0 }))
    }
    axes.append(
      .init(
        sweep.evidenceLabel,
        .numbers(ranking.map { sweep.evidence($0)?.score ?? .nan }, isLog: false)))
    let lines = ranking.enumerated().map { place, setting in
      ParallelPlot.Line(
        "setting \(setting.number): \(sweep.evidenceLabel) "
          + "\(sweep.evidence(setting).map { Readable.number($0.score) } ?? ""), "
          + sweep.assignments(setting).joined(separator: ", "),
        share: 1 - Double(place) / Double(ranking.count - 1))
    }
    return ParallelPlot(
      title: "Settings as lines over their parameters, ending at their \(sweep.evidenceLabel)",
      axes: axes, lines: lines)
  }

  private static func chart(_ effect: SweepEffect, _ sweep: Sweep) -> Chart? {
    guard let key = sweep.keys.firstIndex(of: effect.key) else { return nil }
    let byNumber = Dictionary(uniqueKeysWithValues: sweep.settings.map { ($0.number, $0) })
    var points: (x: [Double], y: [Double]) = ([], [])
    var centres: [Double] = []
    for (place, group) in effect.groups.enumerated() {
      let settings = group.settings.compactMap { byNumber[$0] }
      let places = settings.map {
        effect.isBinned ? SweepValue.number($0.values[key]) ?? 0 : Double(place)
      }
      points.x += places
      points.y += settings.map { sweep.evidence($0)?.score ?? .nan }
      centres.append(places.sorted()[places.count / 2])
    }
    let means = effect.groups.map(\.mean)
    var layers: [Chart.Layer] = [.line(x: centres, y: means, name: "mean")]
    let spreads = effect.groups.compactMap(\.spread)
    if spreads.count == means.count {
      layers.insert(
        .band(
          x: centres, low: zip(means, spreads).map { $0 - $1 },
          high: zip(means, spreads).map { $0 + $1 }, name: nil), at: 0)
    }
    layers.append(.points(x: points.x, y: points.y, name: "setting"))
    let axis: Chart.Axis =
      effect.isBinned
      ? Chart.Axis(effect.key, scale: isLog(points.x) ? .log : .linear)
      : Chart.Axis(effect.key, categories: effect.groups.map(\.label))
    return Chart(
      title: "",
      caption: spreads.count == means.count
        ? "The band is the standard deviation of the settings' scores." : nil,
      x: axis, y: Chart.Axis(sweep.evidenceLabel), layers: layers)
  }

  private static func table(_ effect: SweepEffect, _ sweep: Sweep) -> Table {
    Table(
      columns: [effect.key, "settings", "mean \(sweep.evidenceLabel)", "± of settings"],
      rows: effect.groups.map { group in
        [
          group.label, "\(group.count)", Readable.number(group.mean),
          group.spread.map(Readable.number) ?? "",
        ]
      })
  }
}
