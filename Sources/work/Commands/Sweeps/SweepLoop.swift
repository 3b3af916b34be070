// Runs the settings of a sweep one after the other, each as an ordinary run, and writes down how each fared before the next
// begins.

import Basics
import Foundation
import Notebook
import Pipeline

/// The course of one `work sweep`.
@MainActor
struct SweepLoop {
  private(set) var sweep: Sweep
  /// Why it ended before every setting had run, and what to do next; nil where all have.
  private(set) var ending: String?
  private let sweeps: Sweeps
  private let overrides: OverrideOptions
  private let output: OutputOptions
  private let interruption = Interruption.catchingSignals()
  /// Seconds for which the setting that runs waited for another run.
  private var waited = 0.0
  private var workspace: Workspace { sweeps.workspace }

  /// So many failures without a success between them, and it isn't the settings' fault.
  private static let patience = 3

  init(
    _ sweeps: Sweeps, _ sweep: Sweep, _ overrides: OverrideOptions, _ output: OutputOptions
  ) {
    (self.sweeps, self.sweep) = (sweeps, sweep)
    (self.overrides, self.output) = (overrides, output)
  }

  private var again: String { "work sweep --resume \(sweep.id)" }
  private var isQuiet: Bool { output.quiet || output.json }
  private func say(_ text: String) { if !isQuiet { Console.write("\(text)\n") } }

  /// Runs what waits, as far as the budget allows.
  ///
  /// - Returns: `.failed` where a setting has failed, `.interrupted` where it was stopped.
  mutating func run() async throws -> Basics.ExitCode {
    var failures = 0
    if sweep.isOpen {
      say(
        "sweep \(sweep.id): \(sweep.settings(.waiting).count) of \(sweep.settings.count) settings to run"
      )
    }
    while true {
      // What was asked from another terminal meanwhile.
      sweep = try sweeps.sweep(sweep.id)
      try await waitWhilePaused()
      if interruption.count > 0 { return interrupted() }
      try dropWhatFellBehind()
      guard let setting = sweep.next else { break }
      try sweep.checkBasis(Runner(workspace: workspace, overrides: sweep.request.fixed).project)
      guard let result = try await run(setting) else { return interrupted() }
      failures = result.state == .failed ? failures + 1 : 0
      if failures == Self.patience {
        ending =
          "\(failures) settings in a row have failed, so it isn't up to them; put that right, then `\(again)`"
        return .failed
      }
    }
    let left = sweep.settings(.waiting).count
    if left > 0 {
      ending =
        "the budget is used up, and \(left == 1 ? "1 setting waits" : "\(left) settings wait"); `\(again)` with a larger "
        + "\(sweep.hours == nil ? "--budget" : sweep.budget == nil ? "--hours" : "--budget or --hours") goes on"
    }
    return sweep.settings(.failed).isEmpty ? .ok : .failed
  }

  private mutating func interrupted() -> Basics.ExitCode {
    ending = "interrupted; what is finished is kept: `\(again)` goes on"
    return .interrupted
  }

  private func waitWhilePaused() async throws {
    guard sweeps.isPaused, sweep.next != nil else { return }
    let line = WaitLine("paused (`work queue resume` lets it go on)", output)
    let began = ContinuousClock.now
    while sweeps.isPaused, interruption.count == 0 {
      line.show((ContinuousClock.now - began) / .seconds(1))
      try await Task.sleep(for: .milliseconds(300))
    }
    line.end()
  }

  /// Between two rounds of `--halving`.
  private mutating func dropWhatFellBehind() throws {
    let dropped = sweep.cut()
    guard !dropped.isEmpty else { return }
    try sweeps.save(sweep)
    for setting in dropped { try sweeps.removeCheckpoints(of: setting) }
    let left = sweep.settings(.waiting).map { "\($0.number)" }
    say(
      left.count == 1
        ? "setting \(left[0]) goes on" : "settings \(left.joined(separator: ", ")) go on")
  }

  // MARK: One setting

  /// Runs a setting.
  ///
  /// - Returns: the setting as it is then; nil where it was interrupted.
  private mutating func run(_ waiting: Sweep.Setting) async throws -> Sweep.Setting? {
    var setting = waiting
    say(heading(setting))
    setting.state = .running
    try note(setting)
    let began = ContinuousClock.now
    let before = setting.seconds ?? 0
    waited = 0
    let stop = sweep.stop(waiting)
    do {
      guard let summary = try await summary(setting, stop) else {
        try note(waiting)
        return nil
      }
      if summary.exit == .ok, let stop {
        let rung = try SweepRung(sweep.request.metric, after: stop, of: summary, in: workspace)
        setting.rungs.append(rung)
        let runner = try overrides.runner(workspace, overrides: sweep.overrides(setting))
        setting.planned =
          summary.results.compactMap(\.course?.planned).first ?? Self.epochs(runner.parameters)
        setting.run = summary.folder?.lastPathComponent ?? setting.run
        setting.state = .waiting
      } else if summary.exit == .ok {
        let score = try SweepScore(sweep.request.metric, of: summary, in: workspace)
        (setting.score, setting.parts, setting.run) = (score.value, score.parts, score.run)
        setting.state = .done
      } else {
        setting.state = .failed
        setting.run = summary.folder?.lastPathComponent
        setting.error =
          summary.results.first { $0.outcome == .failed }
          .map { "\($0.instance): \($0.error ?? "failed")" } ?? summary.message
      }
    } catch let error as any Failing {
      setting.state = .failed
      setting.error = error.description
      Console.error(error.description)
    }
    setting.seconds = before + max(0, (ContinuousClock.now - began) / .seconds(1) - waited)
    try note(setting)
    say(result(setting))
    return setting
  }

  /// How the run of a setting ended; nil where it was interrupted. Another run in the workspace is waited for.
  ///
  /// - Parameter stop: the epoch after which training is to stop; nil for a run to the end.
  private mutating func summary(_ setting: Sweep.Setting, _ stop: Int?) async throws -> RunSummary?
  {
    var options = RunOptions(targets: stop == nil ? targets : [Sweep.trainingStage])
    options.stopAfterStep = stop
    var inner = output
    (inner.quiet, inner.json) = (isQuiet, false)
    let line = WaitLine("another run has the workspace; waiting", output)
    defer { line.end() }
    let began = ContinuousClock.now
    while interruption.count == 0 {
      do {
        let outcome = try await RunOutcome.running(
          overrides.runner(workspace, overrides: sweep.overrides(setting)),
          options, inner)
        return outcome.summary.exit == .interrupted ? nil : outcome.summary
      } catch let error as PipelineError where error.exit == .locked {
        waited = (ContinuousClock.now - began) / .seconds(1)
        line.show(waited)
        try await Task.sleep(for: .seconds(1))
      }
    }
    return nil
  }

  private static func epochs(_ parameters: Parameters) -> Int? {
    if case .int(let epochs)? = parameters["train.epochs"] { epochs } else { nil }
  }

  private var targets: [String] { [sweep.request.target ?? "all"] }

  /// Writes a setting down, and the page with it.
  private mutating func note(_ setting: Sweep.Setting) throws {
    sweep.set(setting)
    try sweeps.save(sweep)
    do { try SweepPages.write(sweep, workspace, isRunning: true) } catch {
      Console.warning("the page of sweep \(sweep.id) could not be written: \(error)")
    }
  }

  private func heading(_ setting: Sweep.Setting) -> String {
    let left = sweep.expectedSeconds.map {
      "  about \(Readable.duration($0 * Double(max(1, sweep.allowedCount)))) left"
        + (sweep.request.halving == nil ? "" : " of this round")
    }
    let goal = sweep.stop(setting).map { "  to epoch \($0)" } ?? ""
    return Console.bold("setting \(setting.number) of \(sweep.settings.count)") + "  "
      + sweep.assignments(setting).joined(separator: "  ") + goal + Console.dim(left ?? "")
  }

  private func result(_ setting: Sweep.Setting) -> String {
    let time = Console.dim(setting.seconds.map(Readable.duration) ?? "")
    if setting.state == .waiting, let rung = setting.rungs.last {
      return
        "setting \(setting.number)  \(sweep.request.metric) of folds \(Readable.number(rung.score)) after "
        + "epoch \(rung.epochs)  \(time)"
    }
    guard let score = setting.score, setting.state == .done else {
      return "setting \(setting.number)  \(Console.red("failed"))  \(time)"
    }
    let isBest = sweep.best?.number == setting.number && sweep.ranking.count > 1
    return "setting \(setting.number)  \(sweep.request.metric) \(Readable.number(score))"
      + (setting.spread.map { " ± \(Readable.number($0))" } ?? "")
      + (isBest ? "  \(Console.green("best so far"))" : "") + "  \(time)"
  }

  // MARK: In the end

  /// Makes the outputs those of params.yaml again, as far as the cache has them: nobody asked for hours of training.
  func putBack() async throws {
    let runner = try overrides.runner(workspace, overrides: overrides.named)
    let plan = try runner.plan(RunOptions(targets: targets))
    var (names, blocked): ([String], Set<String>) = ([], [])
    for status in plan.instances where status.state.mayRun {
      let needs = runner.graph.dependencies(of: status.instance)
      if status.restoredFrom != nil, blocked.isDisjoint(with: needs) {
        names.append(status.instance)
      } else {
        blocked.insert(status.instance)
      }
    }
    if !names.isEmpty {
      var inner = output
      (inner.quiet, inner.json) = (true, false)
      let outcome = try await RunOutcome.running(
        overrides.runner(workspace, overrides: overrides.named), RunOptions(targets: names), inner)
      try outcome.check()
    }
    guard !blocked.isEmpty else { return }
    say(
      Console.dim(
        "outputs of the last settings are in place, since what params.yaml says was never run here; "
          + "`work run \(targets[0])` runs it"))
  }
}
