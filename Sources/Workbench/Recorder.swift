// Appends to the executed record and to the events file as things happen, so that a crash leaves
// everything up to it.

import Basics
import Foundation
package import Notebook
package import Synchronization

/// The one writer of a stage's record and events.
package final class Recorder: Sendable {
  /// The recorder of the running stage: what `cell`, `show` and `print` write to.
  package static let current = Mutex<Recorder?>(nil)

  private let record: LineFile
  private let events: LineFile
  private let start = ContinuousClock.now
  private let line = Mutex<Int?>(nil)
  /// Displays with a key: when each was written last, and what was shown since.
  private let live = Mutex<[String: Live]>([:])
  /// Numbers told by step.
  private let steps = Mutex(StepThinning())

  private struct Live {
    var written: Double
    var pending: RecordEvent?
  }

  /// Opens both files and writes the record's header.
  ///
  /// - Throws: `StageFailure` where a file can't be opened.
  package init(order: Order, source: String) throws {
    record = try LineFile(order.record)
    events = try LineFile(order.events)
    var environment = Libraries.facts().merging(order.environment) { $1 }
    environment["threads"] = String(order.threads)
    record.append(
      RecordEvent.begin(
        RecordHeader(
          stage: order.stage, instance: order.instance, source: source, parameters: order.params,
          overridden: order.overridden, environment: environment, fingerprint: order.fingerprint,
          code: order.code, data: order.data)))
  }

  /// The script's line of the latest call that was recorded.
  package var lastLine: Int? { line.withLock { $0 } }

  /// Appends to the record an event made from the seconds since the start.
  package func append(_ event: (Double) -> RecordEvent) {
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let event = event((elapsed * 1000).rounded() / 1000)
    switch event {
    case .cell(_, let line, _), .show(_, let line, _, _), .print(_, let line, _),
      .metrics(_, let line, _), .warning(_, let line, _):
      self.line.withLock { $0 = line }
    default: break
    }
    switch event {
    case .show(_, _, let at, let key?):
      if isDue(event, key: key, at: at) { record.append(event) }
      return
    case .metrics:
      steps.withLock { steps in for event in steps.take(event) { record.append(event) } }
      return
    case .cell, .failed, .finished: writePending()
    default: break
    }
    record.append(event)
  }

  /// Whether a display that replaces another is to be written now. At most one a second is, and ever fewer
  /// as the run gets long, so that a curve of thousands of epochs fills no disk; the last one always is,
  /// before the next cell begins or the stage ends.
  private func isDue(_ event: RecordEvent, key: String, at: Double) -> Bool {
    live.withLock { live in
      if let before = live[key], at - before.written < max(1, at / 100) {
        live[key]?.pending = event
        return false
      }
      live[key] = Live(written: at)
      return true
    }
  }

  private func writePending() {
    let pending = live.withLock { live in
      defer { for key in live.keys { live[key]?.pending = nil } }
      return live.values.compactMap(\.pending).sorted { $0.at < $1.at }
    }
    for event in pending { record.append(event) }
    steps.withLock { steps in for event in steps.rest() { record.append(event) } }
  }

  /// Appends a line of the runner's protocol to the events file.
  package func event(_ event: StageEvent) { events.append(EventLine(event)) }
}
