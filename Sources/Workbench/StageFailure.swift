// An error that ends a stage with a message for people and a documented exit code.

/// An error of another module that means bad input: the stage ends with that exit code.
public protocol BadInput: Error {}

/// A stage's failure: what happened, where, and what to do next.
public struct StageFailure: Error, Sendable, CustomStringConvertible {
  /// The exit codes of a stage program (docs/exit-codes.md).
  public enum Exit: Int32, Sendable {
    case failed = 1
    /// The input, a parameter or the call is wrong: running again won't help.
    case badInput = 2
    /// The network or Kaggle refused.
    case network = 3
  }

  /// What happened, where, and what to do next.
  public var message: String
  /// How the process ends.
  public var exit: Exit

  /// A failure with a message that says what to do next.
  public init(_ message: String, exit: Exit = .failed) {
    self.message = message
    self.exit = exit
  }

  /// The message.
  public var description: String { message }
}
