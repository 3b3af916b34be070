// What is asked of a server. Addresses are shown without their query, which may hold a signature.

public import Foundation

/// One HTTP request.
public struct Request: Sendable, CustomStringConvertible {
  /// What is wanted of the resource.
  public enum Method: String, Sendable {
    /// Fetch it. May be repeated.
    case get = "GET"
    /// Send `body`. Not repeated by itself, since it may have had its effect.
    case post = "POST"
    /// Keep `file` under the address. May be repeated: the second time changes nothing.
    case put = "PUT"
  }

  /// The address: https, or plain http to this machine only.
  public var url: URL
  /// What is wanted.
  public var method: Method
  /// Header fields by name, without Authorization.
  public var headers: [String: String]
  /// The value of the Authorization field. It goes to this request's host and to no other, since
  /// redirects are not followed.
  public var authorization: Secret?
  /// Who signs the request, in place of `authorization`.
  public var signature: RequestSignature?
  /// What a POST carries.
  public var body: Data
  /// What a PUT carries, read while it is sent; nil for a PUT of nothing.
  public var file: URL?
  /// Where in the file a PUT begins, in bytes.
  public var offset: Int64 = 0
  /// Whether it may be sent again where no good answer came.
  public var mayBeRepeated: Bool

  /// Makes a request.
  /// - Parameter mayBeRepeated: by default, a GET and a PUT may be, and a POST may not.
  public init(
    _ url: URL, method: Method = .get, headers: [String: String] = [:],
    authorization: Secret? = nil, signature: RequestSignature? = nil, body: Data = Data(),
    file: URL? = nil, mayBeRepeated: Bool? = nil
  ) {
    self.mayBeRepeated = mayBeRepeated ?? (method != .post)
    self.url = url
    self.method = method
    self.headers = headers
    self.authorization = authorization
    self.signature = signature
    self.body = body
    self.file = file
  }

  /// The method and the address, for people.
  public var description: String { "\(method.rawValue) \(url.redacted)" }

  /// Why the request must not be sent, or nil.
  var objection: String? {
    guard let scheme = url.scheme?.lowercased(), let host = url.host, !host.isEmpty else {
      return "the address has no scheme or no host"
    }
    if url.user != nil || url.password != nil { return "the address holds a user's name" }
    switch scheme {
    case "https": break
    case "http" where url.isLoopback: break
    case "http": return "plain http is allowed to this machine only; use https"
    default: return "\(scheme) is not http or https"
    }
    let fields =
      headers.flatMap { [$0.key, $0.value] } + [authorization?.revealed ?? ""]
      + (signature?.fields ?? [])
    if fields.contains(where: { $0.utf8.contains { $0 == 10 || $0 == 13 || $0 == 0 } }) {
      return "a header field or the credentials hold a line break"
    }
    return nil
  }
}

extension URL {
  /// The address with its query left out: that of a signed address is a secret.
  public var redacted: String {
    guard var parts = URLComponents(url: self, resolvingAgainstBaseURL: true) else {
      return "an address that can't be shown"
    }
    let hasQuery = parts.percentEncodedQuery != nil
    parts.query = nil
    parts.fragment = nil
    parts.user = nil
    parts.password = nil
    return (parts.string ?? "an address that can't be shown") + (hasQuery ? "?…" : "")
  }

  /// Whether the host is this machine, by its name or number.
  package var isLoopback: Bool {
    guard let host = host?.lowercased() else { return false }
    if host == "localhost" || host == "::1" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
