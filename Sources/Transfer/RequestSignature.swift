// Who signs a request in the way of Amazon's web services. libcurl does the signing.

/// The key that signs a request by Signature Version 4, and what the signature is good for.
///
/// A signed request's path and query must be canonical: all but letters, digits and `-._~` encoded by `%`
/// and two upper-case digits (but for `/` in the path), the query's fields sorted, each with a `=`. It
/// must carry the SHA-256 of its content, in hex, as `x-amz-content-sha256`, where the service wants that
/// (S3 does).
public struct RequestSignature: Sendable {
  /// The key's name.
  public let keyID: Secret
  /// The key, which is never sent.
  public let key: Secret
  /// What has to be sent along with a temporary key.
  public let sessionToken: Secret?
  /// Such as `eu-central-1`; letters, digits and hyphens.
  public let region: String
  /// Such as `s3`; letters and digits.
  public let service: String

  /// Names a key, a region and a service.
  public init(
    keyID: Secret, key: Secret, sessionToken: Secret? = nil, region: String, service: String
  ) {
    self.keyID = keyID
    self.key = key
    self.sessionToken = sessionToken
    self.region = region
    self.service = service
  }

  /// What libcurl wants to know: the two names of the scheme, the region, the service.
  var scope: String { "aws:amz:\(region):\(service)" }

  /// What ends up in header fields.
  var fields: [String] { [keyID.revealed, sessionToken?.revealed ?? "", region, service] }

  /// The first libcurl that signs the field for the content's hash: 7.87.0.
  static let leastVersion: UInt32 = 0x075700
}
