// Input that can't be used, whoever reads it.

/// What is wrong with an input, where, and what to do next.
public struct InputError: Failing, Sendable, Equatable {
  /// The whole message.
  public let description: String
  /// Running again won't help.
  public var exit: ExitCode { .badInput }

  /// An error with its message.
  public init(_ description: String) { self.description = description }
}
