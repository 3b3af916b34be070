// Work on several threads: results in order, the least failing item told.

import Segmentation
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

  @Test(arguments: [1, 2, 7])
  func theLeastFailureIsThrown(threads: Int) {
    for _ in 0..<20 {
      let error = #expect(throws: Failure.self) {
        _ = try concurrentMap(count: 100, threads: threads) { index in
          if index % 10 == 5 { throw Failure(index: index) }
        }
      }
      #expect(error == Failure(index: 5))
    }
  }
}
