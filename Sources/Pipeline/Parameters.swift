public struct Parameters: Sendable {
  /// The whole of params.yaml with overrides applied.
  public let root: ParameterValue
  /// Keys that `-S` overrode.
  public let overridden: [String]
  /// The value at a dotted key such as "train.epochs", or nil where there is none.
  public subscript(key: String) -> ParameterValue? { fatalError() }
}
