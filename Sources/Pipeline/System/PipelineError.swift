// What goes wrong between a workspace and its stages, in words for people, and the exit code that says
// the same to a shell.

import Foundation

/// The exit codes of `work`, and of stages: a stage's own code becomes the runner's.
public enum ExitCode: Int32, Sendable, Codable {
  case ok = 0
  /// A stage failed.
  case failed = 1
  /// Bad input: parameters, headers, files, or the command line.
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
  init(ofStage status: Int32) {
    switch ExitCode(rawValue: status) {
    case .badInput?: self = .badInput
    case .network?: self = .network
    default: self = .failed
    }
  }
}

/// An error that says what happened, where, and what to do next.
public struct PipelineError: Error, Sendable, CustomStringConvertible {
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
    PipelineError("\(path): \(what) (\(String(cString: strerror(code))))", exit: .failed)
  }
}
