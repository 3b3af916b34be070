// What reaches the user's eyes: lines on standard output, messages on standard error, and colours where
// a terminal wants them.

import Basics
import Foundation
import Pipeline
import Synchronization

enum Console {
  /// Whether standard error is a terminal: progress is drawn there, so that output can be piped.
  static let isTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
  private static let environment = ProcessInfo.processInfo.environment
  /// https://no-color.org: any value that isn't empty turns colours off.
  private static let hasColour = isTerminal && (environment["NO_COLOR"] ?? "").isEmpty

  static func green(_ text: String) -> String { paint(text, "32") }
  static func yellow(_ text: String) -> String { paint(text, "33") }
  static func red(_ text: String) -> String { paint(text, "31") }
  static func dim(_ text: String) -> String { paint(text, "2") }
  static func bold(_ text: String) -> String { paint(text, "1") }

  private static func paint(_ text: String, _ code: String) -> String {
    hasColour && !text.isEmpty
      ? TerminalText.own("\u{1B}[\(code)m") + text + TerminalText.own("\u{1B}[0m") : text
  }

  /// A text for standard output: painted only where that is a terminal, too.
  static func output(_ text: String, _ paint: (String) -> String) -> String {
    isatty(STDOUT_FILENO) == 1 ? paint(text) : text
  }

  /// Goes to the start of a line and clears it.
  static let lineStart = TerminalText.own("\r\u{1B}[K")

  /// Columns of the terminal, 80 where that isn't known.
  static var columns: Int { size.ws_col > 0 ? Int(size.ws_col) : 80 }

  /// Columns of the terminal that standard output is; nil where it is none.
  static var outputColumns: Int? { isatty(STDOUT_FILENO) == 1 ? columns : nil }

  /// Rows of the terminal, 24 where that isn't known.
  static var rows: Int { size.ws_row > 0 ? Int(size.ws_row) : 24 }

  private static var size: winsize {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 ? size : winsize()
  }

  /// Writes to standard error, where all that isn't a command's result goes. A terminal that is gone
  /// ends no run.
  static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(TerminalText.written(text).utf8))
  }

  static func error(_ message: String) { write("\(red("error:")) \(message)\n") }
  static func warning(_ message: String) { write("\(yellow("warning:")) \(message)\n") }

  /// The error number of the first print that failed, as on a full disk; 0 where none did.
  private static let failure = Mutex<Int32>(0)

  /// Writes a line to standard output. Nobody reading any more (`| head`) is no failure.
  static func line(_ text: String) {
    var bytes = Array("\(TerminalText.written(text))\n".utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes {
        Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count)
      }
      if count >= 0 {
        bytes = bytes.dropFirst(count)
      } else if errno != EINTR {
        let code = errno
        failure.withLock { if $0 == 0, code != EPIPE { $0 = code } }
        return
      }
    }
  }

  /// Looks whether all that was printed has been written.
  ///
  /// - Throws: `PipelineError` where it hasn't.
  static func checkOutput() throws {
    let code = failure.withLock { $0 }
    guard code != 0 else { return }
    throw PipelineError(
      "standard output can't be written: \(systemMessage(code))", exit: .failed)
  }
}

/// In the place of Swift's own, which says nothing where it fails.
func print(_ text: String) { Console.line(text) }
