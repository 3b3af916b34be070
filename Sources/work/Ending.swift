// How the program ends: every error becomes a message and a documented exit code (docs/exit-codes.md).

import ArgumentParser
import Basics
import Foundation

/// A command throws this when it has said everything already, to end with an exit code.
struct Finished: Error { var code: Basics.ExitCode }

enum Ending {
  /// Says what went wrong and ends the process.
  static func end(with error: any Error) -> Never {
    switch error {
    case let finished as Finished: exit(finished.code.rawValue)
    case let error as any Failing:
      Console.error(error.description)
      answer(error.description, error.exit)
      exit(error.exit.rawValue)
    default: endParsing(error)
    }
  }

  /// Ends as the argument parser wants it: help on standard output with 0, a wrong call with 2.
  private static func endParsing(_ error: any Error) -> Never {
    let message = Work.fullMessage(for: error)
    if Work.exitCode(for: error).isSuccess {
      print(message)
      exit(0)
    }
    Console.write("\(message)\n")
    let isUsage = Work.exitCode(for: error) == .validationFailure
    let code = isUsage ? Basics.ExitCode.badInput : .failed
    answer(Work.message(for: error), code)
    exit(code.rawValue)
  }

  /// With `--json`, prints the error as an object on standard output, where a program looks for the answer.
  private static func answer(_ message: String, _ code: Basics.ExitCode) {
    struct Failure: Encodable {
      var error: String
      var exit: Int32
    }
    guard CommandLine.arguments.contains("--json") else { return }
    try? Console.json(Failure(error: message, exit: code.rawValue))
  }
}
