// PUTs: of a whole file, of the rest of one, and of nothing.

import FlyingFox
import Foundation
import LoopbackSupport
import TestSupport
import Testing
import Transfer

@Suite struct UploadTests {
  private func withEcho(_ body: (Loopback) async throws -> Void) async throws {
    try await withLoopback { request, _ in
      let length = request.headers[.contentLength] ?? "none"
      return answer(200, [("X-Length", length)], try await request.bodyData)
    } _: {
      try await body($0)
    }
  }

  @Test func theRestOfAFileIsSent() async throws {
    try await withEcho { loopback in
      let file = try loopback.folder.write("0123456789", to: "out")
      let counts = Log<Int64>()
      var request = Request(loopback.url, method: .put, file: file)
      request.offset = 4
      let response = try await loopback.client().send(request) { counts.add($0) }
      #expect(response.body == Data("456789".utf8) && response.headers["X-Length"] == "6")
      #expect(counts.all.last == 10)
      request.offset = 11
      let error = try await #require(throws: TransferError.self) {
        try await loopback.client().send(request)
      }
      #expect(error.kind == .fileSystem)
    }
  }

  @Test func nothingIsSentAsNothing() async throws {
    try await withEcho { loopback in
      var request = Request(loopback.url, method: .put)
      request.headers["Content-Range"] = "bytes */10"
      let response = try await loopback.client().send(request)
      #expect(response.body.isEmpty)
      let seen = try #require(loopback.requests.all.first)
      #expect(seen.method == .PUT && seen.headers[.contentType] == nil)
      #expect(seen.headers[.contentRange] == "bytes */10")
    }
  }

  @Test func whatMayBeRepeatedCanBeSaid() async throws {
    try await withLoopback { _, _ in
      answer(503)
    } _: { loopback in
      var settings = TransferSettings()
      settings.attempts = 3
      let client = loopback.client(settings)
      _ = try await client.send(Request(loopback.url, method: .post, mayBeRepeated: true))
      #expect(loopback.requests.all.count == 3)
      _ = try await client.send(Request(loopback.url, method: .put, mayBeRepeated: false))
      #expect(loopback.requests.all.count == 4)
    }
  }
}
