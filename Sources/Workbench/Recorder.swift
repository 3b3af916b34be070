// Appends to the executed record and to the events file as things happen, so that a crash leaves
// everything up to it.

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

  /// Opens both files and writes the record's header.
  ///
  /// - Throws: `StageFailure` where a file can't be opened.
  package init(order: Order, source: String) throws {
    record = try LineFile(order.record)
    events = try LineFile(order.events)
    var environment = order.environment
    environment["threads"] = String(order.threads)
    record.append(
      RecordEvent.begin(
        RecordHeader(
          stage: order.stage, instance: order.instance, source: source, parameters: order.params,
          overridden: order.overridden, environment: environment)))
  }

  /// The script's line of the latest call that was recorded.
  package var lastLine: Int? { line.withLock { $0 } }

  /// Appends to the record an event made from the seconds since the start.
  package func append(_ event: (Double) -> RecordEvent) {
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let event = event((elapsed * 1000).rounded() / 1000)
    switch event {
    case .cell(_, let line, _), .show(_, let line, _), .print(_, let line, _),
      .warning(_, let line, _):
      self.line.withLock { $0 = line }
    default: break
    }
    record.append(event)
  }

  /// Appends a line of the runner's protocol to the events file.
  package func event(_ object: [String: JSONValue]) {
    events.append(JSONValue.object(object))
  }
}
