// Progress of a piece of work: how much is done, of what. The runner draws it, with rate and time left.

import Notebook
import Synchronization

/// Counts what is done and tells the runner, at most five times a second.
public final class Progress: Sendable {
  private let label: String
  private let total: Int
  private let unit: String
  private let recorder: Recorder
  private let state = Mutex<(done: Int, told: ContinuousClock.Instant?)>((0, nil))

  init(label: String, total: Int, unit: String, recorder: Recorder) {
    self.label = label
    self.total = total
    self.unit = unit
    self.recorder = recorder
    update(done: 0)
  }

  /// Adds to what is done. May be called from any thread.
  public func advance(by count: Int = 1, note: String? = nil) {
    tell(note) { $0 + count }
  }

  /// Sets what is done. May be called from any thread.
  public func update(done: Int, note: String? = nil) {
    tell(note) { _ in done }
  }

  private func tell(_ note: String?, _ change: (Int) -> Int) {
    let now = ContinuousClock.now
    let done: Int? = state.withLock { state in
      state.done = change(state.done)
      if let told = state.told, now - told < .milliseconds(200), state.done < total { return nil }
      state.told = now
      return state.done
    }
    guard let done else { return }
    var fields: [String: JSONValue] = [
      "label": .string(label), "done": .int(done), "total": .int(total), "unit": .string(unit),
    ]
    if let note { fields["note"] = .string(note) }
    recorder.event(["progress": .object(fields)])
  }
}
