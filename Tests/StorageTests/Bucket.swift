// A bucket on this machine for one test: keeps objects in memory, and takes nothing that isn't signed.

import FlyingFox
import Foundation
import LoopbackSupport
import Storage
import Synchronization
import TestSupport
import Testing
import Transfer

/// What the server of a test knows.
final class Bucket: Sendable {
  let keyID = "AKIATEST"
  let key = "s3cret/Key+with=signs"
  let token: String?
  let region: String
  let pageLimit: Int
  private let stored = Mutex<[String: Data]>([:])

  init(token: String? = nil, region: String = "us-east-1", pageLimit: Int = 1000) {
    self.token = token
    self.region = region
    self.pageLimit = pageLimit
  }

  var objects: [String: Data] {
    get { stored.withLock { $0 } }
    set { stored.withLock { $0 = newValue } }
  }

  /// Answers as S3 does, for the bucket `salt` in the path.
  func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
    let body = try await request.bodyData
    var headers: [String: String] = [:]
    for (field, value) in request.headers { headers[field.rawValue.lowercased()] = value }
    let signed = SignedRequest(
      method: request.method.rawValue, path: request.target.path(), query: request.target.query(),
      headers: headers)
    guard signed.isSigned(keyID: keyID, key: key, region: region, service: "s3"),
      headers["x-amz-security-token"] == token
    else {
      let echoed = "<CanonicalRequest>\(headers["x-amz-security-token"] ?? "")</CanonicalRequest>"
      return refusal(403, "SignatureDoesNotMatch", "The signature does not match.", echoed)
    }
    guard headers["x-amz-content-sha256"] == hex(sha256(body)) else {
      return refusal(400, "XAmzContentSHA256Mismatch", "The hash does not match.")
    }
    let path = request.target.path(percentEncoded: false)
    guard path.hasPrefix("/salt/") else {
      return refusal(404, "NoSuchBucket", "The specified bucket does not exist")
    }
    let key = String(path.dropFirst("/salt/".count))
    switch (request.method, key) {
    case (.GET, ""): return listing(request)
    case (.GET, _):
      guard let data = objects[key] else {
        return refusal(404, "NoSuchKey", "The specified key does not exist.")
      }
      return LoopbackSupport.answer(200, [("ETag", "\"\(hex(sha256(data)))\"")], data)
    case (.PUT, _):
      stored.withLock { $0[key] = body }
      return LoopbackSupport.answer(200)
    default: return refusal(405, "MethodNotAllowed", "")
    }
  }

  private func listing(_ request: HTTPRequest) -> HTTPResponse {
    func value(_ name: String) -> String? { request.query.first { $0.name == name }?.value }
    // The token is the last key with signs that have to be encoded on the way back.
    let after =
      value("continuation-token").map { $0.dropFirst("a+b/c=&".count).removingPercentEncoding! }
      ?? ""
    let keys = objects.keys.filter { $0.hasPrefix(value("prefix") ?? "") && $0 > after }.sorted()
    let page = keys.prefix(pageLimit)
    let kept = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._/"))
    func encoded(_ key: String) -> String {
      key.addingPercentEncoding(withAllowedCharacters: kept)!
    }
    let contents = page.map {
      "<Contents><Key>\(encoded($0).replacingOccurrences(of: "%20", with: "+"))</Key></Contents>"
    }
    let isTruncated = page.count < keys.count
    let next =
      isTruncated
      ? "<NextContinuationToken>a+b/c=&amp;\(encoded(page.last!))</NextContinuationToken>" : ""
    return LoopbackSupport.answer(
      200, [],
      Data(
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>salt</Name>
        <EncodingType>\(value("encoding-type") ?? "")</EncodingType>
        <IsTruncated>\(isTruncated)</IsTruncated>\(next)\(contents.joined(separator: "\n"))
        </ListBucketResult>
        """.utf8))
  }
}

/// An answer in the form of S3's errors.
func refusal(
  _ status: Int, _ code: String, _ message: String, _ more: String = "",
  _ fields: [(String, String)] = []
) -> HTTPResponse {
  answer(
    status, fields,
    Data(
      "<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>\(message)</Message>\(more)</Error>"
        .utf8))
}

/// A remote on a bucket of this machine.
struct BucketFixture: Sendable {
  let loopback: Loopback
  let bucket: Bucket

  func remote(
    _ address: String = "s3://salt/cache", attempts: Int = 5, _ other: [String: String] = [:]
  ) throws -> S3Remote {
    var environment = [
      "AWS_ACCESS_KEY_ID": bucket.keyID, "AWS_SECRET_ACCESS_KEY": bucket.key,
      "AWS_REGION": bucket.region, "HOME": loopback.folder.url.path,
      "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:\(loopback.url.port ?? 0)/",
    ]
    environment["AWS_SESSION_TOKEN"] = bucket.token
    environment.merge(other) { $1 }
    var settings = TransferSettings()
    settings.attempts = attempts
    return try S3Remote(address, environment: environment, client: loopback.client(settings))
  }

  /// A file with this content.
  func file(_ content: Data) throws -> URL {
    try loopback.folder.write(content, to: "sent/\(UUID().uuidString)")
  }
}

/// Runs a test on a bucket, which answers where `instead` gives nil.
func withBucket(
  _ bucket: Bucket = Bucket(),
  instead: @escaping @Sendable (HTTPRequest, Int) -> HTTPResponse? = { _, _ in nil },
  _ body: (BucketFixture) async throws -> Void
) async throws {
  try await withLoopback { request, count in
    if let response = instead(request, count) { return response }
    return try await bucket.answer(request)
  } _: {
    try await body(BucketFixture(loopback: $0, bucket: bucket))
  }
}
