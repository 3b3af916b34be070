// AWS Signature Version 4, computed from what arrived at a server, without libcurl: as the specification
// says (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).

import CCrypto
import Foundation

/// A request as a server sees it.
struct SignedRequest {
  var method: String
  /// The path and the query as they were sent.
  var path: String
  var query: String
  /// By lower-case name.
  var headers: [String: String]

  private static let unreserved = Set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

  /// Decoded, then encoded as the specification wants it.
  private static func canonical(_ text: some StringProtocol) -> String {
    (text.removingPercentEncoding ?? "").utf8.map {
      unreserved.contains($0) ? String(UnicodeScalar($0)) : String(format: "%%%02X", $0)
    }.joined()
  }

  private func canonicalRequest(signing names: [String]) -> String {
    let path = path.split(separator: "/", omittingEmptySubsequences: false)
      .map { Self.canonical($0) }.joined(separator: "/")
    let query = query.split(separator: "&").map { field in
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (Self.canonical(parts[0]), parts.count > 1 ? Self.canonical(parts[1]) : "")
    }.sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    let fields = names.map {
      "\($0):\((headers[$0] ?? "").trimmingCharacters(in: .whitespaces))\n"
    }
    return [
      method, path, query, fields.joined(), names.joined(separator: ";"),
      headers["x-amz-content-sha256"] ?? "",
    ].joined(separator: "\n")
  }

  /// The signature by a key, in hex.
  func signature(key: String, region: String, service: String, signing names: [String]) -> String {
    let moment = headers["x-amz-date"] ?? ""
    let day = String(moment.prefix(8))
    let scope = "\(day)/\(region)/\(service)/aws4_request"
    let text = [
      "AWS4-HMAC-SHA256", moment, scope,
      hex(sha256(Data(canonicalRequest(signing: names).utf8))),
    ].joined(separator: "\n")
    var secret = Data("AWS4\(key)".utf8)
    for part in [day, region, service, "aws4_request", text] {
      secret = hmac(Data(part.utf8), key: secret)
    }
    return hex(secret)
  }

  /// Whether the Authorization field is right: key's name, scope, signature, and that all that has to be
  /// signed is.
  func isSigned(keyID: String, key: String, region: String, service: String) -> Bool {
    let pattern =
      /AWS4-HMAC-SHA256 Credential=([^\/]+)\/(\d{8})\/([^\/]+)\/([^\/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})/
    guard let match = headers["authorization"]?.wholeMatch(of: pattern) else { return false }
    let names = match.5.split(separator: ";").map(String.init)
    let needed = headers.keys.filter { $0.hasPrefix("x-amz-") } + ["host"]
    return match.1 == keyID && match.3 == region && match.4 == service
      && headers["x-amz-date"]?.hasPrefix(match.2) == true
      && names == names.sorted() && Set(needed).isSubset(of: names)
      && match.6 == signature(key: key, region: region, service: service, signing: names)
  }
}

func sha256(_ data: Data) -> Data {
  var digest = Data(count: 32)
  _ = digest.withUnsafeMutableBytes { digest in
    data.withUnsafeBytes {
      EVP_Digest($0.baseAddress, $0.count, digest.baseAddress, nil, EVP_sha256(), nil)
    }
  }
  return digest
}

/// HMAC with SHA-256.
private func hmac(_ data: Data, key: Data) -> Data {
  var code = Data(count: 32)
  _ = code.withUnsafeMutableBytes { code in
    key.withUnsafeBytes { key in
      data.withUnsafeBytes {
        HMAC(
          EVP_sha256(), key.baseAddress, Int32(key.count), $0.baseAddress, $0.count,
          code.baseAddress, nil)
      }
    }
  }
  return code
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { String(format: "%02x", $0) }.joined()
}
