// Which bucket is meant, and under which address its objects are asked for.

package import Foundation
import Pipeline
import Transfer

/// `s3://BUCKET` or `s3://BUCKET/PREFIX`.
package struct S3Address: Sendable, Equatable, CustomStringConvertible {
  package let bucket: String
  /// What all names begin with: empty, or parts with a `/` after each.
  package let prefix: String

  /// Reads an address.
  /// - Throws: `PipelineError` where it isn't of that form. What looks like a key in it isn't repeated.
  package init(_ text: String) throws {
    guard text.hasPrefix("s3://") else {
      throw PipelineError("an address of S3 storage begins with s3://, as in s3://my-bucket/cache")
    }
    let parts = text.dropFirst(5).split(separator: "/", omittingEmptySubsequences: true)
    let bucket = parts.first.map(String.init) ?? ""
    guard !bucket.contains(where: { "@:".contains($0) }) else {
      throw PipelineError(
        "the address of S3 storage holds more than a bucket's name before its first slash. Keys and "
          + "servers don't belong there: set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
          + "AWS_ENDPOINT_URL_S3 instead")
    }
    let letters = bucket.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
    }
    guard letters, (3...63).contains(bucket.utf8.count),
      let first = bucket.first, let last = bucket.last, !"-.".contains(first),
      !"-.".contains(last), !bucket.contains("..")
    else {
      throw PipelineError(
        "\(text): “\(bucket)” can't be a bucket's name, which has 3 to 63 small letters, digits, "
          + "hyphens and dots")
    }
    guard parts.dropFirst().allSatisfy({ $0 != "." && $0 != ".." }) else {
      throw PipelineError("\(text): . and .. have no meaning in S3 storage")
    }
    self.bucket = bucket
    prefix = parts.dropFirst().map { $0 + "/" }.joined()
  }

  /// As it is written, without a slash at its end.
  package var description: String {
    prefix.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(prefix.dropLast())"
  }
}

/// The server that keeps a bucket.
package struct S3Endpoint: Sendable {
  /// Scheme, host and perhaps a path, without a slash at its end; the object's name comes after it.
  private let base: String

  /// Amazon's own, in a region. A bucket with dots in its name isn't covered by the certificate when
  /// it is part of the host's name, so it goes into the path.
  package init(bucket: String, region: String) {
    let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    base =
      bucket.contains(".")
      ? "https://s3.\(region).\(domain)/\(bucket)" : "https://\(bucket).s3.\(region).\(domain)"
  }

  /// Another server's, with the bucket in the path.
  /// - Parameter source: where the address was said, for messages.
  package init(bucket: String, server: String, source: String) throws {
    guard let url = URL(string: server), ["http", "https"].contains(url.scheme ?? ""),
      url.host?.isEmpty == false, url.user == nil, url.password == nil, url.query == nil,
      url.fragment == nil
    else {
      throw PipelineError(
        "\(source) must be a scheme and a host, such as http://127.0.0.1:9000, without a user's name "
          + "and a query")
    }
    guard url.scheme == "https" || url.isLoopback else {
      throw PipelineError(
        "\(source): \(url.redacted) is plain http to another machine, where anybody on the way can "
          + "change what is fetched. Give the server a certificate and use https, or reach it through a "
          + "tunnel (ssh -L 9000:localhost:9000 HOST) as http://127.0.0.1:9000")
    }
    var text = server[...]
    while text.hasSuffix("/") { text.removeLast() }
    base = "\(text)/\(bucket)"
  }

  /// The address of an object.
  package func address(ofKey key: String) -> URL {
    let path = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { Self.encoded(String(decoding: $0, as: UTF8.self)) }.joined(separator: "/")
    return URL(string: "\(base)/\(path)")!  // all of its parts are encoded
  }

  /// The address that lists the bucket's keys. The query is canonical: sorted and encoded.
  package func listing(prefix: String, after token: String?) -> URL {
    var fields = ["encoding-type": "url", "list-type": "2", "prefix": prefix]
    fields["continuation-token"] = token
    let query = fields.sorted { $0.key < $1.key }
      .map { "\($0.key)=\(Self.encoded($0.value))" }.joined(separator: "&")
    return URL(string: "\(base)/?\(query)")!  // all of its parts are encoded
  }

  private static let kept = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

  private static func encoded(_ text: some StringProtocol) -> String {
    text.addingPercentEncoding(withAllowedCharacters: kept) ?? ""
  }
}
