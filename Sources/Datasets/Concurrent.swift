// Work on independent items over several threads, with results in the items' order.

import Dispatch
import Synchronization

/// The results of `body(0)`, `body(1)` … in that order, computed by `threads` threads.
/// - Parameter progress: called with the number of items done, by one thread at a time, in order.
/// - Throws: the error of the least index that failed, whatever the threads' order.
package func concurrentMap<Value: Sendable>(
  count: Int, threads: Int, progress: (@Sendable (Int) -> Void)? = nil,
  _ body: @Sendable (Int) throws -> Value
) throws -> [Value] {
  let state = Mutex(WorkState())
  let slots = Mutex([Value?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
    // After a failure, no later item is begun, but all earlier ones were: the least is found.
    while let index = state.withLock({ state -> Int? in
      guard state.failure == nil, state.next < count else { return nil }
      defer { state.next += 1 }
      return state.next
    }) {
      do {
        let value = try body(index)
        slots.withLock { $0[index] = value }
        state.withLock {
          $0.done += 1
          progress?($0.done)
        }
      } catch {
        state.withLock {
          if index < $0.failure?.index ?? Int.max { $0.failure = (index, error) }
        }
      }
    }
  }
  if let failure = state.withLock({ $0.failure }) { throw failure.error }
  return slots.withLock { $0 }.compactMap { $0 }
}

/// Which items are begun and done, and the failure of the least index.
private struct WorkState {
  var next = 0
  var done = 0
  var failure: (index: Int, error: any Error)?
}
