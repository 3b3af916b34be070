// What libcurl's failures say to people: proxies, other protocols, contradicting lengths.

import Foundation
import LoopbackSupport
import TestSupport
import Testing
import Transfer

@Suite struct FailureTests {
  private func client(_ change: (inout TransferSettings) -> Void = { _ in }) -> TransferClient {
    var settings = TransferSettings()
    settings.attempts = 1
    change(&settings)
    return TransferClient(settings, sleepingBy: { _ in })
  }

  private func failure(_ text: String, by client: TransferClient) async throws -> TransferError {
    let url = try #require(URL(string: text))
    return try await #require(throws: TransferError.self) { try await client.send(Request(url)) }
  }

  @Test func whatSpeaksNoHTTPIsCalledSo() async throws {
    let server = try RawServer("hello, I am no web server\n")
    let error = try await failure("http://127.0.0.1:\(server.port)/", by: client())
    #expect(error.kind == .unexpected)
    #expect(error.reason.contains("doesn't speak HTTP"))
  }

  /// RFC 9112, 6.3: where both come, Transfer-Encoding holds.
  @Test func aLengthBesideChunksMeansNothing() async throws {
    let server = try RawServer(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
        + "8\r\n12345678\r\n0\r\n\r\n")
    let folder = try TemporaryFolder()
    let url = try #require(URL(string: "http://127.0.0.1:\(server.port)/"))
    let target = folder.url.appendingPathComponent("a")
    _ = try await client().download(Request(url), to: target, expecting: .init(bytes: 8))
    #expect(try Data(contentsOf: target) == Data("12345678".utf8))
  }

  @Test func aServerThatFallsSilentIsLeft() async throws {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nETag: \"a\"\r\n\r\n"
    let part =
      "HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\nContent-Range: bytes 4-7/8\r\nETag: \"a\"\r\n\r\n"
    let server = try RawServer(head + "1234", part + "5678", silence: 4)
    let folder = try TemporaryFolder()
    let url = try #require(URL(string: "http://127.0.0.1:\(server.port)/"))
    let target = folder.url.appendingPathComponent("a")
    let client = client {
      $0.attempts = 3
      $0.silentSeconds = 1
    }
    let download = try await client.download(Request(url), to: target)
    #expect(try Data(contentsOf: target) == Data("12345678".utf8))
    #expect(download.resumedFrom == 4 && server.requests.count == 2)
    #expect(server.requests[1].contains("Range: bytes=4-"))
  }

  @Test(arguments: [(407, "user name and a password"), (403, "Ask who runs it")])
  func aProxyThatRefusesIsNamed(_ status: Int, _ advice: String) async throws {
    let proxy = try RawServer("HTTP/1.1 \(status) No\r\nContent-Length: 0\r\n\r\n")
    let error = try await failure(
      "https://www.example.org/a?Signature=s3cret",
      by: client {
        $0.proxy = Secret("http://ada:pa55word@127.0.0.1:\(proxy.port)")
        $0.proxySource = "KAGGLE_PROXY"
      })
    #expect(error.kind == .proxy, "\(error)")
    #expect(error.reason.contains("the proxy of KAGGLE_PROXY refuses (\(status))"))
    #expect(error.reason.contains(advice))
    #expect(proxy.requests.first?.hasPrefix("CONNECT www.example.org:443") == true)
    for secret in ["pa55word", "s3cret"] { #expect(!error.description.contains(secret)) }
  }

  @Test func aProxyThatIsntThereIsNamed() async throws {
    let error = try await failure(
      "https://www.example.org/",
      by: client {
        // Port 1 is nobody's.
        ($0.proxy, $0.proxySource) = (Secret("http://127.0.0.1:1"), "https_proxy")
      })
    #expect(error.kind == .noServer)
    #expect(error.reason.contains("through the proxy of https_proxy"))
  }

  @Test func thisMachineIsReachedWithoutAProxy() async throws {
    let server = try RawServer("HTTP/1.1 204 No\r\n\r\n")
    let url = try #require(URL(string: "http://127.0.0.1:\(server.port)/"))
    let response = try await client { $0.proxy = Secret("http://127.0.0.1:1") }.send(Request(url))
    #expect(response.status == 204)
  }

  @Test func certificatesThatArentThereAreNamed() async throws {
    let server = try RawServer("")
    let error = try await failure(
      "https://127.0.0.1:\(server.port)/", by: client { $0.certificates = "/no/such.pem" })
    #expect(error.kind == .certificate)
    #expect(error.reason.contains("/no/such.pem") && error.reason.contains("CURL_CA_BUNDLE"))
  }
}
