// A small server on this machine that hands out a competition's files as Kaggle does: an API that
// wants a key, and on another port a storage that wants a signed address and no key. It knows just
// what a download needs, and agrees with notes about Kaggle, not with Kaggle.

import FlyingFox
import FlyingSocks
public import Foundation

/// Serves one competition's files on 127.0.0.1.
public actor KaggleServer {
  private let catalogue: KaggleServerCatalogue
  private let slug: String
  private let authorization: String
  private let pageLimit: Int
  private var fault: KaggleServerFault?

  private var servers: [(server: HTTPServer, task: Task<Void, any Error>)] = []
  private var storagePort: UInt16 = 0
  private var signatures: Set<String> = []
  private var seen: [Seen] = []

  /// A request as a test may want to look at it.
  package struct Seen: Sendable, Equatable {
    /// The path as it was sent.
    package let path: String
    package let isAuthorized: Bool
    /// The value of Range.
    package let range: String?
    package let isStorage: Bool
  }

  /// Makes a server; it listens from `start` on.
  /// - Parameters:
  ///   - files: the folder of the competition's files. A file `x.csv.zip` is listed as `x.csv`, as
  ///     Kaggle does with big tables.
  ///   - slug: the competition's name in addresses.
  ///   - username: the one user's name.
  ///   - key: the user's key.
  ///   - pageLimit: the most files on a page of the list.
  ///   - md5: checksums in base64 by the file's name in the folder, to be stated in x-goog-hash.
  public init(
    files: URL, slug: String, username: String, key: String, pageLimit: Int = 200,
    md5: [String: String] = [:]
  ) {
    catalogue = KaggleServerCatalogue(folder: files, md5: md5)
    self.slug = slug
    self.pageLimit = pageLimit
    authorization = "Basic " + Data("\(username):\(key)".utf8).base64EncodedString()
  }

  /// Listens on two free ports.
  /// - Returns: the API's address, as KAGGLE_API_ENDPOINT takes it.
  public func start() async throws -> URL {
    storagePort = try await listen { [weak self] in await self?.storage($0) }
    let port = try await listen { [weak self] in await self?.api($0) }
    return URL(string: "http://127.0.0.1:\(port)")!
  }

  /// Ends all connections and stops listening.
  public func stop() async {
    for (server, task) in servers {
      await server.stop(timeout: 0)
      task.cancel()
    }
    servers = []
  }

  /// Shows a fault from the next request on; nil ends it.
  public func simulate(_ fault: KaggleServerFault?) { self.fault = fault }

  /// The requests so far, in order.
  package var requests: [Seen] { seen }

  private func listen(
    _ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse?
  ) async throws -> UInt16 {
    let server = HTTPServer(
      address: try .inet(ip4: "127.0.0.1", port: 0), timeout: 60, logger: .disabled,
      handler: ClosureHTTPHandler { request in
        await answer(request) ?? HTTPResponse(statusCode: .serviceUnavailable)
      })
    let task = Task { try await server.run() }
    servers.append((server, task))
    try await server.waitUntilListening(timeout: 60)
    guard case .ip4(_, let port) = await server.listeningAddress else {
      throw SocketError.disconnected
    }
    return port
  }

  // MARK: The API

  private func api(_ request: HTTPRequest) -> HTTPResponse {
    let path = request.target.path()
    let given = request.headers[.authorization]
    seen.append(
      Seen(path: path, isAuthorized: given != nil, range: nil, isStorage: false))
    if let answer = apiFault(path) { return answer }
    guard given == authorization else {
      return refusal(.unauthorized, "Unauthenticated")
    }
    let parts = path.split(separator: "/").map(String.init)
    guard parts.prefix(4) == ["api", "v1", "competitions", "data"], parts.count >= 6 else {
      return refusal(.notFound, "NotFound")
    }
    guard parts[5] == slug else {
      return refusal(.forbidden, "Permission 'competitions.get' was denied")
    }
    switch (parts[4], parts.count) {
    case ("list", 6): return list(request)
    case ("download", 7): return redirect(parts[6].removingPercentEncoding ?? "")
    default: return refusal(.notFound, "NotFound")
    }
  }

  private func apiFault(_ path: String) -> HTTPResponse? {
    switch fault {
    case .rulesNotAccepted where path.contains("/download/"):
      return refusal(
        .forbidden,
        "You must accept this competition's rules before you'll be able to download files.")
    case .tooManyRequests(_, let wait):
      fault = fault?.next
      var response = refusal(.tooManyRequests, "TooManyRequests")
      response.headers[HTTPHeader("Retry-After")] = "\(wait)"
      return response
    case .unavailable:
      fault = fault?.next
      return refusal(.serviceUnavailable, "Unavailable")
    case .webPage:
      return HTTPResponse(
        statusCode: .ok, headers: [.contentType: "text/html"],
        body: Data("<html><body>Please sign in</body></html>".utf8))
    case .brokenJSON:
      return HTTPResponse(statusCode: .ok, body: Data("{\"files\":[{\"na".utf8))
    default: return nil
    }
  }

  private func list(_ request: HTTPRequest) -> HTTPResponse {
    func query(_ name: String) -> Int? {
      request.query.first { $0.name == name }.flatMap { Int($0.value) }
    }
    let files = catalogue.files()
    let size = max(1, min(query("pageSize") ?? 20, pageLimit, 200))
    let first = max(0, min(query("pageToken") ?? 0, files.count))
    let page = files.dropFirst(first).prefix(size)
    var answer: [String: Any] = [
      "files": page.map { file -> [String: Any] in
        ["ref": file.name, "name": file.name, "totalBytes": file.bytes, "url": ""]
      },
      "nextPageToken": "",
    ]
    if first + page.count < files.count { answer["nextPageToken"] = "\(first + page.count)" }
    return json(.ok, answer)
  }

  private func redirect(_ name: String) -> HTTPResponse {
    guard let file = catalogue.files().first(where: { $0.name == name }) else {
      return refusal(.notFound, "NotFound")
    }
    let signature = UUID().uuidString
    if case .expiredAddress = fault {
      fault = fault?.next
    } else {
      signatures.insert(signature)
    }
    var address = URLComponents()
    address.scheme = "http"
    address.host = "127.0.0.1"
    address.port = Int(storagePort)
    address.path = KaggleServerCatalogue.storagePrefix + file.path
    address.queryItems = [
      URLQueryItem(name: "GoogleAccessId", value: "demo"),
      URLQueryItem(name: "Signature", value: signature),
    ]
    let headers: HTTPHeaders = [.location: address.string ?? ""]
    return HTTPResponse(statusCode: .found, headers: headers)
  }

  private func refusal(_ status: HTTPStatusCode, _ message: String) -> HTTPResponse {
    json(status, ["code": status.code, "message": message])
  }

  private func json(_ status: HTTPStatusCode, _ value: [String: Any]) -> HTTPResponse {
    // Text and numbers only, so that it can't fail.
    let body =
      (try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])) ?? Data()
    return HTTPResponse(
      statusCode: status, headers: [.contentType: "application/json"], body: body)
  }

  // MARK: The storage

  private func storage(_ request: HTTPRequest) -> HTTPResponse {
    let isAuthorized = request.headers[.authorization] != nil
    seen.append(
      Seen(
        path: request.target.path(), isAuthorized: isAuthorized,
        range: request.headers[.range], isStorage: true))
    let signature = request.query.first { $0.name == "Signature" }?.value ?? ""
    guard !isAuthorized else { return xml(.badRequest, "InvalidArgument") }
    guard signatures.contains(signature) else { return xml(.badRequest, "ExpiredToken") }
    let path = request.target.path(percentEncoded: false)
    guard request.method == .GET, path.hasPrefix(KaggleServerCatalogue.storagePrefix),
      let file = catalogue.files().first(where: {
        $0.path == path.dropFirst(KaggleServerCatalogue.storagePrefix.count)
      })
    else { return xml(.notFound, "NoSuchKey") }
    var breaksOff = false
    if case .brokenConnection = fault {
      fault = fault?.next
      breaksOff = true
    }
    do {
      return try catalogue.answer(
        file, range: request.headers[.range], ifRange: request.headers[HTTPHeader("If-Range")],
        breaksOff: breaksOff)
    } catch { return xml(.internalServerError, "InternalError") }
  }

  private func xml(_ status: HTTPStatusCode, _ code: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: status, headers: [.contentType: "application/xml"],
      body: Data("<?xml version='1.0'?><Error><Code>\(code)</Code></Error>".utf8))
  }
}
