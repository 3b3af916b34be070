// Appends to the executed record and to the events file, each line in one write, as things happen.

import Foundation
import Notebook
import Synchronization

/// The one writer of a stage's record and events.
final class Recorder: Sendable {
  /// The recorder of the running stage: what `cell`, `show` and `print` write to.
  static let current = Mutex<Recorder?>(nil)

  private let record: Int32
  private let events: Int32
  private let start = ContinuousClock.now
  private let line = Mutex<Int?>(nil)

  /// Opens both files and writes the record's header.
  ///
  /// - Throws: `StageFailure` where a file can't be opened.
  init(order: Order, source: String) throws {
    record = try Self.open(order.record)
    events = try Self.open(order.events)
    var environment = order.environment
    environment["threads"] = order.runtime["threads"].map { "\($0)" }
    Self.write(
      RecordEvent.begin(
        RecordHeader(
          stage: order.stage, instance: order.instance, source: source, parameters: order.params,
          overridden: order.overridden, environment: order.environment)),
      to: record)
  }

  deinit {
    close(record)
    close(events)
  }

  /// The script's line of the latest call that was recorded.
  var lastLine: Int? { line.withLock { $0 } }

  /// Appends to the record an event made from the seconds since the start.
  func append(_ event: (Double) -> RecordEvent) {
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let event = event((elapsed * 1000).rounded() / 1000)
    switch event {
    case .cell(_, let line, _), .show(_, let line, _), .print(_, let line, _), .warning(_, let line, _):
      self.line.withLock { $0 = line }
    default: break
    }
    Self.write(event, to: record)
  }

  /// Appends a line of the runner's protocol to the events file.
  func event(_ object: [String: JSONValue]) {
    Self.write(JSONValue.object(object), to: events)
  }

  private static func open(_ path: String) throws -> Int32 {
    let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw StageFailure("\(path): can't be written (\(String(cString: strerror(errno))))")
    }
    return descriptor
  }

  private static func write(_ value: some Encodable, to descriptor: Int32) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard var line = try? encoder.encode(value) else { return }
    line.append(UInt8(ascii: "\n"))
    line.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        // A full disk loses lines of the record, never the stage's result.
        guard count > 0 || errno == EINTR else { return }
        done += max(0, count)
      }
    }
  }
}
