// What does not fit in a network, and where.

/// A network that cannot be computed, and the layer at fault.
public struct NetworkError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The layer's name and kind, or "network".
  public let layer: String
  /// What is wrong and what would be right.
  public let problem: String
  /// `network: layer: problem`.
  public var description: String { "network, \(layer): \(problem)" }
}

/// A problem of one layer, before its name is known.
struct Mismatch: Error {
  let problem: String
}
