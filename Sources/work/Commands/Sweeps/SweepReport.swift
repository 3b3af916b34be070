// What a sweep came to, on the terminal and as JSON.

import Basics
import Foundation
import Pipeline

/// The end of `work sweep`.
struct SweepReport {
  private let sweep: Sweep
  private let workspace: Workspace
  /// Why it ended early.
  private let reason: String?

  init(_ sweep: Sweep, _ workspace: Workspace, reason: String?) {
    (self.sweep, self.workspace, self.reason) = (sweep, workspace, reason)
  }

  /// Writes the page and prints the rest.
  ///
  /// - Parameter applied: what was written into params.yaml; nil where that wasn't asked.
  func show(_ output: OutputOptions, applied: [String]?, exit: Basics.ExitCode) throws {
    let page = try SweepPages.write(sweep, workspace, isRunning: false)
    if output.json {
      return try Console.json(
        Answer(sweep, page: page.path, reason: reason, applied: applied ?? [], exit: exit))
    }
    if !output.quiet || exit != .ok, let reason { Console.write("\(reason)\n") }
    if output.quiet { return }
    table.print()
    for effect in sweep.effects { print("\(effect.key): \(effect.sentence(sweep))") }
    print("page        \(page.path)")
    if let best = sweep.best, applied == nil {
      print("best        \(sweep.command(best))")
    }
    for line in applied ?? [] { print("wrote       \(line)") }
    if applied == [] { print("params.yaml says the best setting already") }
  }

  private var table: TextTable {
    let keys = sweep.variedKeys
    let rungs = sweep.rungEpochs
    return TextTable(
      columns: [
        .init(title: "#", isNumber: true, importance: 9),
        .init(title: sweep.request.metric, isNumber: true, importance: 8),
        .init(title: "±", isNumber: true, importance: 3),
      ] + rungs.map { .init(title: "epoch \($0)", isNumber: true, importance: 4) }
        + keys.map { .init(title: sweep.keys[$0], isElastic: true, importance: 6) } + [
          .init(title: "took", isNumber: true, importance: 2), .init(title: "run", importance: 1),
          .init(title: "state", importance: 4),
        ],
      rows: sweep.sorted.map { setting in
        sweep.cells(setting, rungs: rungs, keys: keys, state: setting.state.rawValue)
      }, elsewhere: "--json has all")
  }

  /// What `--json` prints.
  private struct Answer: Encodable {
    struct Line: Encodable {
      var number: Int
      var state: Sweep.State
      var values: [String: String]
      var score: Double?
      var spread: Double?
      var parts: [Double]
      /// How it stood after some epochs, with --halving.
      var rungs: [SweepRung]
      var seconds: Double?
      var run: String?
      var error: String?

      init(_ setting: Sweep.Setting, _ sweep: Sweep) {
        (number, state) = (setting.number, setting.state)
        values = Dictionary(uniqueKeysWithValues: zip(sweep.keys, setting.values))
        (score, spread, parts) = (setting.score, setting.spread, setting.parts)
        rungs = setting.rungs
        (seconds, run, error) = (setting.seconds, setting.run, setting.error)
      }
    }

    var sweep: Int
    var exit: Int32
    var metric: String
    var page: String
    /// Why it ended before all settings had run.
    var reason: String?
    var best: Int?
    var bestCommand: String?
    /// Lines that were written into params.yaml.
    var applied: [String]
    var spentSeconds: Double
    /// The best first.
    var settings: [Line]
    var effects: [SweepEffect]

    init(_ sweep: Sweep, page: String, reason: String?, applied: [String], exit: Basics.ExitCode) {
      self.sweep = sweep.id
      self.exit = exit.rawValue
      metric = sweep.request.metric
      (self.page, self.reason, self.applied) = (page, reason, applied)
      best = sweep.best?.number
      bestCommand = sweep.best.map { sweep.command($0) }
      spentSeconds = sweep.spentSeconds
      settings = sweep.sorted.map { Line($0, sweep) }
      effects = sweep.effects
    }
  }
}
