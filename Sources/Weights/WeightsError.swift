// What can go wrong with published weights, in words for people.

public import Basics

/// Weights that can't be read, found or kept: what happened, where, and what to do next.
public struct WeightsError: Failing, Sendable, Equatable {
  /// The whole message.
  public let description: String
  /// How a command ends with it.
  public let exit: ExitCode

  /// An error with its message; by default one that running again won't mend.
  public init(_ description: String, exit: ExitCode = .badInput) {
    self.description = description
    self.exit = exit
  }
}
