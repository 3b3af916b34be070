// What can be asked of Kaggle's API, in both of its styles: RPC as clients of version 2 speak it (a POST of JSON to
// SERVICE/METHOD), and REST as those of version 1 did. It sends nothing.

package import Basics
import Foundation
import Transfer

/// How Kaggle's API is spoken.
package enum KaggleStyle: Sendable, Equatable { case rpc, rest }

/// One question to the API, or one order.
package struct KaggleCall: Sendable {
  /// A part of the API, as RPC names it.
  package enum Service: String, Sendable {
    case competitions = "competitions.CompetitionApiService"
    case blobs = "blobs.BlobApiService"
    case datasets = "datasets.DatasetApiService"
    case kernels = "kernels.KernelsApiService"
    case accounts = "security.OAuthService"
  }

  /// What REST does with the address.
  package enum Action: Sendable {
    case get
    /// Fields of a form.
    case post([(name: String, value: String)])
    /// JSON.
    case json(JSONValue)
  }

  let service: Service
  let method: String
  let fields: [JSONValue.Member]
  let path: String
  let action: Action
  /// Whether asking twice is as good as asking once. RPC asks everything by POST.
  package let mayBeRepeated: Bool

  /// - Parameters:
  ///   - method: of RPC's service.
  ///   - fields: of RPC's JSON; those that are null are left out.
  ///   - path: of REST, below `/api/v1/`, encoded.
  package init(
    _ method: String, of service: Service = .competitions, _ fields: [JSONValue.Member],
    rest path: String, _ action: Action = .get, mayBeRepeated: Bool = true
  ) {
    (self.service, self.method) = (service, method)
    self.fields = fields.filter { $0.value != .null }
    (self.path, self.action) = (path, action)
    self.mayBeRepeated = mayBeRepeated
  }

  /// With `/` as `%2F` too, which is how REST wants a file in a folder to be named.
  package static func encoded(_ text: String) -> String {
    let kept = CharacterSet(
      charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    return text.addingPercentEncoding(withAllowedCharacters: kept) ?? ""
  }

  /// The call as a request.
  func request(_ style: KaggleStyle, _ settings: KaggleSettings) -> Request {
    switch style {
    case .rpc: rpc(settings)
    case .rest: rest(settings)
    }
  }

  private func rpc(_ settings: KaggleSettings) -> Request {
    // Kaggle itself has a host of its own for this; any other server has it below the same path as REST.
    let base =
      settings.endpoint == KaggleSettings.standardEndpoint
      ? "https://api.kaggle.com/v1/" : Self.base(settings)
    return Request(
      Self.url(base + "\(service.rawValue)/\(method)"), method: .post,
      headers: ["Accept": "application/json", "Content-Type": "application/json"],
      authorization: settings.credentials.authorization,
      body: Data(JSONValue.object(fields).canonical.utf8), mayBeRepeated: mayBeRepeated)
  }

  private func rest(_ settings: KaggleSettings) -> Request {
    var request = Request(
      Self.url(Self.base(settings) + path), headers: ["Accept": "application/json"],
      authorization: settings.credentials.authorization, mayBeRepeated: mayBeRepeated)
    switch action {
    case .get: break
    case .json(let value):
      request.method = .post
      request.headers["Content-Type"] = "application/json"
      request.body = Data(value.canonical.utf8)
    case .post(let form):
      // Of letters and digits that no field of a form holds by chance.
      let boundary = "work-\(UUID().uuidString)"
      request.method = .post
      request.headers["Content-Type"] = "multipart/form-data; boundary=\(boundary)"
      var text = ""
      for field in form {
        text += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(field.name)\"\r\n\r\n"
        text += "\(field.value)\r\n"
      }
      request.body = Data((text + "--\(boundary)--\r\n").utf8)
    }
    return request
  }

  private static func base(_ settings: KaggleSettings) -> String {
    let base = settings.endpoint.absoluteString
    return base + (base.hasSuffix("/") ? "" : "/") + "api/v1/"
  }

  /// All parts of the text are encoded.
  private static func url(_ text: String) -> URL { URL(string: text)! }
}

extension KaggleCall {
  static func listFiles(_ slug: String, pageToken: String?) -> KaggleCall {
    let token = pageToken.map { "&pageToken=\(encoded($0))" } ?? ""
    return KaggleCall(
      "ListDataFiles",
      [
        .init("competitionName", .string(slug)), .init("pageSize", .int(200)),
        .init("pageToken", pageToken.map(JSONValue.string) ?? .null),
      ], rest: "competitions/data/list/\(slug)?pageSize=200\(token)")
  }

  static func downloadFile(_ slug: String, _ name: String) -> KaggleCall {
    KaggleCall(
      "DownloadDataFile",
      [.init("competitionName", .string(slug)), .init("fileName", .string(name))],
      rest: "competitions/data/download/\(slug)/\(encoded(name))")
  }
}
