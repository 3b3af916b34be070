// Downloads into a file: whole or not at all, resumed only where that is right.

import FlyingFox
import Foundation
import LoopbackSupport
import TestSupport
import Testing
import Transfer

private let content = Data((0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
private let tag = ("ETag", "\"v1\"")

@Suite struct DownloadTests {
  @Test func theContentArrivesUnderItsName() async throws {
    try await withLoopback { _, _ in
      answer(200, [tag], content)
    } _: { loopback in
      let seen = Log<DownloadProgress>()
      let download = try await loopback.client().download(
        Request(loopback.url), to: loopback.target, progress: { seen.add($0) })
      #expect((download.bytes, download.resumedFrom) == (1000, 0))
      #expect(!download.wasThere)
      #expect(try Data(contentsOf: loopback.target) == content)
      #expect(try loopback.names() == ["file"])
      #expect(seen.all.first?.bytes == 0)
      #expect(seen.all.last?.bytes == 1000)
      #expect(seen.all.allSatisfy { $0.total == 1000 })
    }
  }

  @Test func anEmptyFileIsAFile() async throws {
    try await withLoopback { _, _ in
      answer(200)
    } _: { loopback in
      let download = try await loopback.client().download(
        Request(loopback.url), to: loopback.target)
      #expect(download.bytes == 0)
      #expect(try Data(contentsOf: loopback.target).isEmpty)
    }
  }

  @Test func aRefusalLeavesNothingAndCarriesItsBody() async throws {
    try await withLoopback { _, _ in
      answer(403, [], Data("<Error/>".utf8))
    } _: { loopback in
      let error = try await #require(throws: TransferError.self) {
        try await loopback.client().download(Request(loopback.url), to: loopback.target)
      }
      guard case .status(let response) = error.kind else {
        Issue.record("not a status: \(error)")
        return
      }
      #expect(response.status == 403)
      #expect(response.body == Data("<Error/>".utf8))
      #expect(try loopback.names() == [])
    }
  }

  /// Serves `content` with ranges, but breaks off after some bytes in the first answers.
  private static func resumable(
    _ request: HTTPRequest, breaksAfter: Int?, tag: String = "\"v1\""
  ) -> HTTPResponse {
    let range = request.headers[.range].flatMap {
      $0.wholeMatch(of: /bytes=(\d+)-/).flatMap { Int($0.1) }
    }
    let isSame = request.headers[HTTPHeader("If-Range")] == tag
    let first = isSame ? range ?? 0 : 0
    let rest = Data(content[first...])
    let part = [("ETag", tag), ("Content-Range", "bytes \(first)-999/1000")]
    var response =
      breaksAfter.map { broken([("ETag", tag)], rest.prefix($0), of: rest.count) }
      ?? answer(200, [("ETag", tag)], rest)
    if first > 0 {
      response.statusCode = .partialContent
      for (name, value) in part { response.headers[HTTPHeader(name)] = value }
    }
    return response
  }

  @Test func whatBrokeOffIsResumed() async throws {
    try await withLoopback { request, count in
      Self.resumable(request, breaksAfter: count < 2 ? 300 : nil)
    } _: { loopback in
      let download = try await loopback.client().download(
        Request(loopback.url), to: loopback.target)
      #expect(download.resumedFrom == 600)
      #expect(try Data(contentsOf: loopback.target) == content)
      #expect(
        loopback.requests.all.map { $0.headers[.range] } == [nil, "bytes=300-", "bytes=600-"])
      #expect(try loopback.names() == ["file"])
    }
  }

  @Test func attemptsThatGetOnAreNotCounted() async throws {
    try await withLoopback { request, _ in
      Self.resumable(request, breaksAfter: 100)
    } _: {
      loopback in
      var settings = TransferSettings()
      settings.attempts = 2
      // The tenth answer is whole, since 100 bytes are all that is left.
      _ = try await loopback.client(settings).download(Request(loopback.url), to: loopback.target)
      #expect(try Data(contentsOf: loopback.target) == content)
      #expect(loopback.requests.all.count == 10)
    }
  }

  @Test func anotherProcessResumes() async throws {
    try await withLoopback { request, count in
      Self.resumable(request, breaksAfter: count == 0 ? 400 : nil)
    } _: { loopback in
      var settings = TransferSettings()
      settings.attempts = 1
      await #expect(throws: TransferError.self) {
        try await loopback.client(settings).download(Request(loopback.url), to: loopback.target)
      }
      #expect(try loopback.names() == ["file.partial", "file.partial.json"])
      let download = try await loopback.client(settings).download(
        Request(loopback.url), to: loopback.target)
      #expect(download.resumedFrom == 400)
      #expect(try Data(contentsOf: loopback.target) == content)
    }
  }

  /// Leaves a partial file of `count` wrong bytes that claims to belong to `validator`.
  private func leavePartial(
    _ loopback: Loopback, _ count: Int, of total: Int = 1000, validator: String
  ) throws {
    try loopback.folder.write(Data(repeating: 9, count: count), to: "file.partial")
    let quoted = validator.replacingOccurrences(of: "\"", with: "\\\"")
    try loopback.folder.write(
      #"{"bytes":\#(total),"validator":"\#(quoted)"}"#, to: "file.partial.json")
  }

  @Test func changedContentIsFetchedFromTheStart() async throws {
    try await withLoopback { request, _ in
      Self.resumable(request, breaksAfter: nil)
    } _: {
      loopback in
      try leavePartial(loopback, 500, validator: "\"v0\"")
      let download = try await loopback.client().download(
        Request(loopback.url), to: loopback.target)
      #expect(download.resumedFrom == 0)
      #expect(try Data(contentsOf: loopback.target) == content)
      #expect(loopback.requests.all.count == 1)
    }
  }

  @Test(arguments: [
    (416, [("Content-Range", "bytes */900")]),
    (206, [("Content-Range", "bytes 400-999/1000")]),
    (206, [("Content-Range", "bytes 500-1099/1100")]),
    (206, [("Content-Range", "bytes 500-999/1000"), ("ETag", "\"v2\"")]),
    (206, [("Content-Range", "bytes 500-999/1000"), ("Last-Modified", "now")]),
    (206, [("Content-Range", "bytes 500-999/1000")]),
    (206, [("Content-Range", "nonsense")]),
    (206, []),
  ])
  func aRangeThatDoesNotFitStartsOver(
    _ status: Int, _ fields: [(String, String)]
  ) async throws {
    try await withLoopback { request, _ in
      request.headers[.range] == nil
        ? answer(200, [tag], content) : answer(status, fields, Data(content[500...]))
    } _: { loopback in
      try leavePartial(loopback, 500, validator: tag.1)
      _ = try await loopback.client().download(Request(loopback.url), to: loopback.target)
      #expect(try Data(contentsOf: loopback.target) == content)
      #expect(loopback.requests.all.count == 2)
      #expect(loopback.waits.all.isEmpty)
    }
  }

  @Test(arguments: ["", "{", #"{"validator":"","bytes":9}"#, #"{"validator":"\"v1\"","bytes":3}"#])
  func aDamagedNoteIsNotTrusted(_ note: String) async throws {
    try await withLoopback { request, _ in
      Self.resumable(request, breaksAfter: nil)
    } _: {
      loopback in
      try loopback.folder.write(Data(count: 10), to: "file.partial")
      try loopback.folder.write(note, to: "file.partial.json")
      _ = try await loopback.client().download(Request(loopback.url), to: loopback.target)
      #expect(loopback.requests.all.map { $0.headers[.range] } == [nil])
      #expect(try Data(contentsOf: loopback.target) == content)
    }
  }

  @Test func aWeakTagIsNoReasonToResume() async throws {
    try await withLoopback { _, count in
      count == 0
        ? broken([("ETag", "W/\"v1\"")], content.prefix(10), of: 1000) : answer(200, [], content)
    } _: { loopback in
      _ = try await loopback.client().download(Request(loopback.url), to: loopback.target)
      #expect(loopback.requests.all.map { $0.headers[.range] } == [nil, nil])
    }
  }

  @Test func theServersChecksumIsCompared() async throws {
    let right = Data(MD5.of(content)).base64EncodedString()
    // The digest of no bytes.
    let wrong = "1B2M2Y8AsgTpgAmY7PhCfg=="
    try await withLoopback { _, count in
      answer(200, [("x-goog-hash", "crc32c=AAAAAA==,md5=\(count < 2 ? wrong : right)")], content)
    } _: { loopback in
      _ = try await loopback.client().download(Request(loopback.url), to: loopback.target)
      #expect(loopback.requests.all.count == 3)
    }
    try await withLoopback { _, _ in
      answer(200, [("x-goog-hash", "md5=\(wrong)")], content)
    } _: {
      loopback in
      try loopback.folder.write("as before", to: "file")
      let error = try await #require(throws: TransferError.self) {
        try await loopback.client().download(Request(loopback.url), to: loopback.target)
      }
      #expect(error.kind == .corrupt)
      #expect(try loopback.names() == ["file"])
      #expect(try Data(contentsOf: loopback.target) == Data("as before".utf8))
    }
  }

  // MARK: What is expected

  @Test(
    arguments: [
      (ExpectedContent(bytes: 999), [], "states 1000 bytes in place of 999"),
      (ExpectedContent(bytes: 1001), [], "states 1000 bytes in place of 1001"),
      (ExpectedContent(bytes: 1001, mayBeZipped: true), [], "1000 bytes arrived in place of 1001"),
      (
        ExpectedContent(mayBeWebPage: false), [("Content-Type", "text/html; charset=utf-8")],
        "a web page"
      ),
      (ExpectedContent(), [("Content-Encoding", "gzip")], "compressed (gzip)"),
      (ExpectedContent(), [("x-goog-hash", "crc32c=AAAAAA==")], "checksum"),
    ] as [(ExpectedContent, [(String, String)], String)])
  func whatIsNotAsExpectedIsNotKept(
    _ expected: ExpectedContent, _ fields: [(String, String)], _ words: String
  ) async throws {
    try await withLoopback { _, _ in
      answer(200, fields, content)
    } _: { loopback in
      let error = try await #require(throws: TransferError.self) {
        try await loopback.client().download(
          Request(loopback.url), to: loopback.target, expecting: expected)
      }
      #expect(error.description.contains(words), "\(error)")
      #expect(try loopback.names() == [])
    }
  }

  @Test func whatIsAsExpectedIsKept() async throws {
    // Python's crc32c of the content.
    let sum = "eaFq5g=="
    try await withLoopback { _, _ in
      answer(200, [("x-goog-hash", "crc32c=\(sum)")], content)
    } _: {
      loopback in
      for expected in [
        ExpectedContent(bytes: 1000, mayBeWebPage: false), ExpectedContent(),
      ] {
        _ = try await loopback.client().download(
          Request(loopback.url), to: loopback.target, expecting: expected)
        #expect(try Data(contentsOf: loopback.target) == content)
      }
    }
  }

  /// A body without a stated length is cut off where it passes the expected size.
  @Test func moreThanExpectedIsNotTakenIn() async throws {
    try await withLoopback { _, _ in
      answer(200, [], Data(count: 3_000_000))
    } _: { loopback in
      let seen = Log<DownloadProgress>()
      let expected = ExpectedContent(bytes: 1000, mayBeZipped: true)
      await #expect(throws: TransferError.self) {
        try await loopback.client().download(
          Request(loopback.url), to: loopback.target, expecting: expected,
          progress: { seen.add($0) })
      }
      #expect(seen.all.allSatisfy { $0.bytes < 100_000 })
      let names = try loopback.names()
      #expect(names == [])
    }
  }

  @Test func aPartThatNobodyAskedForIsRefused() async throws {
    try await withLoopback { _, _ in
      answer(206, [tag, ("Content-Range", "bytes 0-999/1000")], content)
    } _: { loopback in
      let error = try await #require(throws: TransferError.self) {
        try await loopback.client().download(Request(loopback.url), to: loopback.target)
      }
      #expect(error.kind == .unexpected && error.description.contains("206"))
    }
  }

  @Test func theSameFileIsNotFetchedAgain() async throws {
    let right = Data(MD5.of(content)).base64EncodedString()
    try await withLoopback { _, _ in
      answer(200, [("x-goog-hash", "md5=\(right)")], content)
    } _: {
      loopback in
      try loopback.folder.write(content, to: "file")
      #expect(
        try await loopback.client().download(Request(loopback.url), to: loopback.target).wasThere)
      // The same size, another content.
      try loopback.folder.write(Data(count: 1000), to: "file")
      #expect(
        try await !loopback.client().download(Request(loopback.url), to: loopback.target).wasThere)
      #expect(try Data(contentsOf: loopback.target) == content)
    }
  }

  @Test func aFullDiskSaysSo() throws {
    // /dev/full answers every write like a disk without room.
    let writer = try PartialFile.Writer(path: "/dev/full", flags: O_WRONLY)
    let error = try #require(throws: TransferError.self) {
      try content.withUnsafeBytes { try writer.write($0) }
    }
    #expect(error.kind == .diskFull)
    #expect(error.description.contains("disk is full"))
  }

  @Test func aFolderThatIsMissingIsNamed() async throws {
    try await withLoopback { _, _ in
      answer(200, [tag], content)
    } _: { loopback in
      let target = loopback.folder.url.appendingPathComponent("missing/file")
      let error = try await #require(throws: TransferError.self) {
        try await loopback.client().download(Request(loopback.url), to: target)
      }
      #expect(error.kind == .fileSystem)
      #expect(error.description.contains("missing/file"))
    }
  }
}

extension MD5 {
  static func of(_ data: Data) -> [UInt8] {
    var digest = MD5()
    data.withUnsafeBytes { digest.update($0) }
    return digest.digest()
  }
}
