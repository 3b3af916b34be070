// Items made by one background thread, a few ahead of who takes them, in order.
// Since one thread makes them one after another, threads decide nothing about their values.

import Foundation

/// A bounded queue between a thread that makes items and a caller that takes them.
final class Prefetcher<Item: Sendable>: Sendable {
  private let queue: Queue

  /// Begins to make items 0..<count.
  /// - Parameters:
  ///   - ahead: items made but not yet taken, at most.
  ///   - make: gets the item's number, and an item given back, whose memory it may use again.
  init(
    count: Int, ahead: Int = 2, make: @escaping @Sendable (Int, consuming Item?) throws -> Item
  ) {
    let queue = Queue(ahead: ahead)
    self.queue = queue
    let thread = Thread {
      for index in 0..<count {
        let result = Result { try make(index, queue.takeUsed()) }
        guard queue.put(result) else { return }
        if case .failure = result { return }
      }
    }
    thread.name = "batches"
    thread.start()
  }

  deinit { queue.stop() }

  /// How long `next` has waited so far, in all.
  var waited: Duration { queue.waited }

  /// The next item; waits for it. To be called `count` times at most.
  /// - Parameter used: an item that is no longer needed.
  /// - Throws: what making it threw.
  func next(givingBack used: consuming Item? = nil) throws -> Item {
    try queue.take(givingBack: used).get()
  }

  /// Unchecked: all of its state is guarded by `condition`.
  private final class Queue: @unchecked Sendable {
    private let ahead: Int
    private let condition = NSCondition()
    private var items: [Result<Item, any Error>] = []
    private var used: Item?
    private var isStopped = false
    private var waiting = Duration.zero

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

    var waited: Duration {
      condition.lock()
      defer { condition.unlock() }
      return waiting
    }

    func takeUsed() -> Item? {
      condition.lock()
      defer { condition.unlock() }
      return used.take()
    }

    func take(givingBack used: consuming Item?) -> Result<Item, any Error> {
      condition.lock()
      defer { condition.unlock() }
      if let used { self.used = used }
      if items.isEmpty {
        let began = ContinuousClock.now
        while items.isEmpty { condition.wait() }
        waiting += ContinuousClock.now - began
      }
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
