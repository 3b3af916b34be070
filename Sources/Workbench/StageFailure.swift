// An error that ends a stage with a message for people and a documented exit code.

public import Basics

/// A stage's failure: what happened, where, and what to do next.
public struct StageFailure: Failing, Sendable {
  /// What happened, where, and what to do next.
  public var message: String
  /// How the process ends (docs/exit-codes.md).
  public var exit: ExitCode

  /// A failure with a message that says what to do next.
  public init(_ message: String, exit: ExitCode = .failed) {
    self.message = message
    self.exit = exit
  }

  /// The message.
  public var description: String { message }
}
