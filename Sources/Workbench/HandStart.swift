// A stage program started by hand, without the runner's order: it hands over to `work`, which gives
// it one. So `.build/release/eda` in a shell or a debugger does what `work run eda --only` does.

import Basics
import Foundation

enum HandStart {
  /// Replaces this process by `work run NAME --only`, with `work` from beside this program, else
  /// from PATH.
  ///
  /// - Throws: `StageFailure` where no `work` can be started.
  static func handOver() throws -> Never {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let beside = program.deletingLastPathComponent().appendingPathComponent("work").path
    let words = ["work", "run", program.lastPathComponent, "--only"]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    if FileManager.default.isExecutableFile(atPath: beside) {
      execv(beside, arguments)
    } else {
      execvp("work", arguments)
    }
    throw StageFailure(
      "this program is a stage: start it with `work run \(program.lastPathComponent)` (no `work` "
        + "beside it or on PATH: \(systemMessage(errno)))", exit: .badInput)
  }
}
