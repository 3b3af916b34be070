// Who is let in. The page is for the person at this machine, whose browser also shows pages of strangers: these may
// neither read it, by a name of their own that leads here, nor press its buttons.

import Foundation

/// Checks a request before anything else looks at it.
struct Gate: Sendable {
  /// What has to be known to change anything.
  let token: String
  /// Names by which the page may be asked for; the port doesn't matter, since a tunnel may have another.
  let hosts: Set<String>
  /// Whether the token is needed to read as well: where others than this machine can ask.
  let readsNeedToken: Bool

  /// What a request says of itself.
  struct Request: Sendable {
    var method: String
    /// As it was sent.
    var path: String
    var host: String?
    var origin: String?
    /// Sec-Fetch-Site.
    var site: String?
    var token: String?
  }

  enum Verdict: Equatable, Sendable {
    case denied(Int, String)
    /// It may read; press buttons only with the token.
    case allowed(withToken: Bool)
  }

  func judge(_ request: Request) -> Verdict {
    guard let host = request.host, hosts.contains(Self.name(of: host)) else {
      return .denied(403, "this page is not served under that name")
    }
    if let origin = request.origin, origin != "http://\(host)" {
      return .denied(403, "another page may not ask here")
    }
    if let site = request.site, !["same-origin", "none"].contains(site), request.method != "GET" {
      return .denied(403, "another page may not ask here")
    }
    guard Self.isPlain(request.path) else { return .denied(404, "nothing is here") }
    let isKnown = request.token.map { Self.areEqual($0, token) } ?? false
    if !isKnown, readsNeedToken || request.method == "POST" {
      return .denied(403, "the address needs the token that `work serve` has printed")
    }
    guard ["GET", "HEAD", "POST"].contains(request.method) else {
      return .denied(405, "only GET and POST are known here")
    }
    return .allowed(withToken: isKnown)
  }

  /// The host without its port; an address of version 6 with its brackets.
  static func name(of host: String) -> String {
    if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
      return String(host[...end]).lowercased()
    }
    return host.prefix { $0 != ":" }.lowercased()
  }

  /// No way up, in whichever spelling, and nothing but plain letters.
  private static func isPlain(_ path: String) -> Bool {
    let decoded = path.removingPercentEncoding ?? ".."
    return !decoded.contains("..") && !decoded.contains("\\") && !decoded.contains("//")
      && decoded.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
  }

  /// Compares in a time that tells nothing of how much agrees.
  static func areEqual(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var difference = UInt8(a.count == b.count ? 0 : 1)
    for index in 0..<min(a.count, b.count) { difference |= a[index] ^ b[index] }
    return difference == 0
  }
}
