// The remote on a bucket that checks every signature by itself.

import Basics
import FlyingFox
import Foundation
import LoopbackSupport
import Pipeline
import Storage
import TestSupport
import Testing
import Transfer

@Suite struct S3RemoteTests {
  @Test(arguments: ["s3://salt", "s3://salt/", "s3://salt/a b/c+d"])
  func whatIsPutIsListedAndComesBack(_ address: String) async throws {
    try await withBucket { fixture in
      let remote = try fixture.remote(address)
      let contents: [String: Data] = [
        "objects/ab/cdef": Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }),
        "entries/train@0-1.json": Data("{}".utf8), "objects/e3/empty": Data(),
      ]
      for (name, data) in contents { try await remote.put(try fixture.file(data), as: name) }
      #expect(try await remote.names(beginningWith: "") == Set(contents.keys))
      #expect(
        try await remote.names(beginningWith: "objects/") == [
          "objects/ab/cdef", "objects/e3/empty",
        ])
      #expect(try await remote.names(beginningWith: "x") == [])
      for (name, data) in contents {
        let target = fixture.loopback.folder.url.appendingPathComponent("new/\(name)")
        #expect(try await remote.get(name, to: target))
        #expect(try Data(contentsOf: target) == data)
        let folder = target.deletingLastPathComponent().path
        #expect(
          try FileManager.default.contentsOfDirectory(atPath: folder) == [target.lastPathComponent])
      }
      #expect(fixture.loopback.notices.all == [])
    }
  }

  @Test func aLentKeyAndAnotherRegionAreSignedToo() async throws {
    try await withBucket(Bucket(token: "lent+token/==", region: "eu-central-1")) { fixture in
      let remote = try fixture.remote()
      try await remote.put(try fixture.file(Data("a".utf8)), as: "a")
      #expect(fixture.bucket.objects == ["cache/a": Data("a".utf8)])
      #expect(try await remote.names(beginningWith: "") == ["a"])
    }
  }

  @Test func aFileOfMoreThanAMegabyteIsStreamed() async throws {
    try await withBucket { fixture in
      let remote = try fixture.remote()
      let data = Data((0..<1_200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
      try await remote.put(try fixture.file(data), as: "a")
      #expect(fixture.bucket.objects["cache/a"] == data)
      #expect(try await remote.get("a", to: fixture.loopback.target))
      #expect(try Data(contentsOf: fixture.loopback.target) == data)
    }
  }

  @Test func allPagesAreListed() async throws {
    try await withBucket(Bucket(pageLimit: 3)) { fixture in
      let names = Set((0..<10).map { "train@\($0)/a b&+%é" })
      for name in names { fixture.bucket.objects["cache/\(name)"] = Data() }
      fixture.bucket.objects["cached"] = Data()
      let remote = try fixture.remote()
      #expect(try await remote.names(beginningWith: "") == names)
      #expect(fixture.loopback.requests.all.count == 4)
      #expect(try await remote.names(beginningWith: "train@7") == ["train@7/a b&+%é"])
    }
  }

  @Test func aPageThatComesTwiceEndsTheListing() async throws {
    let page = """
      <ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>
      </ListBucketResult>
      """
    try await withBucket(instead: { _, _ in answer(200, [], Data(page.utf8)) }) { fixture in
      await #expect(throws: PipelineError.self) {
        try await fixture.remote().names(beginningWith: "")
      }
      #expect(fixture.loopback.requests.all.count == 2)
    }
  }

  @Test(arguments: [
    "", "<html></html>", "<ListBucketResult>",
    "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
  ])
  func aListingThatIsNoneIsRefused(_ text: String) async throws {
    try await withBucket(instead: { _, _ in answer(200, [], Data(text.utf8)) }) { fixture in
      let error = try await #require(throws: PipelineError.self) {
        try await fixture.remote().names(beginningWith: "")
      }
      #expect(error.description.contains("AWS_ENDPOINT_URL_S3"))
    }
  }

  @Test func whatIsMissingIsNoError() async throws {
    try await withBucket { fixture in
      let remote = try fixture.remote()
      #expect(try await !remote.get("a", to: fixture.loopback.target))
      #expect(try fixture.loopback.names() == [])
    }
  }

  @Test func aFileThatIsThereIsReplaced() async throws {
    try await withBucket { fixture in
      fixture.bucket.objects["cache/a"] = Data("new".utf8)
      try fixture.loopback.folder.write("old", to: "file")
      #expect(try await fixture.remote().get("a", to: fixture.loopback.target))
      #expect(try Data(contentsOf: fixture.loopback.target) == Data("new".utf8))
    }
  }

  @Test func aBusyServerIsAskedAgain() async throws {
    let busy = { @Sendable (_: HTTPRequest, count: Int) in
      count % 2 == 0 ? refusal(503, "SlowDown", "Please reduce your request rate.") : nil
    }
    try await withBucket(instead: busy) { fixture in
      let remote = try fixture.remote()
      try await remote.put(try fixture.file(Data("a".utf8)), as: "a")
      #expect(try await remote.names(beginningWith: "") == ["a"])
      #expect(try await remote.get("a", to: fixture.loopback.target))
      #expect(fixture.loopback.waits.all == [1, 1, 1])
      #expect(fixture.loopback.requests.all.count == 6)
    }
  }

  @Test func anAnswerThatBreaksOffIsGoneOnWithOrLeavesNothing() async throws {
    let data = Data((0..<1000).map { UInt8(truncatingIfNeeded: $0) })
    try await withBucket(instead: { _, count in
      count < 2 ? broken([("ETag", "\"v\"")], data.prefix(300), of: 1000) : nil
    }) { fixture in
      fixture.bucket.objects["cache/a"] = data
      let remote = try fixture.remote()
      #expect(try await remote.get("a", to: fixture.loopback.target))
      #expect(try Data(contentsOf: fixture.loopback.target) == data)
      #expect(try fixture.loopback.names() == ["file"])
    }
    try await withBucket(instead: { _, _ in broken([], data.prefix(300), of: 1000) }) { fixture in
      let error = try await #require(throws: PipelineError.self) {
        try await fixture.remote(attempts: 2).get("a", to: fixture.loopback.target)
      }
      #expect(error.exit == .network)
      #expect(!FileManager.default.fileExists(atPath: fixture.loopback.target.path))
    }
  }

  @Test(
    arguments: [
      (
        refusal(301, "PermanentRedirect", "", "", [("x-amz-bucket-region", "eu-west-3")]),
        ["eu-west-3", "AWS_REGION"]
      ),
      (
        refusal(
          400, "AuthorizationHeaderMalformed", "expecting 'eu-west-3'", "<Region>eu-west-3</Region>"
        ), ["export AWS_REGION=eu-west-3"]
      ),
      (
        refusal(
          307, "TemporaryRedirect", "", "",
          [("Location", "http://127.0.0.1:9/?X-Amz-Signature=s3cret")]),
        ["isn't followed", "AWS_REGION"]
      ),
      (
        refusal(403, "AccessDenied", "Access Denied"),
        ["lacks the permission s3:", "AWS_ACCESS_KEY_ID"]
      ),
      (
        refusal(403, "InvalidAccessKeyId", "The key does not exist"),
        ["doesn't know the key from AWS_ACCESS_KEY_ID"]
      ),
      (refusal(400, "ExpiredToken", "The token has expired"), ["get a new one"]),
      (
        refusal(
          403, "RequestTimeTooSkewed", "The difference is too large", "",
          [("Date", "Sat, 01 Jan 2000 00:00:00 GMT")]),
        ["clock is wrong", "the server's says Sat, 01 Jan 2000"]
      ),
      (refusal(404, "NoSuchBucket", "The bucket does not exist"), ["no such bucket"]),
      (refusal(400, "EntityTooLarge", "Too large"), ["files of that size"]),
      (refusal(507, "XMinioStorageFull", ""), ["storage is full"]),
      (refusal(500, "InternalError", "We made an error"), ["also when asked again"]),
      (
        answer(404, [("Content-Type", "text/html")], Data("<html>no</html>".utf8)),
        ["answer isn't one of S3"]
      ),
      (refusal(409, "Odd\u{1B}[31m", "Something\u{7} odd"), ["refuses to"]),
    ] as [(HTTPResponse, [String])])
  func refusalsAreExplained(_ response: HTTPResponse, _ words: [String]) async throws {
    try await withBucket(instead: { _, _ in response }) { fixture in
      let remote = try fixture.remote()
      let file = try fixture.file(Data("a".utf8))
      let calls: [() async throws -> Void] = [
        { _ = try await remote.names(beginningWith: "") },
        { try await remote.put(file, as: "objects/a") },
        { _ = try await remote.get("objects/a", to: fixture.loopback.target) },
      ]
      for call in calls {
        let error = try await #require(throws: PipelineError.self) { try await call() }
        #expect(error.description.hasPrefix("s3://salt/cache: "))
        for word in words {
          #expect(error.description.localizedCaseInsensitiveContains(word), "\(error)")
        }
        #expect(!error.description.contains("s3cret"))
        #expect(!error.description.unicodeScalars.contains { $0.value < 32 })
      }
      #expect(try fixture.loopback.names() == ["sent"])
    }
  }

  @Test func aWrongKeyIsExplainedWithoutShowingIt() async throws {
    try await withBucket(Bucket(token: "lent-t0ken")) { fixture in
      let remote = try fixture.remote("s3://salt", ["AWS_SECRET_ACCESS_KEY": "other-s3cret"])
      let error = try await #require(throws: PipelineError.self) {
        try await remote.names(beginningWith: "")
      }
      #expect(error.description.contains("doesn't belong to that key's name"))
      #expect(error.exit == .badInput)
      var dumped = ""
      dump(remote, to: &dumped)
      for text in ["\(error)", dumped, fixture.loopback.notices.all.joined()] {
        for secret in ["s3cret", "t0ken", fixture.bucket.keyID] { #expect(!text.contains(secret)) }
      }
    }
  }

  @Test func whatAServerSendsBackOfTheKeyIsNotShown() async throws {
    let token = "lent-t0ken-of-today"
    try await withBucket(
      Bucket(token: token),
      instead: { request, _ in
        let sent = request.headers[HTTPHeader("X-Amz-Security-Token")] ?? "none"
        let base64 = Data(sent.utf8).base64EncodedString()
        return refusal(403, "Odd", "no \(sent), no \(base64), no s3cret/Key+with=signs")
      }
    ) { fixture in
      let remote = try fixture.remote()
      let error = try await #require(throws: PipelineError.self) {
        try await remote.names(beginningWith: "")
      }
      #expect(error.description.contains("no •••, no •••, no •••"), "\(error)")
    }
  }

  @Test func namesThatWouldLeadElsewhereAreNotAskedFor() async throws {
    try await withBucket { fixture in
      for name in ["", "../a", "../\u{301}a", "a//b", "a/./b", "/a"] {
        await #expect(throws: PipelineError.self) {
          try await fixture.remote().get(name, to: fixture.loopback.target)
        }
      }
      #expect(fixture.loopback.requests.all.isEmpty)
    }
  }

  @Test func aFileThatCannotBeSentIsNamed() async throws {
    try await withBucket { fixture in
      let missing = fixture.loopback.folder.url.appendingPathComponent("missing")
      let error = try await #require(throws: PipelineError.self) {
        try await fixture.remote().put(missing, as: "a")
      }
      #expect(error.description.contains(missing.path))
      // One byte too many, without a byte on the disk.
      let large = fixture.loopback.target
      _ = FileManager.default.createFile(atPath: large.path, contents: nil)
      #expect(truncate(large.path, off_t(S3Remote.largestFile) + 1) == 0)
      let refusal = try await #require(throws: PipelineError.self) {
        try await fixture.remote().put(large, as: "a")
      }
      #expect(refusal.description.contains("5 GiB"))
      #expect(fixture.loopback.requests.all.isEmpty)
    }
  }
}
