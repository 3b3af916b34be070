// What the demo's server is asked, whichever of the two styles it is asked in: RPC's POST of JSON to a method, or REST's
// addresses and forms.

import FlyingFox
import Foundation

/// How an API of Kaggle's is spoken.
public enum KaggleServerStyle: Sendable, CaseIterable { case rpc, rest }

/// One question to the API.
struct KaggleServerCall: Sendable {
  enum Operation: String, Sendable {
    case listFiles = "ListDataFiles"
    case downloadFile = "DownloadDataFile"
    case startUpload = "StartSubmissionUpload"
    case create = "CreateSubmission"
    case listSubmissions = "ListSubmissions"
    case getSubmission = "GetSubmission"
    case limits = "GetSubmissionLimits"
    case competition = "GetCompetition"
    case leaderboard = "GetLeaderboard"
  }

  let style: KaggleServerStyle
  let operation: Operation
  /// Values by their names in RPC; numbers as text.
  var values: [String: String]

  /// The competition; nil where the operation names none.
  var slug: String? { values["competitionName"] }
  subscript(name: String) -> String { values[name] ?? "" }
  func number(_ name: String) -> Int? { values[name].flatMap { Int($0) } }

  /// Reads a request; nil for an address that isn't known.
  init?(_ request: HTTPRequest, body: Data) {
    let parts = request.target.path().split(separator: "/").map {
      String($0).removingPercentEncoding ?? ""
    }
    guard parts.count > 2, parts[0] == "api", parts[1] == "v1" else { return nil }
    if parts[2] == "competitions.CompetitionApiService" {
      guard parts.count == 4, request.method == .POST, let known = Operation(rawValue: parts[3]),
        let object = try? JSONSerialization.jsonObject(with: body.isEmpty ? Data("{}".utf8) : body),
        let fields = object as? [String: Any]
      else { return nil }
      (style, operation) = (.rpc, known)
      values = fields.mapValues { "\($0)" }
      return
    }
    guard parts[2] == "competitions", let (operation, names) = Self.rest(Array(parts.dropFirst(3)))
    else { return nil }
    style = .rest
    self.operation = operation
    values = names
    for item in request.query { values[item.name] = item.value }
    values.merge(Self.form(body, type: request.headers[.contentType] ?? "")) { $1 }
    let writes: [Operation] = [.startUpload, .create]
    guard (request.method == .POST) == writes.contains(operation) else { return nil }
  }

  /// An operation by the parts of its address behind `competitions`.
  private static func rest(_ parts: [String]) -> (Operation, [String: String])? {
    switch (parts.first, parts.dropFirst().first, parts.count) {
    case ("data", "list", 3): (.listFiles, ["competitionName": parts[2]])
    case ("data", "download", 4):
      (.downloadFile, ["competitionName": parts[2], "fileName": parts[3]])
    case ("submission-url", _, 1): (.startUpload, [:])
    case ("submissions", "submit", 3): (.create, ["competitionName": parts[2]])
    case ("submissions", "list", 3): (.listSubmissions, ["competitionName": parts[2]])
    case ("submissions", "get", 3): (.getSubmission, ["ref": parts[2]])
    case ("get", _, 2): (.competition, ["competitionName": parts[1]])
    case (_, "submissions", 3) where parts[2] == "limits":
      (.limits, ["competitionName": parts[0]])
    case (_, "leaderboard", 3) where parts[2] == "view":
      (.leaderboard, ["competitionName": parts[0]])
    default: nil
    }
  }

  /// The fields of a form of several parts.
  private static func form(_ body: Data, type: String) -> [String: String] {
    guard type.hasPrefix("multipart/form-data; boundary=") else { return [:] }
    let boundary = "--" + type.dropFirst("multipart/form-data; boundary=".count)
    var fields: [String: String] = [:]
    for part in String(decoding: body, as: UTF8.self).components(separatedBy: boundary) {
      let halves = part.components(separatedBy: "\r\n\r\n")
      guard halves.count == 2, let name = halves[0].firstMatch(of: /name="([^"]*)"/)?.1,
        halves[1].hasSuffix("\r\n")
      else { continue }
      // The two of a line break are one character.
      fields[String(name)] = String(halves[1].dropLast())
    }
    return fields
  }
}
