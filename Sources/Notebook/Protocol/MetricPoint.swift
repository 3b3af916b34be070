// Numbers that a stage named for a step, such as an epoch.

/// Named numbers at one step.
public struct MetricPoint: Sendable, Equatable, Codable {
  /// What is counted is the stage's business; epochs count from 1.
  public var step: Int
  /// The numbers by name.
  public var metrics: [String: Double]

  /// Names the numbers of a step.
  public init(step: Int, metrics: [String: Double]) {
    self.step = step
    self.metrics = metrics
  }
}

extension [MetricPoint] {
  /// Adds a point in the order of steps; what was said of the same step before gives way.
  package mutating func take(_ point: MetricPoint) {
    let position = lastIndex { $0.step <= point.step }
    if let position, self[position].step == point.step {
      self[position].metrics.merge(point.metrics) { $1 }
    } else {
      insert(point, at: position.map { $0 + 1 } ?? 0)
    }
  }
}
