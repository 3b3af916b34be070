// How much of a run's wall time each instance took, where several run side by side.

/// Divides the time that passes among what runs.
struct TimeShares {
  private var seconds: [String: Double] = [:]
  private var last = ContinuousClock.now

  /// Notes that time has passed; called before what runs changes.
  /// - Parameter running: what ran since the last call.
  mutating func pass(_ running: [String]) {
    let now = ContinuousClock.now
    let share = (now - last) / .seconds(1) / Double(max(1, running.count))
    last = now
    for name in running { seconds[name, default: 0] += share }
  }

  /// The share of an instance so far; nil for one that never ran.
  subscript(name: String) -> Double? { seconds[name] }
}
