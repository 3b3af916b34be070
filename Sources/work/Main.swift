// The way in: parses the command line, runs the command, and turns every error into a message and a
// documented exit code (docs/exit-codes.md).

import ArgumentParser
import Basics
import Choices
import Foundation
import Pipeline

@main
enum Main {
  static func main() async {
    // Whoever stops reading what is printed (`| head`) ends no run.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try Work.parseAsRoot(
        Arguments.completed(Array(CommandLine.arguments.dropFirst())))
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      try Console.checkOutput()
    } catch let error as any Failing {
      Console.error(error.description)
      tellPrograms(error.description, error.exit)
      exit(error.exit.rawValue)
    } catch let finished as Finished {
      exit(finished.code.rawValue)
    } catch {
      end(with: error)
    }
  }

  /// Ends as the argument parser wants it: help on standard output with 0, a wrong call with 2.
  private static func end(with error: any Error) -> Never {
    let message = Work.fullMessage(for: error)
    if Work.exitCode(for: error).isSuccess {
      print(message)
      exit(0)
    }
    Console.write("\(message)\n")
    let isUsage = Work.exitCode(for: error) == .validationFailure
    let code = isUsage ? Basics.ExitCode.badInput : .failed
    tellPrograms(Work.message(for: error), code)
    exit(code.rawValue)
  }

  /// With `--json`, the error as an object on standard output, where a program looks for the answer.
  private static func tellPrograms(_ message: String, _ code: Basics.ExitCode) {
    struct Failure: Encodable {
      var error: String
      var exit: Int32
    }
    guard CommandLine.arguments.contains("--json") else { return }
    try? Console.json(Failure(error: message, exit: code.rawValue))
  }
}

/// Thrown by a command that has said everything already, to end with a code.
struct Finished: Error { var code: Basics.ExitCode }

struct Work: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work",
    abstract: "A Kaggle competition workbench: from the download to submission.csv.",
    discussion: """
      Works in the workspace around the current folder (the first one upwards with stages/ and \
      params.yaml). Start with `work demo`, or with a kaggle.json and `work run all`.
      """,
    version: "0.1.0",
    subcommands: [
      RunCommand.self, BuildCommand.self, EDACommand.self, StatusCommand.self, DAGCommand.self,
      OpenCommand.self, ExportCommand.self, ImportCommand.self, BookCommand.self,
      AcceptCommand.self, CacheCommand.self, GCCommand.self, DemoCommand.self,
      BenchCommand.self, LRFindCommand.self, DoctorCommand.self, RunsCommand.self, LogCommand.self,
      WhyCommand.self, ParamsCommand.self, MetricsCommand.self, CleanCommand.self, NewCommand.self,
    ])
}

enum Arguments {
  /// A command line that a shell would take for the same.
  static func words(_ arguments: [String]) -> String {
    (["work"] + arguments.dropFirst()).map { word in
      word.isEmpty || !word.utf8.allSatisfy(isPlain)
        ? "'" + word.replacing("'", with: "'\\''") + "'" : word
    }.joined(separator: " ")
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "-_./=@:,+".utf8.contains(byte)
    }
  }

  /// The arguments with the value that an option may leave out: `--tta` alone means `--tta hflip`.
  static func completed(_ arguments: [String]) -> [String] {
    var completed: [String] = []
    for (index, argument) in arguments.enumerated() {
      completed.append(argument)
      let next = index + 1 < arguments.count ? arguments[index + 1] : nil
      if argument == "--tta", !TTA.allCases.contains(where: { $0.rawValue == next }) {
        completed.append(TTA.hflip.rawValue)
      }
    }
    return completed
  }
}
