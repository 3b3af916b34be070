// The REST form of Kaggle's API: which requests there are, and what their answers look like.
// It sends nothing. (The newer RPC form differs in just this.)

import Foundation
import Transfer

struct RESTDialect: Sendable {
  /// The scheme, host and port.
  let endpoint: URL
  let authorization: Secret

  /// A page of the list of files. Keys that aren't named here are ignored; each may be missing.
  struct FilePage: Decodable {
    struct File: Decodable {
      var name: String?
      var totalBytes: Int64?
    }
    var files: [File]?
    var nextPageToken: String?
  }

  func listFiles(_ slug: String, pageToken: String?) -> Request {
    var query = "pageSize=200"
    if let pageToken { query += "&pageToken=\(encoded(pageToken))" }
    return request("competitions/data/list/\(slug)?\(query)")
  }

  func downloadFile(_ slug: String, _ name: String) -> Request {
    request("competitions/data/download/\(slug)/\(encoded(name))")
  }

  private func request(_ path: String) -> Request {
    let base = endpoint.absoluteString
    let separator = base.hasSuffix("/") ? "" : "/"
    let url = URL(string: "\(base)\(separator)api/v1/\(path)")!  // all of its parts are encoded
    return Request(url, headers: ["Accept": "application/json"], authorization: authorization)
  }

  /// With `/` as `%2F` too, which is how the API wants a file in a folder to be named.
  private func encoded(_ text: String) -> String {
    let kept = CharacterSet(
      charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    return text.addingPercentEncoding(withAllowedCharacters: kept) ?? ""
  }
}
