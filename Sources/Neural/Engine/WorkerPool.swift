// A few threads that share numbered items of work. Which thread takes which item is left to chance,
// so results must not depend on it.

import Foundation
import Synchronization

/// Runs items of work on a fixed number of threads, the caller's among them. Idle threads sleep.
final class WorkerPool {
  /// Threads, at least 1.
  let workers: Int
  /// How many of them work, 1...workers; the others sleep. Which it is changes no result.
  var active: Int { didSet { active = max(1, min(active, workers)) } }
  private let state = State()

  init(workers: Int) {
    self.workers = max(workers, 1)
    active = self.workers
    for worker in 1..<self.workers {
      let thread = Thread { [state] in state.serve(worker) }
      thread.name = "neural-\(worker)"
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  deinit { state.stop() }

  /// Calls `body(item, worker)` once for each item in 0..<items and returns when all are done.
  func run(_ items: Int, _ body: (Int, Int) -> Void) {
    if active == 1 || items == 1 {
      for item in 0..<items { body(item, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      state.run(Job(items: items, body: body), helpers: min(active, items) - 1)
    }
  }
}

extension WorkerPool {
  /// One call's items; workers take the next number until none is left.
  private final class Job: @unchecked Sendable {
    private let items: Int
    private let body: (Int, Int) -> Void
    private let next = Atomic<Int>(0)

    init(items: Int, body: @escaping (Int, Int) -> Void) {
      self.items = items
      self.body = body
    }

    func work(_ worker: Int) {
      while true {
        let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if item >= items { return }
        body(item, worker)
      }
    }
  }

  /// What the threads share; its fields are touched only under the condition's lock.
  private final class State: @unchecked Sendable {
    private let condition = NSCondition()
    private var job: Job?
    private var wanted = 0
    private var busy = 0
    private var stopped = false

    func serve(_ worker: Int) {
      condition.lock()
      while true {
        while wanted == 0 && !stopped { condition.wait() }
        if stopped { break }
        wanted -= 1
        helpOut(worker)
        condition.lock()
        busy -= 1
        if busy == 0 { condition.broadcast() }
      }
      condition.unlock()
    }

    /// Works on the job without the lock, and lets go of it before taking the lock again: the
    /// caller of `run` may not return while its closure is held.
    private func helpOut(_ worker: Int) {
      let job = job
      condition.unlock()
      job?.work(worker)
    }

    func run(_ job: Job, helpers: Int) {
      condition.lock()
      self.job = job
      wanted = helpers
      busy = helpers
      condition.broadcast()
      condition.unlock()
      job.work(0)
      condition.lock()
      // Helpers that have not woken yet find nothing left; they are not waited for.
      busy -= wanted
      wanted = 0
      while busy > 0 { condition.wait() }
      self.job = nil
      condition.unlock()
    }

    func stop() {
      condition.lock()
      stopped = true
      condition.broadcast()
      condition.unlock()
    }
  }
}
