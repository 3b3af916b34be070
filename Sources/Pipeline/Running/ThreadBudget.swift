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

  /// - Parameter runtime: the section `runtime` with the command's options.
  /// - Throws: `PipelineError` where one of them is no number that makes sense.
  init(_ runtime: JSONValue) throws {
    func number(_ key: String, least: Int, ifMissing: Int) throws -> Int {
      switch runtime[key] {
      case nil, .null?: return ifMissing
      case .int(let number)? where number >= least: return number
      case let value?:
        throw PipelineError(
          "runtime.\(key) is \(value.canonical), but should be a whole number of \(least) or more")
      }
    }
    jobs = try number("jobs", least: 1, ifMissing: 1)
    let wanted = try number("threads", least: 0, ifMissing: 0)
    threads = wanted > 0 ? wanted : ProcessInfo.processInfo.activeProcessorCount
  }

  /// The threads of each of `count` instances; at least one.
  func share(among count: Int) -> Int { max(1, threads / max(1, count)) }
}
