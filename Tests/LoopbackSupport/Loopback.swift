// A server on this machine for one test, and what it has been asked.

package import FlyingFox
import FlyingSocks
package import Foundation
import Synchronization
package import TestSupport
package import Transfer

/// Collects values from anywhere.
package final class Log<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])
  package init() {}

  package var all: [Value] { values.withLock { $0 } }
  /// Adds a value and says how many there were before.
  @discardableResult package func add(_ value: Value) -> Int {
    values.withLock {
      $0.append(value)
      return $0.count - 1
    }
  }
}

/// What a test of the client needs.
package struct Loopback: Sendable {
  package let url: URL
  package let folder: TemporaryFolder
  package let requests: Log<HTTPRequest>
  package let waits = Log<Double>()
  package let notices = Log<String>()

  package var target: URL { folder.url.appendingPathComponent("file") }

  /// A client whose waits take no time.
  package func client(_ settings: TransferSettings = TransferSettings()) -> TransferClient {
    TransferClient(
      settings, notice: { notices.add($0) }, sleepingBy: { waits.add($0) })
  }

  package func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
  }
}

/// Answers requests by a function of the request and its number, for the length of a test.
package func withLoopback(
  _ answer: @escaping @Sendable (HTTPRequest, Int) async throws -> HTTPResponse,
  _ body: (Loopback) async throws -> Void
) async throws {
  let requests = Log<HTTPRequest>()
  // Tests share few threads, so that an answer may take its time; the server's own 15 s would break it off.
  let server = HTTPServer(
    address: try .inet(ip4: "127.0.0.1", port: 0), timeout: 300, logger: .disabled,
    handler: ClosureHTTPHandler { try await answer($0, requests.add($0)) })
  let task = Task { try await server.run() }
  try await server.waitUntilListening(timeout: 300)
  guard case .ip4(_, let port) = await server.listeningAddress,
    let url = URL(string: "http://127.0.0.1:\(port)/a/b?Signature=s3cret")
  else { throw SocketError.disconnected }
  let result: Result<Void, any Error>
  do {
    try await body(Loopback(url: url, folder: try TemporaryFolder(), requests: requests))
    result = .success(())
  } catch { result = .failure(error) }
  await server.stop(timeout: 0)
  task.cancel()
  try result.get()
}

/// An answer with header fields by name.
package func answer(
  _ status: Int, _ fields: [(String, String)] = [], _ body: Data = Data()
) -> HTTPResponse {
  var headers = HTTPHeaders()
  for (name, value) in fields { headers.addValue(value, for: HTTPHeader(name)) }
  return HTTPResponse(
    statusCode: HTTPStatusCode(status, phrase: "Test"), headers: headers, body: body)
}

/// An answer that promises `count` bytes, gives fewer, and ends the connection.
package func broken(_ fields: [(String, String)], _ body: Data, of count: Int) -> HTTPResponse {
  var response = answer(200, fields)
  response.payload = .httpBody(HTTPBodySequence(from: Breaking(rest: body), count: count))
  return response
}

private struct Breaking: AsyncBufferedSequence, AsyncBufferedIteratorProtocol {
  var rest: Data
  func makeAsyncIterator() -> Breaking { self }
  mutating func next() async throws -> UInt8? { try await nextBuffer(suggested: 1)?.first }
  mutating func nextBuffer(suggested count: Int) async throws -> Data? {
    guard !rest.isEmpty else { throw SocketError.disconnected }
    defer { rest = Data(rest.dropFirst(count)) }
    return rest.prefix(count)
  }
}
