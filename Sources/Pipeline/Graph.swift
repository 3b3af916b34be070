/// One run of a stage: the stage itself, or its part for one item of each `foreach` axis.
public struct Instance: Sendable {
  public let name: String
  public let stage: String
  public let inputs: [String]
  public let outputs: [String]
}

/// All instances and what needs what.
public struct Graph: Sendable {
  /// In an order in which they can run; stable by name.
  public let instances: [Instance]
  /// The graph as text, by level.
  public var text: String { fatalError() }
}
