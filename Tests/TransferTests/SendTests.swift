// Single requests: what goes over the wire, what is repeated, and what an error doesn't tell.

import FlyingFox
import Foundation
import LoopbackSupport
import TestSupport
import Testing
import Transfer

@Suite struct SendTests {
  @Test func theAnswerIsGivenAsItCame() async throws {
    try await withLoopback { request, _ in
      answer(404, [("X-One", "1"), ("X-One", "2")], Data("no such \(request.path)".utf8))
    } _: { loopback in
      let response = try await loopback.client().send(Request(loopback.url))
      #expect(response.status == 404)
      #expect(response.body == Data("no such /a/b".utf8))
      #expect(response.headers["x-one"]?.hasPrefix("1") == true)
      #expect(response.headers["absent"] == nil)
    }
  }

  @Test func fieldsAndAuthorizationAreSent() async throws {
    try await withLoopback { _, _ in
      answer(200)
    } _: { loopback in
      let request = Request(
        loopback.url, headers: ["Accept": "text/salt"], authorization: Secret("Basic abc"))
      _ = try await loopback.client().send(request)
      let headers = try #require(loopback.requests.all.first).headers
      #expect(headers[HTTPHeader("Accept")] == "text/salt")
      #expect(headers[.authorization] == "Basic abc")
    }
  }

  @Test func aRedirectIsNotFollowed() async throws {
    try await withLoopback { _, _ in
      answer(302, [("Location", "/elsewhere")])
    } _: { loopback in
      let request = Request(loopback.url, authorization: Secret("Basic abc"))
      let response = try await loopback.client().send(request)
      #expect(response.status == 302)
      #expect(response.headers["Location"] == "/elsewhere")
      #expect(loopback.requests.all.count == 1)
    }
  }

  @Test func aPostCarriesItsBodyAndIsSentOnce() async throws {
    try await withLoopback { request, _ in
      answer(503, [], try await request.bodyData)
    } _: { loopback in
      for body in [Data(#"{"a":1}"#.utf8), Data(), Data([0, 255, 0])] {
        let response = try await loopback.client().send(
          Request(loopback.url, method: .post, body: body))
        #expect(response.status == 503)
        #expect(response.body == body)
      }
      #expect(loopback.requests.all.map(\.method) == [.POST, .POST, .POST])
    }
  }

  @Test func aTransientAnswerIsAskedForAgainWithGrowingWaits() async throws {
    try await withLoopback { _, count in
      answer(count < 3 ? [429, 500, 503][count] : 200)
    } _: {
      loopback in
      let response = try await loopback.client().send(Request(loopback.url))
      #expect(response.status == 200)
      #expect(loopback.waits.all == [1, 2, 4])
      #expect(loopback.notices.all.count == 3)
    }
  }

  @Test func attemptsAreBounded() async throws {
    try await withLoopback { _, _ in
      answer(500)
    } _: { loopback in
      var settings = TransferSettings()
      settings.attempts = 3
      let response = try await loopback.client(settings).send(Request(loopback.url))
      #expect(response.status == 500)
      #expect(loopback.requests.all.count == 3)
    }
  }

  @Test(arguments: [400, 401, 403, 404, 501])
  func otherAnswersAreNotAskedForAgain(_ status: Int) async throws {
    try await withLoopback { _, _ in
      answer(status)
    } _: { loopback in
      let response = try await loopback.client().send(Request(loopback.url))
      #expect(response.status == status)
      #expect(loopback.requests.all.count == 1)
    }
  }

  @Test func retryAfterIsKeptUnlessTooLong() async throws {
    try await withLoopback { _, count in
      answer(count == 1 ? 200 : 429, [("Retry-After", "9")])
    } _: { loopback in
      _ = try await loopback.client().send(Request(loopback.url))
      #expect(loopback.waits.all == [9])
    }
    try await withLoopback { _, _ in
      answer(503, [("Retry-After", "3600")])
    } _: { loopback in
      let response = try await loopback.client().send(Request(loopback.url))
      #expect(response.retryAfter == 3600)
      #expect(loopback.waits.all == [])
    }
  }

  @Test func retryAfterMayBeADate() async throws {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    let date = format.string(from: Date(timeIntervalSinceNow: 5000))
    try await withLoopback { _, _ in
      answer(503, [("Retry-After", date)])
    } _: { loopback in
      let response = try await loopback.client().send(Request(loopback.url))
      let wait = try #require(response.retryAfter)
      #expect((4000...5000).contains(wait))
    }
  }

  @Test func aConnectionThatBreaksIsTriedAgain() async throws {
    try await withLoopback { _, count in
      count == 0 ? broken([], Data("ha".utf8), of: 4) : answer(200, [], Data("half".utf8))
    } _: { loopback in
      let response = try await loopback.client().send(Request(loopback.url))
      #expect(response.body == Data("half".utf8))
    }
  }

  @Test func whereNoServerIsOneMoreAttemptIsMade() async throws {
    let (waits, notices) = (Log<Double>(), Log<String>())
    let client = TransferClient(
      TransferSettings(), notice: { notices.add($0) }, sleepingBy: { waits.add($0) })
    // Port 1 is nobody's.
    let url = try #require(URL(string: "http://127.0.0.1:1/a"))
    let error = try await #require(throws: TransferError.self) {
      try await client.send(Request(url))
    }
    #expect(error.kind == .noServer)
    #expect(waits.all == [1])
    #expect(notices.all.count == 1)
  }

  @Test func aServerThatWasThereIsWaitedFor() async throws {
    let (gone, waits) = (Log<Loopback>(), Log<Double>())
    let client = TransferClient(TransferSettings(), sleepingBy: { waits.add($0) })
    try await withLoopback { _, _ in
      answer(200)
    } _: { loopback in
      _ = try await client.send(Request(loopback.url))
      gone.add(loopback)
    }
    let url = try #require(gone.all.first).url
    let error = try await #require(throws: TransferError.self) {
      try await client.send(Request(url))
    }
    #expect(error.kind == .noServer)
    #expect(waits.all == [1, 2, 4, 8])
  }

  @Test func aFileIsPut() async throws {
    try await withLoopback { request, count in
      guard request.method == .PUT else { return answer(405) }
      let body = try await request.bodyData
      return count % 2 == 0 ? answer(503) : answer(200, [], body)
    } _: { loopback in
      for content in [Data([0, 255, 0]), Data()] {
        let file = try loopback.folder.write(content, to: "sent")
        let response = try await loopback.client().send(
          Request(loopback.url, method: .put, file: file))
        #expect(response.status == 200)
        #expect(response.body == content)
      }
      #expect(loopback.requests.all.count == 4)
    }
  }

  @Test func whatCantBeReadIsNotPut() async throws {
    try await withLoopback { _, _ in
      answer(200)
    } _: { loopback in
      for file in [loopback.folder.url.appendingPathComponent("missing"), loopback.folder.url] {
        let error = try await #require(throws: TransferError.self) {
          try await loopback.client().send(Request(loopback.url, method: .put, file: file))
        }
        #expect(error.kind == .fileSystem)
      }
      #expect(loopback.requests.all.isEmpty)
    }
  }

  @Test func anAnswerThatIsTooLongEndsTheTransfer() async throws {
    try await withLoopback { _, _ in
      answer(200, [], Data(count: 5000))
    } _: { loopback in
      var settings = TransferSettings()
      settings.bodyLimit = 4999
      let error = try await #require(throws: TransferError.self) {
        try await loopback.client(settings).send(Request(loopback.url))
      }
      #expect(error.kind == .tooLarge)
      #expect(loopback.requests.all.count == 1)
    }
  }

  @Test func aSilentServerIsATimeout() async throws {
    try await withLoopback { _, _ in
      try await Task.sleep(for: .seconds(10))
      return answer(200)
    } _: { loopback in
      var settings = TransferSettings()
      settings.attempts = 1
      settings.silentSeconds = 1
      let error = try await #require(throws: TransferError.self) {
        try await loopback.client(settings).send(Request(loopback.url))
      }
      #expect(error.kind == .timeout)
    }
  }

  @Test func cancellingTheTaskEndsTheTransfer() async throws {
    try await withLoopback { _, _ in
      try await Task.sleep(for: .seconds(10))
      return answer(200)
    } _: { loopback in
      let task = Task { try await loopback.client().send(Request(loopback.url)) }
      while loopback.requests.all.isEmpty { await Task.yield() }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test(arguments: [
    "http://example.org/a", "ftp://127.0.0.1/a", "file:///etc/passwd", "/a", "https:///a",
    "https://user:s3cret@127.0.0.1/a", "http://127.0.0.1.example.org/a", "http://127.0.0/a",
  ])
  func addressesThatMustNotBeAskedAreRefused(_ text: String) async throws {
    let url = try #require(URL(string: text))
    let error = try await #require(throws: TransferError.self) {
      try await TransferClient().send(Request(url))
    }
    #expect(error.kind == .invalidRequest)
    #expect(!error.description.contains("s3cret"))
  }

  @Test func aLineBreakInAFieldIsRefused() async throws {
    try await withLoopback { _, _ in
      answer(200)
    } _: { loopback in
      for request in [
        Request(loopback.url, headers: ["A": "b\r\nC: d"]),
        Request(loopback.url, authorization: Secret("Basic a\nB: c")),
      ] {
        let error = try await #require(throws: TransferError.self) {
          try await loopback.client().send(request)
        }
        #expect(error.kind == .invalidRequest)
      }
      #expect(loopback.requests.all.isEmpty)
    }
  }

  @Test func errorsAndNoticesTellNoSecret() async throws {
    let key = Secret("Basic s3cret")
    try await withLoopback { _, _ in
      answer(503)
    } _: { loopback in
      let request = Request(loopback.url, authorization: key)
      let error = try await #require(throws: TransferError.self) {
        try await loopback.client().download(request, to: loopback.target)
      }
      for text in ["\(error)", "\(request)", loopback.notices.all.joined()] {
        #expect(text.contains("/a/b?…"))
        #expect(!text.contains("s3cret"))
      }
      var dumped = ""
      dump(key, to: &dumped)
      #expect(!("\(key)" + String(reflecting: key) + dumped).contains("s3cret"))
    }
  }
}
