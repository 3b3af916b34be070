// Asks a server on this machine as a browser, or somebody who means no good, would: with any header and any path.

import Foundation

/// What came back.
struct Reply: Sendable {
  let status: Int
  /// Names in small letters.
  let headers: [String: String]
  let body: String
}

/// Sends one request over a connection of its own.
///
/// - Parameter until: ends the reading once this has come; nil reads to the end.
func ask(
  _ port: UInt16, _ method: String = "GET", _ path: String, host: String? = nil,
  _ headers: [String: String] = [:], body: String = "", until: String? = nil
) async throws -> Reply {
  let lines =
    ["\(method) \(path) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")", "Connection: close"]
    + headers.map { "\($0.key): \($0.value)" }
    + (method == "POST" ? ["Content-Length: \(body.utf8.count)"] : [])
  let request = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
  // Blocking calls have a thread of their own.
  return try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread {
      continuation.resume(with: Result { try exchange(port, request, until: until) })
    }
  }
}

private struct ClientError: Error { var what: String }

private func exchange(_ port: UInt16, _ request: String, until: String?) throws -> Reply {
  let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard socket >= 0 else { throw ClientError(what: "socket") }
  defer { close(socket) }
  var limit = timeval(tv_sec: 20, tv_usec: 0)
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
  let connected = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard connected == 0 else { throw ClientError(what: "connect") }
  var bytes = Array(request.utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes {
      send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    guard count > 0 else { break }
    bytes = bytes.dropFirst(count)
  }
  var answer: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = recv(socket, &buffer, buffer.count, 0)
    guard count > 0 else { break }
    answer += buffer[..<count]
    let text = String(decoding: answer, as: UTF8.self)
    if let until, text.contains(until) { break }
    // A connection may stay open; a body of known length is whole.
    if until == nil, let reply = parse(text),
      let length = reply.headers["content-length"].flatMap({ Int($0) }),
      reply.body.utf8.count >= length
    {
      break
    }
  }
  guard let reply = parse(String(decoding: answer, as: UTF8.self)) else {
    throw ClientError(what: "no answer")
  }
  return reply
}

private func parse(_ text: String) -> Reply? {
  guard let end = text.range(of: "\r\n\r\n") else { return nil }
  let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
  guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
  else { return nil }
  var headers: [String: String] = [:]
  for line in lines.dropFirst() {
    let parts = line.split(separator: ":", maxSplits: 1)
    if parts.count == 2 {
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
  }
  return Reply(status: status, headers: headers, body: String(text[end.upperBound...]))
}
