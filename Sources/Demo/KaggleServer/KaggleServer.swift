// A small server on this machine that hands out a competition's files and takes submissions as Kaggle does: an API that
// wants a key or a token, and on another port a storage that wants a signed address and no key. It knows just what a
// download and a submission need, and agrees with notes about Kaggle, not with Kaggle.

import FlyingFox
import FlyingSocks
public import Foundation

/// Serves one competition's files on 127.0.0.1.
public actor KaggleServer {
  let catalogue: KaggleServerCatalogue
  let slug: String
  private let authorizations: Set<String>
  private let styles: Set<KaggleServerStyle>
  private let pageLimit: Int
  var fault: KaggleServerFault?
  /// The submissions, and what is to be said of them.
  var submissions = KaggleServerSubmissions()
  /// Datasets and notebooks, and how they get on.
  var notebooks = KaggleServerNotebooks()
  /// The one user's name.
  let username: String

  private var servers: [(server: HTTPServer, task: Task<Void, any Error>)] = []
  private(set) var storagePort: UInt16 = 0
  var signatures: Set<String> = []
  var seen: [Seen] = []

  /// A request as a test may want to look at it.
  package struct Seen: Sendable, Equatable {
    /// The path as it was sent.
    package let path: String
    package let isAuthorized: Bool
    /// The value of Range, or of Content-Range.
    package let range: String?
    package let isStorage: Bool
    /// The value of Content-Type.
    package var contentType: String?
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
  ///   - styles: how the API can be spoken to; other addresses are unknown.
  public init(
    files: URL, slug: String, username: String, key: String, pageLimit: Int = 200,
    md5: [String: String] = [:],
    styles: Set<KaggleServerStyle> = Set(KaggleServerStyle.allCases)
  ) {
    catalogue = KaggleServerCatalogue(folder: files, md5: md5)
    (self.slug, self.username) = (slug, username)
    self.pageLimit = pageLimit
    self.styles = styles
    authorizations = [
      "Basic " + Data("\(username):\(key)".utf8).base64EncodedString(), "Bearer \(key)",
    ]
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

  /// The fault that hits now, if there is one of a kind.
  func takeFault(_ isMeant: (KaggleServerFault) -> Bool) -> KaggleServerFault? {
    guard let now = fault, isMeant(now) else { return nil }
    fault = now.next
    return now
  }

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

  private func api(_ request: HTTPRequest) async -> HTTPResponse {
    let path = request.target.path()
    let given = request.headers[.authorization]
    seen.append(
      Seen(
        path: path, isAuthorized: given != nil, range: nil, isStorage: false,
        contentType: request.headers[.contentType]))
    let body = (try? await request.bodyData) ?? Data()
    guard let call = KaggleServerCall(request, body: body), styles.contains(call.style) else {
      return apiFault(.rest, path, given) ?? refusal(.rest, .notFound, "NotFound")
    }
    if let answer = apiFault(call.style, path, given) { return answer }
    guard authorizations.contains(given ?? "") else {
      return refusal(call.style, .unauthorized, "Unauthenticated")
    }
    guard call.slug == nil || call.slug == slug else {
      return refusal(call.style, .forbidden, "Permission 'competitions.get' was denied")
    }
    return answer(call)
  }

  private func answer(_ call: KaggleServerCall) -> HTTPResponse {
    switch call.operation {
    case .listFiles: list(call)
    case .downloadFile: redirect(call)
    case .startUpload: startUpload(call)
    case .create: create(call)
    case .listSubmissions:
      switch call.style {
      case .rpc: json(.ok, ["submissions": submissions.toldAll()])
      case .rest: json(.ok, (call.number("page") ?? 1) == 1 ? submissions.toldAll() : [])
      }
    case .getSubmission:
      submissions.told(call.number("ref") ?? 0).map { json(.ok, $0) }
        ?? refusal(call.style, .notFound, "NotFound")
    case .limits: json(.ok, submissions.limits)
    case .competition: json(.ok, submissions.competition(slug))
    case .leaderboard: json(.ok, ["submissions": submissions.board])
    case .createFromNotebook: createFromNotebook(call)
    case .tokenOwner: json(.ok, ["active": true, "username": username])
    case .startBlob: startUpload(call)
    case .datasetStatus, .createDataset, .createDatasetVersion: dataset(call)
    case .saveNotebook, .notebookStatus, .notebookOutput: notebook(call)
    }
  }

  private func apiFault(
    _ style: KaggleServerStyle, _ path: String, _ given: String?
  ) -> HTTPResponse? {
    switch fault {
    case .rulesNotAccepted where path.contains("/download/") || path.contains("Download"):
      return refusal(
        style, .forbidden,
        "You must accept this competition's rules before you'll be able to download files.")
    case .tooManyRequests(_, let wait):
      fault = fault?.next
      var response = refusal(style, .tooManyRequests, "TooManyRequests")
      response.headers[HTTPHeader("Retry-After")] = "\(wait)"
      return response
    case .unavailable:
      fault = fault?.next
      return refusal(style, .serviceUnavailable, "Unavailable")
    case .echo(let status):
      return refusal(
        style, HTTPStatusCode(status, phrase: "Refused"), "bad authorization “\(given ?? "")”")
    case .webPage: return page()
    case .brokenJSON:
      return HTTPResponse(statusCode: .ok, body: Data("{\"files\":[{\"na".utf8))
    default: return nil
    }
  }

  private func list(_ call: KaggleServerCall) -> HTTPResponse {
    let files = catalogue.files()
    let size = max(1, min(call.number("pageSize") ?? 20, pageLimit, 200))
    let first = max(0, min(call.number("pageToken") ?? 0, files.count))
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

  private func redirect(_ call: KaggleServerCall) -> HTTPResponse {
    guard let file = catalogue.files().first(where: { $0.name == call["fileName"] }) else {
      return refusal(call.style, .notFound, "NotFound")
    }
    let signature = UUID().uuidString
    if takeFault({ if case .expiredAddress = $0 { true } else { false } }) == nil {
      signatures.insert(signature)
    }
    let address = storageAddress(
      KaggleServerCatalogue.storagePrefix + file.path,
      [("GoogleAccessId", "demo"), ("Signature", signature)])
    let headers: HTTPHeaders = [.location: address]
    return HTTPResponse(statusCode: .found, headers: headers)
  }

  private func startUpload(_ call: KaggleServerCall) -> HTTPResponse {
    if case .refusal(let status, let message) = fault {
      return refusal(call.style, HTTPStatusCode(status, phrase: "Refused"), message)
    }
    let token = submissions.start(
      name: call.values["fileName"] ?? call["name"], count: call.number("contentLength") ?? 0)
    let address = storageAddress(
      Self.uploadPath, [("uploadType", "resumable"), ("upload_id", token)])
    return json(.ok, ["token": token, "createUrl": address])
  }

  private func create(_ call: KaggleServerCall) -> HTTPResponse {
    answer(toOrder: call, problem: "The upload isn't whole") {
      submissions.create(call["blobFileTokens"], description: call["submissionDescription"])
    }
  }

  /// Answers an order for a submission, and loses it or its answer where it should.
  func answer(
    toOrder call: KaggleServerCall, problem: String, _ make: () -> Int?
  ) -> HTTPResponse {
    let isLost = takeFault { if case .lostOrder = $0 { true } else { false } } != nil
    if isLost { return lost() }
    guard submissions.left > 0 else {
      return refusal(
        call.style, .badRequest, "You have used up your daily submission limit for this competition"
      )
    }
    guard let ref = make() else { return refusal(call.style, .badRequest, problem) }
    if takeFault({ if case .lostAnswer = $0 { true } else { false } }) != nil { return lost() }
    if case .stalledAnswer(_, let seconds)? = takeFault({
      if case .stalledAnswer = $0 { true } else { false }
    }) {
      return lost(silence: seconds)
    }
    return json(.ok, ["message": "Successfully submitted to \(slug)", "ref": ref])
  }

  private func storageAddress(_ path: String, _ query: [(String, String)]) -> String {
    var address = URLComponents()
    address.scheme = "http"
    address.host = "127.0.0.1"
    address.port = Int(storagePort)
    address.path = path
    address.queryItems = query.map { URLQueryItem(name: $0.0, value: $0.1) }
    return address.string ?? ""
  }

  /// An answer whose connection ends before the first byte of its content.
  /// - Parameter silence: after how many seconds.
  func lost(silence: Double = 0) -> HTTPResponse {
    let headers: HTTPHeaders = [.contentLength: "100"]
    return HTTPResponse(
      statusCode: .ok, headers: headers,
      body: HTTPBodySequence(from: BrokenBody(bytes: Data(), silence: silence), count: 100))
  }

  func page() -> HTTPResponse {
    HTTPResponse(
      statusCode: .ok, headers: [.contentType: "text/html"],
      body: Data("<html><body>Please sign in</body></html>".utf8))
  }

  func refusal(
    _ style: KaggleServerStyle, _ status: HTTPStatusCode, _ message: String
  ) -> HTTPResponse {
    let body: [String: Any] = ["code": status.code, "message": message]
    let nested: [String: Any] = ["error": body]
    return json(status, style == .rpc ? nested : body)
  }

  func json(_ status: HTTPStatusCode, _ value: Any) -> HTTPResponse {
    // Text and numbers only, so that it can't fail.
    let body =
      (try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])) ?? Data()
    return HTTPResponse(
      statusCode: status, headers: [.contentType: "application/json"], body: body)
  }
}
