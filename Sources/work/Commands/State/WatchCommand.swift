// `work watch`: follows the run that goes on from another terminal.

import ArgumentParser
import Foundation
import Pipeline

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Follow the run that is going on, in a terminal of its own.",
    discussion: """
      Works from any terminal, over ssh, too, and ends when the run does; Ctrl-C ends the watching, never the \
      run. Without a terminal, or with --once, it prints how things stand and ends.
      """)

  @Flag(help: "Print how things stand now, and end.")
  var once = false

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let watch = LiveWatch(try workspace.find())
    guard !once, isatty(STDOUT_FILENO) == 1, Console.isTerminal else {
      print(screen(watch, columns: 200, rows: 200).text)
      return
    }
    let interruption = Interruption.catchingSignals()
    // The alternate screen, without a cursor; what stood there before comes back.
    Console.write(TerminalText.own("\u{1B}[?1049h\u{1B}[?25l"))
    var last = (text: "", isAlive: true)
    var drawn = ""
    while interruption.count == 0 {
      last = screen(watch, columns: Console.columns, rows: Console.rows)
      if last.text != drawn {
        let lines = last.text.split(separator: "\n", omittingEmptySubsequences: false)
          .map { $0 + TerminalText.own("\u{1B}[K") }
        Console.write(
          TerminalText.own("\u{1B}[H") + lines.joined(separator: "\n")
            + TerminalText.own("\u{1B}[J"))
        drawn = last.text
      }
      if !last.isAlive { break }
      usleep(300_000)
    }
    Console.write(TerminalText.own("\u{1B}[?25h\u{1B}[?1049l"))
    print(last.text)
  }

  private func screen(_ watch: LiveWatch, columns: Int, rows: Int) -> (text: String, isAlive: Bool)
  {
    let run = watch.look()
    let log = run?.running.last.flatMap { one in
      watch.logTail(of: one.name).map { (instance: one.name, text: $0) }
    }
    let lines = WatchScreen(columns: columns, rows: rows - 1).lines(run, log: log)
    return (lines.joined(separator: "\n"), run?.isAlive ?? false)
  }
}
