// Items made by one background thread, a few ahead of who takes them, in order.
// Since one thread makes them one after another, threads decide nothing about their values.

import Foundation

/// A bounded queue between a thread that makes items and a caller that takes them.
final class Prefetcher<Item: Sendable>: Sendable {
  private let queue: Queue

  /// Begins to make items 0..<count.
  /// - Parameter ahead: items made but not yet taken, at most.
  init(count: Int, ahead: Int = 2, make: @escaping @Sendable (Int) throws -> Item) {
    let queue = Queue(ahead: ahead)
    self.queue = queue
    let thread = Thread {
      for index in 0..<count {
        let result = Result { try make(index) }
        guard queue.put(result) else { return }
        if case .failure = result { return }
      }
    }
    thread.name = "batches"
    thread.start()
  }

  deinit { queue.stop() }

  /// The next item; waits for it. To be called `count` times at most.
  /// - Throws: what making it threw.
  func next() throws -> Item { try queue.take().get() }

  /// Unchecked: all of its state is guarded by `condition`.
  private final class Queue: @unchecked Sendable {
    private let ahead: Int
    private let condition = NSCondition()
    private var items: [Result<Item, any Error>] = []
    private var isStopped = false

    init(ahead: Int) { self.ahead = ahead }

    /// Waits for room; false when nobody takes items any more.
    func put(_ item: Result<Item, any Error>) -> Bool {
      condition.lock()
      defer { condition.unlock() }
      while items.count >= ahead && !isStopped { condition.wait() }
      items.append(item)
      condition.broadcast()
      return !isStopped
    }

    func take() -> Result<Item, any Error> {
      condition.lock()
      defer { condition.unlock() }
      while items.isEmpty { condition.wait() }
      defer { condition.broadcast() }
      return items.removeFirst()
    }

    func stop() {
      condition.lock()
      defer { condition.unlock() }
      isStopped = true
      condition.broadcast()
    }
  }
}
