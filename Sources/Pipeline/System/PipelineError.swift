// What goes wrong between a workspace and its stages, in words for people, and the exit code that says
// the same to a shell.

public import Basics

/// An error that says what happened, where, and what to do next.
public struct PipelineError: Failing, Sendable {
  /// The whole message.
  public let description: String
  /// What the command should exit with.
  public let exit: ExitCode

  package init(_ description: String, exit: ExitCode = .badInput) {
    self.description = description
    self.exit = exit
  }

  /// An error from a system call, with the reason that `errno` gives.
  static func system(_ what: String, _ path: String, code: Int32) -> PipelineError {
    PipelineError("\(path): \(what) (\(systemMessage(code)))", exit: .failed)
  }
}
