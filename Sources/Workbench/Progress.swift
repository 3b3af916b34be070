// Progress of a piece of work: how much is done, of what. The runner draws it, with rate and time
// left.

import Basics
import Notebook
import Synchronization

/// Counts what is done and tells the runner: at most five times a second, and how it stands when
/// the total is reached and when the work is over (when this value is released).
public final class Progress: Sendable {
  private let label: String
  private let total: Int
  private let unit: String
  private let recorder: Recorder
  private let state = Mutex(State())

  private struct State {
    var done = 0
    var note: String?
    /// What was told last, and when.
    var told: (done: Int, at: ContinuousClock.Instant)?
  }

  init(label: String, total: Int, unit: String, recorder: Recorder) {
    self.label = label
    self.total = total
    self.unit = unit
    self.recorder = recorder
    update(done: 0)
  }

  /// Adds to what is done. May be called from any thread.
  public func advance(by count: Int = 1, note: String? = nil) {
    change(note) { $0 + count }
  }

  /// Sets what is done. May be called from any thread.
  public func update(done: Int, note: String? = nil) {
    change(note) { _ in done }
  }

  deinit {
    state.withLock { state in
      if state.told?.done != state.done { tell(&state, at: .now) }
    }
  }

  private func change(_ note: String?, _ change: (Int) -> Int) {
    let now = ContinuousClock.now
    // Told under the lock, so that what is done never seems to go backwards.
    state.withLock { state in
      state.done = change(state.done)
      state.note = note
      guard let told = state.told else { return tell(&state, at: now) }
      let complete = state.done >= total && told.done < total
      if complete || now - told.at >= .milliseconds(200) { tell(&state, at: now) }
    }
  }

  private func tell(_ state: inout State, at now: ContinuousClock.Instant) {
    state.told = (state.done, now)
    recorder.event(
      .progress(label: label, done: state.done, total: total, unit: unit, note: state.note))
  }
}
