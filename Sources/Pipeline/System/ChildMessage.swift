// What a program that failed says of it.

import Foundation

extension ChildResult {
  /// Why a program failed: its own last error, else the end of its log.
  func message(log: URL) -> String {
    let tail = Self.tail(of: log)
    if let signal {
      let hint = signal == SIGKILL ? "; if it wasn't you, memory may have run out" : ""
      return "ended by signal \(signal) (\(String(cString: strsignal(signal))))\(hint)"
        + (tail.isEmpty ? "" : "\n" + tail.suffix(5).joined(separator: "\n"))
    }
    if let start = tail.lastIndex(where: { $0.hasPrefix("error: ") }) {
      return String(tail[start...].prefix(20).joined(separator: "\n").dropFirst("error: ".count))
    }
    return "ended with exit status \(status)"
      + (tail.isEmpty ? "" : "\n" + tail.suffix(5).joined(separator: "\n"))
  }

  private static func tail(of log: URL) -> [String] {
    guard let file = try? FileHandle(forReadingFrom: log), let end = try? file.seekToEnd() else {
      return []
    }
    try? file.seek(toOffset: end > 8192 ? end - 8192 : 0)
    let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).map(String.init)
  }
}
