// Server-sent events as the body of an answer that ends only when the reader goes.

import FlyingFox
import FlyingSocks
import Foundation

/// A body whose next bytes come when there is something to say.
struct EventStream: AsyncBufferedSequence, Sendable {
  typealias Element = UInt8

  /// Waits for what is next; nil ends the stream.
  let next: @Sendable () async -> [UInt8]?

  func makeAsyncIterator() -> Iterator { Iterator(take: next) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    let take: @Sendable () async -> [UInt8]?

    /// Bodies are read by the buffer; nobody asks for single bytes.
    mutating func next() async throws -> UInt8? { nil }

    mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? { await take() }
  }

  /// An event with its data, which may have several lines.
  static func event(_ name: String, _ data: String) -> [UInt8] {
    // Only these end a line of the format.
    let lines = data.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
      .split(separator: "\n", omittingEmptySubsequences: false)
    return Array(
      ("event: \(name)\n" + lines.map { "data: \($0)\n" }.joined() + "\n").utf8)
  }

  /// What keeps the way open where nothing is to be said.
  static let breath: [UInt8] = Array(": \n\n".utf8)
}
