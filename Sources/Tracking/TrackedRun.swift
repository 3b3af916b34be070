// A run as a tracking server knows it: parameters, numbers by step, and when it was.

public import Foundation

/// What is told of a run.
public struct TrackedRun: Sendable, Equatable {
  /// A number at a step.
  public struct Metric: Sendable, Equatable {
    /// Such as "train@0/training loss".
    public var name: String
    /// Not finite values are left out by the server's client.
    public var value: Double
    /// From 0.
    public var step: Int
    /// When it was measured.
    public var time: Date

    /// A number at a step.
    public init(_ name: String, _ value: Double, step: Int, time: Date) {
      (self.name, self.value, self.step, self.time) = (name, value, step, time)
    }
  }

  /// The run's id here, by which it is found again at the server.
  public var id: String
  /// When it began.
  public var started: Date
  /// When it ended; nil while it goes on.
  public var ended: Date?
  /// Whether it ended well.
  public var hasSucceeded: Bool
  /// By dotted key.
  public var parameters: [String: String]
  /// By step.
  public var metrics: [Metric]
  /// What else is known, by name.
  public var tags: [String: String]

  /// A run.
  public init(
    id: String, started: Date, ended: Date? = nil, hasSucceeded: Bool = true,
    parameters: [String: String] = [:], metrics: [Metric] = [], tags: [String: String] = [:]
  ) {
    (self.id, self.started, self.ended, self.hasSucceeded) = (id, started, ended, hasSucceeded)
    (self.parameters, self.metrics, self.tags) = (parameters, metrics, tags)
  }
}
