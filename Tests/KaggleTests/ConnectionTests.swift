// In which style Kaggle's API is spoken, what its errors say, and what they never say.

import Basics
import Demo
import FlyingFox
import Foundation
import Kaggle
import LoopbackSupport
import TestSupport
import Testing
import Transfer

@Suite struct ConnectionTests {
  private let files = ["a.csv": Data("id\n".utf8)]

  @Test func rpcIsAskedFirstAndTheAnswerIsRemembered() async throws {
    try await withServer(files) { fixture in
      let connection = fixture.connection()
      #expect(connection.speaks == nil)
      for _ in 0..<2 { _ = try await KaggleAPI(connection).listFiles(slug) }
      #expect(connection.speaks == .rpc)
      let paths = await fixture.server.requests.map(\.path)
      #expect(
        paths
          == [String](
            repeating: "/api/v1/competitions.CompetitionApiService/ListDataFiles", count: 2))
    }
  }

  @Test func whereRPCIsntSpokenRESTIsAndThatIsRemembered() async throws {
    try await withServer(files, styles: [.rest]) { fixture in
      let connection = fixture.connection()
      for _ in 0..<2 { _ = try await KaggleAPI(connection).listFiles(slug) }
      #expect(connection.speaks == .rest)
      let paths = await fixture.server.requests.map(\.path)
      #expect(
        paths == [
          "/api/v1/competitions.CompetitionApiService/ListDataFiles",
          "/api/v1/competitions/data/list/\(slug)", "/api/v1/competitions/data/list/\(slug)",
        ])
    }
  }

  /// Kaggle's own hosts, by what a proxy is asked for. It lets nothing through.
  @Test func whereRPCsHostCantBeReachedRESTsIsTried() async throws {
    let proxy = try RawServer("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
    var transfer = TransferSettings()
    transfer.attempts = 1
    transfer.proxy = Secret("http://127.0.0.1:\(proxy.port)")
    transfer.proxySource = "KAGGLE_PROXY"
    let connection = KaggleConnection(
      KaggleSettings(
        credentials: Credentials(token: Secret("KGAT_1234"), source: "x"), transfer: transfer),
      client: TransferClient(transfer, sleepingBy: { _ in }))
    let error = try await #require(throws: KaggleError.self) {
      _ = try await KaggleAPI(connection).listFiles(slug)
    }
    #expect(error.kind == .proxy && connection.speaks == nil)
    let hosts = proxy.requests.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
    #expect(hosts == ["CONNECT api.kaggle.com:443", "CONNECT www.kaggle.com:443"])
    #expect(!proxy.requests.joined().contains("KGAT_1234"))
  }

  /// A refusal in RPC's own form is an answer: it isn't asked for in another way.
  @Test func aRefusalOfRPCStands() async throws {
    try await withServer(files) { fixture in
      let connection = fixture.connection()
      let error = try await #require(throws: KaggleError.self) {
        _ = try await KaggleAPI(connection).download(
          slug, RemoteFile(name: "b.csv", bytes: nil), to: fixture.target.url)
      }
      #expect(error.kind == .notFound && connection.speaks == .rpc)
      #expect(await fixture.server.requests.count == 1)
    }
  }

  /// What each style answers by itself, told by hand; the two shapes of an error (research notes, section 6).
  @Test(arguments: [
    #"{"error":{"code":403,"message":"Not \u0027yours\u0027","status":"PERMISSION_DENIED"}}"#,
    #"{"code":403,"message":"Not \u0027yours\u0027"}"#,
  ])
  func bothShapesOfAnErrorAreRead(_ body: String) async throws {
    let error = try await failure(403, body)
    #expect(error.kind == .forbidden)
    #expect(error.description.contains("It says: “Not 'yours'”"))
  }

  @Test func aStatusInsideAGoodAnswerCounts() async throws {
    let error = try await failure(200, #"{"code":404,"message":"NotFound"}"#)
    #expect(error.description.contains("NotFound"))
  }

  private func failure(
    _ status: Int, _ body: String, fields: [(String, String)] = [],
    credentials: Credentials = Credentials(username: "ada", key: Secret("s3cretkey"), source: "x")
  ) async throws -> KaggleError {
    let found = Log<KaggleError>()
    try await withLoopback { _, _ in
      answer(status, fields + [("Content-Type", "application/json")], Data(body.utf8))
    } _: { loopback in
      let endpoint = try #require(URL(string: "http://127.0.0.1:\(loopback.url.port ?? 0)"))
      let connection = KaggleConnection(
        KaggleSettings(credentials: credentials, endpoint: endpoint), client: loopback.client())
      let error = try await #require(throws: KaggleError.self) {
        _ = try await KaggleAPI(connection).listFiles(slug)
      }
      found.add(error)
    }
    return try #require(found.all.first)
  }

  // MARK: Known refusals

  @Test(arguments: [
    (403, "You must accept this competition's rules before you can continue", "/rules"),
    (403, "Please verify your phone number first", "Phone Verification"),
    (400, "This competition has ended and accepts no submissions", "no submissions any more"),
    (400, "You have exceeded the maximum number of submissions per day", "00:00 UTC"),
    (403, "This is a notebooks only competition", "from notebooks at Kaggle only"),
    (401, "Unauthenticated", "Make a new access token"),
  ])
  func aKnownRefusalSaysWhatToDo(_ status: Int, _ said: String, _ advice: String) async throws {
    let error = try await failure(status, #"{"code":\#(status),"message":"\#(said)"}"#)
    #expect(error.exit == .network)
    #expect(error.description.contains(advice), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  @Test func aRefusedTokenIsCalledSo() async throws {
    let error = try await failure(
      401, #"{"code":401,"message":"Unauthenticated"}"#,
      credentials: Credentials(token: Secret("0123456789"), source: "KAGGLE_API_TOKEN"))
    #expect(error.kind == .unauthorized)
    #expect(error.description.contains("the access token from KAGGLE_API_TOKEN"))
    #expect(error.description.contains("A key of 32 digits is no token"))
  }

  // MARK: Secrets

  @Test(arguments: [400, 401, 403, 404, 429, 500])
  func aSecretThatComesBackIsTakenOut(_ status: Int) async throws {
    let key = "s3cretkey0123456789"
    let pair = Data("ada:\(key)".utf8).base64EncodedString()
    let alone = Data(key.utf8).base64EncodedString()
    let body =
      #"{"code":\#(status),"message":"bad Basic \#(pair), \#(key), \#(alone), \u00733cretkey0123456789."}"#
    let error = try await failure(
      status, body, fields: [("Retry-After", "9999")],
      credentials: Credentials(username: "ada", key: Secret(key), source: "x"))
    for secret in [pair, key, alone] { #expect(!error.description.contains(secret), "\(error)") }
    if status != 429 { #expect(error.description.contains("•••"), "\(error)") }
  }

  @Test func nothingIsSentToStorageWithoutHTTPS() throws {
    let connection = KaggleConnection(
      KaggleSettings(credentials: Credentials(token: Secret("t0ken"), source: "x")),
      client: TransferClient())
    for bad in ["http://storage.example.org/a", "http://127.0.0.1/a", "ftp://a/b"] {
      #expect(throws: KaggleError.self) {
        try connection.check(storage: try #require(URL(string: bad)), of: "a.csv")
      }
    }
    try connection.check(
      storage: try #require(URL(string: "https://storage.example.org/a")), of: "a.csv")
  }
}
