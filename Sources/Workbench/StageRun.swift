// The frame around a script: opens the order, runs the body, records how it ended, and exits with a
// documented code. An error thrown at top level would end a release build by a trap, its message
// lost.

import Basics
import Foundation
import Notebook
import Synchronization

extension Stage {
  /// Runs a stage script's body. Never returns where the body throws: the failure is recorded,
  /// printed as `error: …`, and the process ends with its exit code.
  ///
  /// Started by hand, without the runner, the program hands over to `work run NAME --only`.
  @MainActor
  public static func run(_ body: @MainActor (Stage) async throws -> Void) async {
    let recorder: Recorder
    let stage: Stage
    do {
      guard let order = try Order.fromEnvironment() else { try HandStart.handOver() }
      let source = try String(contentsOfFile: order.script, encoding: .utf8)
      recorder = try Recorder(order: order, source: source)
      stage = Stage(order: order, recorder: recorder)
    } catch {
      end(with: error)
    }
    Recorder.current.withLock { $0 = recorder }
    do {
      try await body(stage)
      let unread = stage.unreadParameters
      if !unread.isEmpty {
        stage.warn(
          "declared in the header's `params`, but never read: \(unread.joined(separator: ", "))",
          line: 1)
      }
      recorder.append { .finished(at: $0) }
    } catch {
      recorder.append {
        .failed(message: String(describing: error), line: recorder.lastLine, at: $0)
      }
      end(with: error)
    }
  }

  private static func end(with error: any Error) -> Never {
    fflush(nil)
    try? FileHandle.standardError.write(contentsOf: Data("error: \(error)\n".utf8))
    exit(((error as? any Failing)?.exit ?? .failed).rawValue)
  }
}
