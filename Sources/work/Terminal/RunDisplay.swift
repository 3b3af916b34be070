// Draws a run while it goes on: one line a stage, and below them the progress of what runs, a line an
// instance, redrawn on a terminal and repeated as plain lines elsewhere.

import Foundation
import Notebook
import Pipeline
import Synchronization

/// What a run says, on standard error.
final class RunDisplay: RunObserver {
  private struct State {
    /// Of what runs, in the order in which it was started.
    var live: [Live] = []
    var lastDrawn = ContinuousClock.now
    /// Progress on the terminal's last lines, to be overwritten.
    var block = LiveBlock()
    var nameWidth = 0
  }
  /// The progress of one instance.
  private struct Live {
    var instance: String
    var meter: Meter?
    /// What the stage draws while it runs, in the order in which the curves began.
    var curves: [Sparkline] = []
    var lastPlain = ContinuousClock.now
  }
  private let state = Mutex(State())
  private let quiet: Bool
  private let isTerminal: Bool

  init(quiet: Bool, isTerminal: Bool = Console.isTerminal) {
    self.quiet = quiet
    self.isTerminal = isTerminal
  }

  func observe(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .planned(let plan):
        state.nameWidth = plan.map(\.instance.count).max() ?? 0
        if let expectation = PlanReport.expectation(plan, atLeast: 10) {
          say(Console.dim(expectation), &state)
        }
      case .buildStarted(let stage):
        say("build \(stage) …", &state)
      case .buildFinished(let stage, let seconds):
        if seconds > 2 {
          say(Console.dim("built \(stage) in \(Readable.duration(seconds))"), &state)
        }
      case .buildFailed(let stage, let errors, let log):
        clear(&state)
        Console.error("\(stage) does not compile:\n\(errors)\nthe compiler's output: \(log.path)")
      case .started(let instance, let reasons, _, _, _, _):
        state.live.append(Live(instance: instance))
        say(
          "\(name(instance, state))  \(Console.bold("run")) \(Console.dim(text(reasons)))", &state)
      case .stage(let instance, let event):
        stage(instance, event, &state)
      case .finished(let result):
        state.live.removeAll { $0.instance == result.instance }
        finished(result, &state)
        redraw(&state)
      case .notice(let text):
        say(Console.dim(text), &state)
      }
    }
  }

  /// Wipes progress that was drawn and not followed by anything.
  func end() { state.withLock { clear(&$0) } }

  private func stage(_ instance: String, _ event: StageEvent, _ state: inout State) {
    switch event {
    case .progress(let label, let done, let total, let unit, let note):
      guard let index = state.live.firstIndex(where: { $0.instance == instance }) else { return }
      var meter = state.live[index].meter ?? Meter()
      meter.update(label: label, done: done, total: total, unit: unit, note: note)
      state.live[index].meter = meter
      draw(index, &state)
    case .message(let text): say("\(name(instance, state))  \(text)", &state)
    case .warning(let text):
      clear(&state)
      Console.warning("\(instance): \(text)")
    case .point(let point, let drawn):
      guard let live = state.live.firstIndex(where: { $0.instance == instance }) else { return }
      for name in drawn {
        guard let value = point.metrics[name] else { continue }
        let curve =
          state.live[live].curves.firstIndex { $0.name == name } ?? state.live[live].curves.endIndex
        if curve == state.live[live].curves.endIndex {
          state.live[live].curves.append(Sparkline(name: name))
        }
        state.live[live].curves[curve].values.append(value)
      }
    case .metric, .course: break
    }
  }

  private func finished(_ result: InstanceResult, _ state: inout State) {
    let label = name(result.instance, state)
    let cost = [
      result.seconds.map(Readable.duration),
      result.peakMemory.map { Readable.bytes($0) },
      result.unchanged ? "outputs unchanged" : nil,
    ].compactMap { $0 }.joined(separator: ", ")
    switch result.outcome {
    case .fresh: say("\(label)  \(Console.dim("fresh"))", &state)
    case .frozen: say("\(label)  \(Console.dim("frozen: \(text(result.reasons))"))", &state)
    case .done: say("\(label)  \(Console.green("done")) \(Console.dim(cost))", &state)
    case .restored:
      let origin = result.restored.map { " from run \($0.run) (\($0.sharing ?? "in place"))" } ?? ""
      say(
        "\(label)  \(Console.green("restored"))\(origin)  \(Console.dim(text(result.reasons)))",
        &state)
    case .notStarted:
      say("\(label)  \(Console.dim("not started: \(text(result.reasons))"))", &state)
    case .interrupted where result.isLeft:
      let job = result.job.map { "job \($0)" } ?? "its job"
      say(
        "\(label)  \(Console.yellow("left")) \(Console.dim("\(job) goes on in the cluster"))",
        &state)
    case .interrupted:
      say("\(label)  \(Console.yellow("interrupted")) \(Console.dim(cost))", &state)
    case .failed where Self.isBuildFailure(result):
      // The compiler's words were said when they came.
      say("\(label)  \(Console.red("failed")) \(Console.dim(text(result.reasons)))", &state)
    case .failed:
      clear(&state)
      Console.error("\(result.instance): \(result.error ?? "failed")")
      if let log = result.log { Console.write("  its log: \(log.path)\n") }
    }
  }

  private static func isBuildFailure(_ result: InstanceResult) -> Bool {
    result.reasons.contains { if case .buildFailed = $0 { true } else { false } }
  }

  private func draw(_ live: Int, _ state: inout State) {
    guard !quiet else { return }
    let now = ContinuousClock.now
    if isTerminal {
      if now - state.lastDrawn > .milliseconds(90) { redraw(&state) }
    } else if now - state.live[live].lastPlain > .seconds(10), let meter = state.live[live].meter {
      state.live[live].lastPlain = now
      let name = name(state.live[live].instance, state)
      Console.write("\(name)  \(meter.line(columns: 200, bar: false))\n")
    }
  }

  /// The progress of all that runs, where what is drawn of it stands.
  private func redraw(_ state: inout State) {
    guard !quiet, isTerminal else { return }
    state.lastDrawn = .now
    let columns = Console.columns
    let lines = state.live.compactMap { live -> String? in
      guard let meter = live.meter else { return nil }
      let name = name(live.instance, state)
      let line = meter.line(columns: columns - name.count - 2, bar: true, curves: live.curves)
      return "\(name)  \(line)"
    }
    Console.write(state.block.text(lines.suffix(max(1, Console.rows - 1))))
  }

  private func say(_ line: String, _ state: inout State) {
    guard !quiet else { return }
    clear(&state)
    Console.write(line + "\n")
  }

  private func clear(_ state: inout State) {
    Console.write(state.block.text([]))
  }

  private func name(_ instance: String, _ state: State) -> String {
    instance.padding(toLength: max(state.nameWidth, instance.count), withPad: " ", startingAt: 0)
  }

  private func text(_ reasons: [Reason]) -> String {
    reasons.isEmpty ? "" : reasons.map(\.description).joined(separator: "; ")
  }
}

/// The last lines of a terminal, as long as they are drawn over.
private struct LiveBlock {
  private var count = 0

  /// What to write so that these lines stand where those before them stood; none clears them away.
  mutating func text(_ lines: some Collection<String>) -> String {
    var text = ""
    if count > 0 {
      text += TerminalText.own("\r" + (count > 1 ? "\u{1B}[\(count - 1)A" : "") + "\u{1B}[J")
    }
    count = lines.count
    return text + lines.joined(separator: "\n")
  }
}
