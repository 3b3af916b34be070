// What a stage tells while it works, as plain lines: a notebook's log is read by people, and drawn over by nobody.

import Foundation
import Notebook
import Synchronization

/// Follows an events file and prints what is new in it, about once a second.
final class EventLines: Sendable {
  private struct State {
    var rest: [UInt8] = []
    var descriptor: Int32 = -1
    var part = ""
    var said: [String: ContinuousClock.Instant] = [:]
    var isOver = false
  }

  private let file: URL
  private let isQuiet: Bool
  private let wording: @Sendable (String) -> String
  private let state = Mutex(State())

  /// Seconds between two lines of one piece of work.
  private static let pause = 5.0

  /// - Parameter wording: what becomes of a warning before it is shown.
  init(_ file: URL, isQuiet: Bool, wording: @escaping @Sendable (String) -> String) {
    (self.file, self.isQuiet, self.wording) = (file, isQuiet, wording)
  }

  deinit { state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } } }

  /// Follows the file from now on.
  func start() {
    Thread.detachNewThread { [self] in
      while !state.withLock({ $0.isOver }) {
        look()
        Thread.sleep(forTimeInterval: 0.5)
      }
    }
  }

  /// Prints what is left, and ends.
  func end() {
    look()
    state.withLock { $0.isOver = true }
  }

  /// Names the part of the images that the next lines are about; empty for all.
  func begin(part: String) {
    look()
    state.withLock { ($0.part, $0.said) = (part, [:]) }
  }

  private func look() {
    state.withLock { state in
      if state.descriptor < 0 { state.descriptor = open(file.path, O_RDONLY | O_CLOEXEC) }
      guard state.descriptor >= 0 else { return }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = read(state.descriptor, &buffer, buffer.count)
        guard count > 0 else { break }
        state.rest += buffer[..<count]
      }
      while let end = state.rest.firstIndex(of: 0x0A) {
        let line = Data(state.rest[..<end])
        state.rest.removeFirst(end + 1)
        for event in (try? JSONDecoder().decode(EventLine.self, from: line))?.events ?? [] {
          show(event, &state)
        }
      }
    }
  }

  private func show(_ event: StageEvent, _ state: inout State) {
    switch event {
    case .warning(let text): Self.warn(wording(text))
    case .message(let text) where !isQuiet: Self.say(text)
    case .progress(let label, let done, let total, let unit, _) where !isQuiet:
      let now = ContinuousClock.now
      let before = state.said[label]
      guard done >= total || before.map({ now - $0 >= .seconds(Self.pause) }) ?? (done > 0) else {
        // A piece of work that takes less than a pause is told of once, at its end.
        if before == nil { state.said[label] = now }
        return
      }
      state.said[label] = now
      Self.say("\(state.part)\(label): \(done) of \(total) \(unit)")
    default: break
    }
  }

  static func say(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
  }

  static func warn(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("warning: \(text)\n".utf8))
  }
}
