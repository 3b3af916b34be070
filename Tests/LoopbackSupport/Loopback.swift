// A server on this machine for one test, and what it has been asked.

import FlyingFox
import FlyingSocks
import Foundation
import Synchronization
import TestSupport
import Transfer

/// Collects values from anywhere.
final class Log<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])
  var all: [Value] { values.withLock { $0 } }
  /// Adds a value and says how many there were before.
  @discardableResult func add(_ value: Value) -> Int {
    values.withLock {
      $0.append(value)
      return $0.count - 1
    }
  }
}

/// What a test of the client needs.
struct Loopback: Sendable {
  let url: URL
  let folder: TemporaryFolder
  let requests: Log<HTTPRequest>
  let waits = Log<Double>()
  let notices = Log<String>()

  var target: URL { folder.url.appendingPathComponent("file") }

  /// A client whose waits take no time.
  func client(_ settings: TransferSettings = TransferSettings()) -> TransferClient {
    TransferClient(
      settings, notice: { notices.add($0) }, sleepingBy: { waits.add($0) })
  }

  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
  }
}

/// Answers requests by a function of the request and its number, for the length of a test.
func withLoopback(
  _ answer: @escaping @Sendable (HTTPRequest, Int) async throws -> HTTPResponse,
  _ body: (Loopback) async throws -> Void
) async throws {
  let requests = Log<HTTPRequest>()
  let server = HTTPServer(
    address: try .inet(ip4: "127.0.0.1", port: 0), logger: .disabled,
    handler: ClosureHTTPHandler { try await answer($0, requests.add($0)) })
  let task = Task { try await server.run() }
  try await server.waitUntilListening()
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
func answer(
  _ status: Int, _ fields: [(String, String)] = [], _ body: Data = Data()
) -> HTTPResponse {
  var headers = HTTPHeaders()
  for (name, value) in fields { headers.addValue(value, for: HTTPHeader(name)) }
  return HTTPResponse(
    statusCode: HTTPStatusCode(status, phrase: "Test"), headers: headers, body: body)
}

/// An answer that promises `count` bytes, gives fewer, and ends the connection.
func broken(_ fields: [(String, String)], _ body: Data, of count: Int) -> HTTPResponse {
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
