// Reads a stage's events file while it grows: one JSON object a line. A line that is not yet whole waits.

import Basics
import Foundation
import Notebook

/// Follows one events file.
final class EventFollower {
  private let path: String
  private var descriptor: Int32 = -1
  private var rest: [UInt8] = []

  /// - Parameter url: the file; it need not exist yet.
  init(_ url: URL) { path = url.path }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// What was written since the last call. Lines that are no events come as warnings.
  func events() -> [StageEvent] {
    if descriptor < 0 {
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return [] }
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      rest += buffer[..<count]
    }
    guard let end = rest.lastIndex(of: 0x0A) else { return [] }
    let lines = rest[...end].split(separator: 0x0A)
    defer { rest = Array(rest[(end + 1)...]) }
    return lines.flatMap { Self.parse(Array($0)) }
  }

  /// What a line says; one that is no event comes as a warning.
  private static func parse(_ line: [UInt8]) -> [StageEvent] {
    do { return try JSONDecoder().decode(EventLine.self, from: Data(line)).events } catch {
      return [
        .warning(
          "a line in the events file is not a JSON object and is ignored (NaN and Infinity are not "
            + "JSON): \(String(decoding: line, as: UTF8.self))")
      ]
    }
  }
}
