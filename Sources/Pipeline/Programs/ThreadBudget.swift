// How many instances run at a time, and how they share the threads: two that run side by side on two
// cores have one each, never two.

import Basics
import Foundation

/// The runtime parameters `jobs` and `threads`, checked.
struct ThreadBudget: Sendable {
  /// Instances that run at a time, at most; nil: as many as there are threads, where memory allows.
  let jobs: Int?
  /// Threads of all that run, together.
  let threads: Int
  /// Bytes for all that run, together; nil: not known.
  let memory: Int?

  /// - Parameter memory: what is free now.
  /// - Throws: `PipelineError` where a parameter is no number that makes sense.
  init(_ runtime: RuntimeOptions, memory: Int?) throws {
    let jobs = try runtime.number("jobs", least: 0, ifMissing: 1)
    self.jobs = jobs == 0 ? nil : jobs
    let wanted = try runtime.number("threads", least: 0, ifMissing: 0)
    threads = wanted > 0 ? wanted : ProcessInfo.processInfo.activeProcessorCount
    self.memory = memory
  }

  /// The threads of each of `count` instances; at least one.
  func share(among count: Int) -> Int { max(1, threads / max(1, count)) }

  /// Whether an instance may run beside others. A thread that trains alone loses less than two that have to
  /// wait for each other in every layer, so side by side is no slower wherever there is a thread for each.
  /// - Parameters:
  ///   - need: bytes that it took the last time, nil where that isn't known: then a quarter of all.
  ///   - others: those of what runs, in the same way.
  func admits(_ need: Int?, beside others: [Int?]) -> Bool {
    guard !others.isEmpty else { return true }
    if let jobs { return others.count < jobs }
    guard others.count < threads, let memory else { return false }
    let all = ([need] + others).reduce(0) { sum, bytes in
      // A fifth more, since no run is like the one before.
      sum + (bytes.map { $0 / 5 * 6 } ?? memory / 4)
    }
    return all <= memory
  }
}
