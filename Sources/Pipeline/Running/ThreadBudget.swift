// How many instances run at a time, and how they share the threads: two that run side by side on two
// cores have one each, never two.

import Basics
import Foundation

/// The runtime parameters `jobs` and `threads`, checked.
struct ThreadBudget: Sendable {
  /// Instances that run at a time, at most.
  let jobs: Int
  /// Threads of all that run, together.
  let threads: Int

  /// - Throws: `PipelineError` where one of them is no number that makes sense.
  init(_ runtime: RuntimeOptions) throws {
    jobs = try runtime.number("jobs", least: 1, ifMissing: 1)
    let wanted = try runtime.number("threads", least: 0, ifMissing: 0)
    threads = wanted > 0 ? wanted : ProcessInfo.processInfo.activeProcessorCount
  }

  /// The threads of each of `count` instances; at least one.
  func share(among count: Int) -> Int { max(1, threads / max(1, count)) }
}
