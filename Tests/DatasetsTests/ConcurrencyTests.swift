// Work on several threads: results in order, the least failing item told.

import Dispatch
import Foundation
import Datasets
import Synchronization
import Testing

@Suite struct ConcurrencyTests {
  private struct Failure: Error, Equatable { var index: Int }

  @Test(arguments: [1, 2, 7])
  func resultsAreInOrder(threads: Int) throws {
    let told = Mutex<[Int]>([])
    let squares = try concurrentMap(
      count: 100, threads: threads, progress: { done in told.withLock { $0.append(done) } }
    ) { $0 * $0 }
    #expect(squares == (0..<100).map { $0 * $0 })
    #expect(told.withLock { $0 } == Array(1...100))
    #expect(try concurrentMap(count: 0, threads: threads) { $0 }.isEmpty)
  }

  /// The first item fails while the second is still at work, and then fails too; or the other way
  /// round.
  @Test(arguments: [0, 1])
  func theLeastFailureIsThrown(later: Int) {
    let bothBegun = DispatchSemaphore(value: 0)
    let error = #expect(throws: Failure.self) {
      _ = try concurrentMap(count: 20, threads: 2) { index in
        if index == later {
          bothBegun.signal()
          Thread.sleep(forTimeInterval: 0.05)
        } else if index < 2 {
          // A machine with one thread to spare runs them one after another.
          _ = bothBegun.wait(timeout: .now() + 1)
        }
        if index < 2 { throw Failure(index: index) }
      }
    }
    #expect(error == Failure(index: 0))
  }

  @Test(arguments: [1, 3])
  func nothingIsBegunAfterAFailure(threads: Int) {
    let begun = Mutex(0)
    let error = #expect(throws: Failure.self) {
      _ = try concurrentMap(count: 10000, threads: threads) { index in
        begun.withLock { $0 += 1 }
        if index % 10 == 5 { throw Failure(index: index) }
      }
    }
    #expect(error == Failure(index: 5))
    #expect(begun.withLock { $0 } < 10000)
  }
}
