// Progress of `work cache push` and `pull` and of `work weights fetch`, and what the former came to.

import Basics
import Pipeline

/// Progress of a transfer that takes longer than two seconds, and what it came to.
final class TransferMeter {
  private let label: String
  private let output: OutputOptions
  private var meter = Meter()
  private let start = ContinuousClock.now
  private var lastDrawn = ContinuousClock.now
  private var isDrawn = false

  init(_ label: String, _ output: OutputOptions) {
    self.label = label
    self.output = output
  }

  func show(_ transfer: CacheTransfer) {
    show(done: Int(transfer.doneBytes), total: Int(transfer.totalBytes))
  }

  /// Shows how many bytes of how many there are.
  func show(done: Int, total: Int) {
    meter.update(label: label, done: done, total: total, unit: "bytes", note: nil)
    let now = ContinuousClock.now
    let pause: Duration = Console.isTerminal ? .milliseconds(100) : .seconds(10)
    guard !output.quiet, !output.json, now - start > .seconds(2), now - lastDrawn > pause else {
      return
    }
    lastDrawn = now
    if Console.isTerminal {
      Console.write(Console.lineStart + meter.line(columns: Console.columns, bar: true))
      isDrawn = true
    } else {
      Console.write(meter.line(columns: 200, bar: false) + "\n")
    }
  }

  /// Takes the line of progress away.
  func clear() {
    if isDrawn { Console.write(Console.lineStart) }
    isDrawn = false
  }

  /// - Parameter advice: what is to be known of results that were left out.
  func end(_ transfer: CacheTransfer, _ done: String, advice: String) throws {
    clear()
    if output.json {
      try Console.json(transfer)
    } else if !output.quiet {
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      print(
        "\(done): \(results(transfer.results)) "
          + "(\(transfer.objects) objects, \(Readable.bytes(transfer.bytes)), "
          + "\(Readable.duration(seconds))); \(transfer.present) were there"
          + (transfer.repaired > 0
            ? "; \(transfer.repaired) were damaged there and are repaired" : ""))
    }
    guard !transfer.leftOut.isEmpty else { return }
    for line in transfer.leftOut { Console.warning("left out: \(line)") }
    Console.error("\(results(transfer.leftOut.count)) left out: \(advice)")
    throw Finished(code: .failed)
  }

  private func results(_ count: Int) -> String { "\(count) result\(count == 1 ? "" : "s")" }
}
