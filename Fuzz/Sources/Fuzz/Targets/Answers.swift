// What servers answer, header and body, read by libcurl from a socket of this machine: plain answers, downloads,
// Kaggle's API and S3 storage. And S3's XML by itself, which is faster.

import Foundation
import Synchronization

@testable import Kaggle
@testable import Storage
@testable import Transfer

let answerTargets: [Target] = [
  Target(name: "xml") {
    [
      "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"x\"><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>t&amp;&#x41;</NextContinuationToken><Contents><Key>a%2Fb+c</Key></Contents></ListBucketResult>",
      "<Error><Code>NoSuchKey</Code><Message><![CDATA[m]]></Message><Region>r</Region><!-- c --></Error>",
    ].map { Data($0.utf8) }
  } body: { data in
    _ = S3Listing(data)
    if let refusal = S3Refusal(data) {
      promise(refusal.message.unicodeScalars.count <= 300, "words of moderate length")
    }
  },
  Target(name: "http") {
    let body = #"{"files":[{"name":"a.csv","totalBytes":3,"ref":"x"}],"nextPageToken":""}"#
    return [
      "0HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: \"a\"\r\nx-goog-hash: md5=kAFQmDzST7DWlj99KOF/cg==\r\n\r\nabc",
      "1HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-4/5\r\nETag: \"e\"\r\n\r\ncde",
      "2HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
      "2HTTP/1.1 403 Forbidden\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n{\"code\":403,\"message\":\"m\"}",
      "2HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/x\r\nSet-Cookie: a=b\r\n\r\n",
      "3HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<Erro\r\n0\r\n\r\n",
      "0HTTP/1.1 429 Slow\r\nRetry-After: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Encoding: gzip\r\n\r\nx",
    ].map { Data($0.utf8) }
  } body: { data in
    guard let choice = data.first else { return }
    Answers.shared.answer.withLock { $0 = Array(data.dropFirst()) }
    let finished = DispatchSemaphore(value: 0)
    Task.detached {
      await ask(choice)
      finished.signal()
    }
    finished.wait()
  },
]

/// Asks the server in one of the ways that there are.
private func ask(_ choice: UInt8) async {
  var settings = TransferSettings()
  settings.attempts = 2
  settings.silentSeconds = 1
  settings.bodyLimit = 1 << 16
  let client = TransferClient(settings, sleepingBy: { _ in })
  let url = URL(string: "http://127.0.0.1:\(Answers.shared.port)/file")!
  switch choice & 3 {
  case 0:
    if let response = try? await client.send(Request(url)) {
      _ = (response.headers.contentLength, response.headers.checksum, response.retryAfter)
    }
  case 1:
    let file = Scratch.folder.appendingPathComponent("fetched")
    for ending in ["", ".partial", ".partial.json"] { unlink(file.path + ending) }
    let partial = PartialFile(target: file)
    if let writer = try? partial.open(appending: false) {
      Array("ab".utf8).withUnsafeBytes { try? writer.write($0) }
      try? partial.note(.init(validator: "\"e\"", bytes: 5))
    }
    let fetched = try? await client.download(
      Request(url), to: file, expecting: ExpectedContent(bytes: 5, mayBeZipped: choice & 4 == 0))
    if fetched != nil { promise(size(of: file) != nil, "what was fetched is there") }
  case 2:
    let kaggle = KaggleSettings(
      credentials: Credentials(username: "u", key: Secret("geheim"), source: "s"),
      endpoint: URL(string: "http://127.0.0.1:\(Answers.shared.port)")!, transfer: settings)
    let api = KaggleAPI(KaggleConnection(kaggle, client: client))
    do {
      for file in try await api.listFiles("slug") where choice & 4 == 0 {
        _ = try await api.download("slug", file, to: Scratch.folder.appendingPathComponent("k"))
      }
    } catch { promise(!"\(error)".contains("geheim"), "no error holds the key") }
  default:
    let environment = [
      "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "geheim", "HOME": Scratch.folder.path,
      "AWS_ENDPOINT_URL": "http://127.0.0.1:\(Answers.shared.port)",
    ]
    guard let remote = try? S3Remote("s3://bucket/p", environment: environment, client: client)
    else { return }
    do {
      _ = try await remote.names(beginningWith: "entries/")
      _ = try await remote.get("entries/x", to: Scratch.folder.appendingPathComponent("s3"))
    } catch { promise(!"\(error)".contains("geheim"), "no error holds the key") }
  }
}

/// A server that gives every connection the same bytes.
private final class Answers: Sendable {
  static let shared = Answers()
  let port: UInt16
  let answer = Mutex<[UInt8]>([])

  private init() {
    signal(SIGPIPE, SIG_IGN)
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 64) == 0
          && getsockname(listener, $0, &size) == 0
      }
    }
    guard isListening else { refuse("no port is free") }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread {
      var buffer = [UInt8](repeating: 0, count: 1 << 14)
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { continue }
        _ = read(connection, &buffer, buffer.count)
        let bytes = Answers.shared.answer.withLock { $0 }
        _ = write(connection, bytes, bytes.count)
        shutdown(connection, Int32(SHUT_WR))
        close(connection)
      }
    }
  }
}
