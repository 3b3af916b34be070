// The storage beside the demo's API: files for a signed address, and uploads that can be resumed.

import FlyingFox
import Foundation

extension KaggleServer {
  /// Where submissions go.
  static let uploadPath = "/upload/storage/v1/b/kaggle-competitions-submissions/o"

  func storage(_ request: HTTPRequest) async -> HTTPResponse {
    let isAuthorized = request.headers[.authorization] != nil
    seen.append(
      Seen(
        path: request.target.path(), isAuthorized: isAuthorized,
        range: request.headers[.range] ?? request.headers[.contentRange], isStorage: true,
        contentType: request.headers[.contentType]))
    guard !isAuthorized, request.headers[.contentType] == nil else {
      return xml(.badRequest, "InvalidArgument")
    }
    if let answer = storageFault() { return answer }
    if request.method == .PUT { return await upload(request) }
    let signature = request.query.first { $0.name == "Signature" }?.value ?? ""
    guard signatures.contains(signature) else { return xml(.badRequest, "ExpiredToken") }
    let path = request.target.path(percentEncoded: false)
    guard request.method == .GET, path.hasPrefix(KaggleServerCatalogue.storagePrefix),
      let file = catalogue.files().first(where: {
        $0.path == path.dropFirst(KaggleServerCatalogue.storagePrefix.count)
      })
    else { return xml(.notFound, "NoSuchKey") }
    let fault = takeFault {
      switch $0 {
      case .brokenConnection, .corruptBody, .truncatedBody, .stalledBody: true
      default: false
      }
    }
    do {
      return try catalogue.answer(
        file, range: request.headers[.range], ifRange: request.headers[HTTPHeader("If-Range")],
        fault: fault)
    } catch { return xml(.internalServerError, "InternalError") }
  }

  private func storageFault() -> HTTPResponse? {
    let now = takeFault {
      switch $0 {
      case .storageStatus, .storageWebPage, .elsewhere: true
      default: false
      }
    }
    switch now {
    case .storageStatus(_, let status):
      return xml(HTTPStatusCode(status, phrase: "Refused"), "Refused")
    case .storageWebPage: return page()
    case .elsewhere:
      let headers: HTTPHeaders = [.location: "http://127.0.0.1:9/elsewhere"]
      return HTTPResponse(statusCode: .found, headers: headers)
    default: return nil
    }
  }

  /// Takes in a file or the rest of one, or says how much of it is there.
  private func upload(_ request: HTTPRequest) async -> HTTPResponse {
    let token = request.query.first { $0.name == "upload_id" }?.value ?? ""
    guard request.target.path() == Self.uploadPath, let upload = submissions.uploads[token] else {
      return xml(.notFound, "NoSuchUpload")
    }
    var first = 0
    if let range = request.headers[.contentRange] {
      if range == "bytes */\(upload.count)" {
        return upload.isComplete
          ? HTTPResponse(statusCode: .ok) : incomplete(upload.bytes.count)
      }
      guard let match = range.wholeMatch(of: /bytes (\d+)-(\d+)\/(\d+)/),
        let from = Int(match.1), from == upload.bytes.count, Int(match.3) == upload.count
      else { return xml(.badRequest, "InvalidRange") }
      first = from
    }
    var body = (try? await request.bodyData) ?? Data()
    let breaks =
      takeFault { if case .brokenConnection = $0 { true } else { false } } != nil
    if breaks { body = body.prefix(body.count / 2) }
    submissions.receive(body, at: first, of: token)
    if breaks { return lost() }
    guard submissions.uploads[token]?.isComplete == true else {
      return xml(.badRequest, "Incomplete")
    }
    return HTTPResponse(statusCode: .ok)
  }

  private func incomplete(_ count: Int) -> HTTPResponse {
    var headers = HTTPHeaders()
    if count > 0 { headers[.range] = "bytes=0-\(count - 1)" }
    return HTTPResponse(
      statusCode: HTTPStatusCode(308, phrase: "Resume Incomplete"), headers: headers)
  }

  private func xml(_ status: HTTPStatusCode, _ code: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: status, headers: [.contentType: "application/xml"],
      body: Data("<?xml version='1.0'?><Error><Code>\(code)</Code></Error>".utf8))
  }
}
