// What a command shows while it waits for others, and while bytes travel on other threads.

import Foundation
import Synchronization

/// A line that says for how long something has been waited for.
final class WaitLine: Sendable {
  private let label: String
  private let output: OutputOptions
  private let last = Mutex(-Double.infinity)

  init(_ label: String, _ output: OutputOptions) {
    (self.label, self.output) = (label, output)
  }

  /// Shows the time so far: on a terminal in place, elsewhere a line at first, and then every half minute.
  func show(_ seconds: Double) {
    guard !output.quiet, !output.json else { return }
    let text = "\(label)  \(Readable.duration(seconds))"
    if Console.isTerminal { return Console.write(Console.lineStart + text) }
    let isDue = last.withLock { last in
      guard seconds - last >= 30 else { return false }
      last = seconds
      return true
    }
    if isDue { Console.write("\(text)\n") }
  }

  /// Takes the line away.
  func end() {
    if Console.isTerminal, !output.quiet, !output.json { Console.write(Console.lineStart) }
  }
}

/// Progress of a transfer, told from whichever thread.
final class SharedMeter: Sendable {
  private let meter: Mutex<TransferMeter>

  init(_ label: String, _ output: OutputOptions) { meter = Mutex(TransferMeter(label, output)) }

  func show(done: Int, total: Int) { meter.withLock { $0.show(done: done, total: total) } }

  func end() { meter.withLock { $0.clear() } }
}
