// Progress of a piece of work: how much is done, of what. The runner draws it, with rate and time
// left.

import Basics
import Notebook
import Synchronization

/// Counts what is done and reports it to the runner: at most five times a second, and how it stands when
/// the total is reached and when the work is over (when this value is released).
public final class Progress: Sendable {
  private let label: String
  private let unit: String
  private let recorder: Recorder
  private let state = Mutex(State())

  private struct State {
    /// nil until it is known; nothing is reported before.
    var total: Int?
    var done = 0
    var note: String?
    /// What was reported last, and when.
    var reported: (done: Int, at: ContinuousClock.Instant)?
  }

  init(label: String, total: Int?, unit: String, recorder: Recorder) {
    self.label = label
    self.unit = unit
    self.recorder = recorder
    if let total { update(done: 0, of: total) }
  }

  /// Adds to what is done. May be called from any thread.
  public func advance(by count: Int = 1, note: String? = nil) {
    change(note) { $0 + count }
  }

  /// Sets what is done, and of how much if that is known only now. May be called from any thread.
  public func update(done: Int, of total: Int? = nil, note: String? = nil) {
    change(note, of: total) { _ in done }
  }

  deinit {
    state.withLock { state in
      if state.reported?.done != state.done { report(&state, at: .now) }
    }
  }

  private func change(_ note: String?, of total: Int? = nil, _ change: (Int) -> Int) {
    let now = ContinuousClock.now
    // Reported under the lock, so that what is done never seems to go backwards.
    state.withLock { state in
      state.done = change(state.done)
      state.note = note
      if let total { state.total = total }
      guard let total = state.total else { return }
      guard let reported = state.reported else { return report(&state, at: now) }
      let complete = state.done >= total && reported.done < total
      if complete || now - reported.at >= .milliseconds(200) { report(&state, at: now) }
    }
  }

  private func report(_ state: inout State, at now: ContinuousClock.Instant) {
    guard let total = state.total else { return }
    state.reported = (state.done, now)
    recorder.event(
      .progress(label: label, done: state.done, total: total, unit: unit, note: state.note))
  }
}
