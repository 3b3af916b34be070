// What a run is expected to take, by what instances took last.

/// What a plan is expected to take, one instance after another.
public struct ExpectedTime: Sendable, Equatable {
  /// Of what is stale for certain, seconds.
  public var least = 0.0
  /// With all that may turn out to be stale, seconds.
  public var most = 0.0
  /// Instances among them that nothing is known of, left out of both.
  public var unknown: [String] = []

  /// Adds up what a plan says of each instance; what comes from the cache takes no time to speak of.
  public init(_ plan: [InstanceStatus]) {
    for status in plan where status.state.mayRun {
      if status.restoredFrom != nil { continue }
      guard let seconds = status.expectedSeconds else {
        unknown.append(status.instance)
        continue
      }
      most += seconds
      if status.state == .stale { least += seconds }
    }
  }
}
