// Draws a run while it goes on: one line a stage, and its progress, redrawn on a terminal and
// repeated as plain lines elsewhere.

import Foundation
import Pipeline
import Synchronization

/// What a run says, on standard error.
final class RunDisplay: RunObserver {
  private struct State {
    var meters: [String: Meter] = [:]
    var lastPlain = ContinuousClock.now
    var lastDrawn = ContinuousClock.now
    /// Whether the terminal's last line is progress, to be overwritten.
    var isDrawn = false
    var nameWidth = 0
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
      case .buildStarted(let stage):
        say("build \(stage) …", &state)
      case .buildFinished(let stage, let seconds):
        if seconds > 2 {
          say(Console.dim("built \(stage) in \(Console.duration(seconds))"), &state)
        }
      case .buildFailed(let stage, let errors, let log):
        clear(&state)
        Console.error("\(stage) does not compile:\n\(errors)\nthe compiler's output: \(log.path)")
      case .started(let instance, let reasons, _, _, _, _):
        say(
          "\(name(instance, state))  \(Console.bold("run")) \(Console.dim(text(reasons)))", &state)
      case .stage(let instance, let event):
        stage(instance, event, &state)
      case .finished(let result):
        state.meters[result.instance] = nil
        finished(result, &state)
      case .notice(let text):
        say(Console.dim(text), &state)
      }
    }
  }

  private func stage(_ instance: String, _ event: StageEvent, _ state: inout State) {
    switch event {
    case .progress(let label, let done, let total, let unit, let note):
      state.meters[instance, default: Meter()]
        .update(label: label, done: done, total: total, unit: unit, note: note)
      draw(instance, &state)
    case .message(let text): say("\(name(instance, state))  \(text)", &state)
    case .warning(let text):
      clear(&state)
      Console.warning("\(instance): \(text)")
    case .metric: break
    }
  }

  private func finished(_ result: InstanceResult, _ state: inout State) {
    let label = name(result.instance, state)
    let cost = [
      result.seconds.map(Console.duration),
      result.peakMemory.map { Console.amount(Double($0), "bytes") },
      result.unchanged ? "outputs unchanged" : nil,
    ].compactMap { $0 }.joined(separator: ", ")
    switch result.outcome {
    case .fresh: say("\(label)  \(Console.dim("fresh"))", &state)
    case .frozen: say("\(label)  \(Console.dim("frozen: \(text(result.reasons))"))", &state)
    case .done: say("\(label)  \(Console.green("done")) \(Console.dim(cost))", &state)
    case .notStarted:
      say("\(label)  \(Console.dim("not started: \(text(result.reasons))"))", &state)
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

  private func draw(_ instance: String, _ state: inout State) {
    guard !quiet, let meter = state.meters[instance] else { return }
    let now = ContinuousClock.now
    if isTerminal {
      guard now - state.lastDrawn > .milliseconds(90) else { return }
      state.lastDrawn = now
      let name = name(instance, state)
      let line = meter.line(columns: Console.columns - name.count - 2, bar: true)
      Console.write("\r\u{1B}[2K\(name)  \(line)")
      state.isDrawn = true
    } else if now - state.lastPlain > .seconds(10) {
      state.lastPlain = now
      Console.write("\(name(instance, state))  \(meter.line(columns: 200, bar: false))\n")
    }
  }

  private func say(_ line: String, _ state: inout State) {
    guard !quiet else { return }
    clear(&state)
    Console.write(line + "\n")
  }

  private func clear(_ state: inout State) {
    if state.isDrawn { Console.write("\r\u{1B}[2K") }
    state.isDrawn = false
  }

  private func name(_ instance: String, _ state: State) -> String {
    instance.padding(toLength: max(state.nameWidth, instance.count), withPad: " ", startingAt: 0)
  }

  private func text(_ reasons: [Reason]) -> String {
    reasons.isEmpty ? "" : reasons.map(\.description).joined(separator: "; ")
  }
}
