// The way in. The commands stand in Work.swift, what errors come to in Ending.swift.

import ArgumentParser
import Basics
import Choices
import Foundation

@main
enum Main {
  static func main() async {
    // A reader that stops reading (`| head`) ends no run.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try Work.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      try Console.checkOutput()
    } catch {
      Ending.end(with: error)
    }
  }
}
