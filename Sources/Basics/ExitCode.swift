// How a command or a stage ends, as a number for shells (docs/exit-codes.md), and errors that know theirs.

/// The exit codes of `work`, and of stages: a stage's own code becomes the runner's.
public enum ExitCode: Int32, Sendable, Codable {
  case ok = 0
  /// A stage failed.
  case failed = 1
  /// Bad input: parameters, headers, files, or the command line. Running again won't help.
  case badInput = 2
  /// The network, or Kaggle, refused.
  case network = 3
  /// Another run owns the workspace.
  case locked = 4
  /// Nothing was to be done but to look, and something is stale.
  case stale = 5
  case interrupted = 130

  /// What a stage that failed makes of the runner's exit: its documented codes are the runner's; any other
  /// means that it failed.
  public init(ofStage status: Int32) {
    switch ExitCode(rawValue: status) {
    case .badInput?: self = .badInput
    case .network?: self = .network
    default: self = .failed
    }
  }
}

/// An error that says what happened, where, and what to do next, and how the process should end.
public protocol Failing: Error, CustomStringConvertible {
  /// How the process should end.
  var exit: ExitCode { get }
}
