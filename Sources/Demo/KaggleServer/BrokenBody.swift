// The content of an answer whose connection ends, or falls silent, in the middle of it.

import FlyingSocks
import Foundation

/// Gives out bytes, waits, and then fails, upon which the server closes the connection.
struct BrokenBody: AsyncBufferedSequence {
  typealias Element = UInt8
  let bytes: Data
  /// How long nothing comes before it fails, in seconds.
  var silence = 0.0

  func makeAsyncIterator() -> Iterator { Iterator(rest: bytes, silence: silence) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    var rest: Data
    let silence: Double

    mutating func next() async throws -> UInt8? {
      try await nextBuffer(suggested: 1)?.first
    }

    mutating func nextBuffer(suggested count: Int) async throws -> Data? {
      guard !rest.isEmpty else {
        try await Task.sleep(for: .seconds(silence))
        throw SocketError.disconnected
      }
      defer { rest = Data(rest.dropFirst(count)) }
      return rest.prefix(count)
    }
  }
}
