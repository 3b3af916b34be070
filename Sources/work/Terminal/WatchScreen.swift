// The screen of `work watch`: how a run stands, in as many lines and columns as a terminal has.

import Foundation
import Notebook
import Pipeline

/// Draws a snapshot as lines of text.
struct WatchScreen {
  let columns: Int
  let rows: Int

  /// The lines; no more and no longer than fit.
  func lines(_ run: LiveSnapshot?, log: (instance: String, text: String)?) -> [String] {
    guard let run else { return ["nothing has run here yet; `work run all` starts"] }
    var lines = [head(run), ""]
    lines += instances(run, room: max(3, rows - 8))
    let curves = run.running.flatMap(curves)
    if !curves.isEmpty { lines += [""] + curves.prefix(max(1, (rows - lines.count) / 3)) }
    if let log {
      let room = rows - lines.count - 2
      let tail = log.text.split(separator: "\n", omittingEmptySubsequences: true).suffix(
        max(0, room))
      if room > 0, !tail.isEmpty {
        lines += ["", Console.dim(fitted("── \(log.instance)"))] + tail.map { fitted(String($0)) }
      }
    }
    return Array(lines.prefix(rows))
  }

  private func head(_ run: LiveSnapshot) -> String {
    let done = run.instances.count { $0.state.isGood }
    let status = run.isStopping ? "stopping" : run.status
    let parts = [
      "run \(run.run)", run.seconds.map(Readable.duration),
      "\(done) of \(run.instances.count) done",
      run.secondsLeft.map { "about \(Readable.duration(max(1, $0))) left" },
    ].compactMap { $0 }
    let text = fitted("\(status)  \(parts.joined(separator: "  "))")
    return paint(text, run.isAlive ? .running : run.status == "ok" ? .done : .failed)
  }

  /// A line an instance; where they don't fit, those that wait or are done are counted.
  private func instances(_ run: LiveSnapshot, room: Int) -> [String] {
    let width = min(16, run.instances.map(\.name.count).max() ?? 0)
    guard run.instances.count > room else { return run.instances.map { line($0, width) } }
    let loud = run.instances.filter {
      $0.state == .running || !($0.state.isGood || $0.state == .waiting)
    }
    let good = run.instances.count { $0.state.isGood }
    let waiting = run.instances.count { $0.state == .waiting }
    return ["\(good) done"] + loud.prefix(room - 2).map { line($0, width) } + ["\(waiting) waiting"]
  }

  private func line(_ one: LiveSnapshot.Instance, _ width: Int) -> String {
    let name = one.name.padding(toLength: max(width, one.name.count), withPad: " ", startingAt: 0)
    let state = one.state.rawValue.padding(toLength: 11, withPad: " ", startingAt: 0)
    var rest: [String] = []
    switch one.state {
    case .running:
      if let progress = one.progress {
        let full = Int(progress.share * 12)
        rest.append(String(repeating: "█", count: full) + String(repeating: "░", count: 12 - full))
        rest.append("\(Int(progress.share * 100)) %")
        if let left = one.secondsLeft { rest.append("\(Readable.duration(left)) left") }
        if let rate = progress.rate {
          rest.append(
            "\(Readable.amount(rate, progress.unit)) \(progress.unit == "bytes" ? "" : progress.unit)/s"
          )
        }
        if let note = progress.note { rest.append(note) }
      }
      rest += one.asked.map { "asked: \($0)" }
    case .waiting:
      if !one.waitsFor.isEmpty { rest.append("for \(one.waitsFor.joined(separator: ", "))") }
    default:
      if let seconds = one.seconds { rest.append(Readable.duration(seconds)) }
      if let error = one.error {
        rest.append(error.split(separator: "\n").first.map(String.init) ?? "")
      }
    }
    if let course = one.course, !course.isAsPlanned { rest.append(course.description) }
    return paint(fitted("\(name)  \(state)  \(rest.joined(separator: "  "))"), one.state)
  }

  private func curves(_ one: LiveSnapshot.Instance) -> [String] {
    one.drawn.compactMap { name in
      let values = one.history.compactMap { $0.metrics[name] }
      guard values.count > 1, let last = values.last else { return nil }
      let label = "\(one.name)  "
      let text = Sparkline(name: name, values: values).text(columns: max(8, min(48, columns - 48)))
      return fitted("\(label)\(text) \(Readable.number(last))")
    }
  }

  private func paint(_ text: String, _ state: LiveSnapshot.State) -> String {
    switch state {
    case .running: Console.bold(text)
    case .done, .fresh, .restored: Console.green(text)
    case .failed: Console.red(text)
    case .interrupted, .brokenOff, .frozen: Console.yellow(text)
    case .waiting, .notStarted: Console.dim(text)
    }
  }

  /// Cut to the terminal's width; a stage's own words can't move the cursor.
  private func fitted(_ text: String) -> String {
    let plain = TerminalText.shown(text).replacing("\t", with: " ").replacing("\n", with: " ")
    return plain.count < columns ? plain : String(plain.prefix(max(1, columns - 2))) + "…"
  }
}
