// All that is needed to talk to Kaggle, out of a process's environment: who asks, which server, by which way.

public import Foundation
public import Transfer

/// Kaggle's pages for people.
package enum KaggleAddress {
  /// Where keys and tokens are made, and a phone is verified.
  package static let settings = "https://www.kaggle.com/settings"

  /// A competition's page; a slug is letters, digits and hyphens.
  package static func competition(_ slug: String) -> String {
    "https://www.kaggle.com/competitions/\(slug)"
  }

  /// The page on which a competition's rules are accepted.
  package static func rules(_ slug: String) -> String { competition(slug) + "/rules" }
}

/// Who asks, which server, and how.
public struct KaggleSettings: Sendable {
  /// Kaggle itself.
  public static let standardEndpoint = URL(string: "https://www.kaggle.com")!

  /// Who asks.
  public var credentials: Credentials
  /// The scheme, host and port of the server.
  public var endpoint: URL
  /// Proxy, certificates and patience.
  public var transfer: TransferSettings

  /// Settings as they are.
  public init(
    credentials: Credentials, endpoint: URL = Self.standardEndpoint,
    transfer: TransferSettings = TransferSettings()
  ) {
    (self.credentials, self.endpoint, self.transfer) = (credentials, endpoint, transfer)
  }

  /// The settings of a process. Beside what `Credentials.find` reads, `proxy` and `ssl_ca_cert` of kaggle.json count,
  /// which KAGGLE_PROXY and KAGGLE_SSL_CA_CERT override, and KAGGLE_API_ENDPOINT names another server.
  /// - Throws: `KaggleError`, saying what isn't as it should be, and what to do.
  public static func find(environment: [String: String]) throws -> KaggleSettings {
    let search = CredentialSearch(
      environment: environment, home: CredentialSearch.home(environment))
    return KaggleSettings(
      credentials: try search.credentials(), endpoint: try endpoint(environment: environment),
      transfer: try transfer(search))
  }

  /// The endpoint that KAGGLE_API_ENDPOINT names, else Kaggle itself.
  /// - Throws: `KaggleError` where it names none.
  public static func endpoint(environment: [String: String]) throws -> URL {
    guard let text = environment["KAGGLE_API_ENDPOINT"], !text.isEmpty else {
      return standardEndpoint
    }
    guard let url = URL(string: text), ["http", "https"].contains(url.scheme ?? ""),
      url.host?.isEmpty == false, ["", "/"].contains(url.path), url.query == nil, url.user == nil
    else {
      throw KaggleError(
        .invalidRequest,
        "KAGGLE_API_ENDPOINT must be a scheme, a host and perhaps a port, such as "
          + "http://127.0.0.1:8080, without a path (/api/v1 is added).")
    }
    return url
  }

  private static func transfer(_ search: CredentialSearch) throws -> TransferSettings {
    var settings = TransferSettings(environment: search.environment)
    // A kaggle.json that isn't needed for credentials may be anything.
    let file = search.configurationFile.flatMap { try? ConfigurationFile($0) }
    if let proxy = try search.variable("KAGGLE_PROXY") ?? file?.optional("proxy") {
      let source =
        search.variable("KAGGLE_PROXY") != nil
        ? "KAGGLE_PROXY" : "“proxy” in \(file?.path ?? "kaggle.json")"
      let address = URLComponents(string: proxy.contains("://") ? proxy : "http://\(proxy)")
      guard let scheme = address?.scheme?.lowercased(), address?.host?.isEmpty == false,
        ["http", "https", "socks4", "socks5", "socks5h"].contains(scheme)
      else {
        throw KaggleError(
          .malformedCredentials,
          "The proxy of \(source) is no address such as http://proxy.example.org:3128.")
      }
      (settings.proxy, settings.proxySource) = (Secret(proxy), source)
    }
    if let bundle = try search.variable("KAGGLE_SSL_CA_CERT") ?? file?.optional("ssl_ca_cert") {
      guard FileManager.default.isReadableFile(atPath: bundle) else {
        throw KaggleError(
          .malformedCredentials,
          "The certificates \(bundle) of "
            + (search.variable("KAGGLE_SSL_CA_CERT") != nil
              ? "KAGGLE_SSL_CA_CERT" : "“ssl_ca_cert” in \(file?.path ?? "kaggle.json")")
            + " aren't there, or can't be read.")
      }
      settings.certificates = bundle
    }
    return settings
  }
}
