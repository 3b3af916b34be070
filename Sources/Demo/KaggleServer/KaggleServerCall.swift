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
    case createFromNotebook = "CreateCodeSubmission"
    case tokenOwner = "IntrospectToken"
    case startBlob = "StartBlobUpload"
    case datasetStatus = "GetDatasetStatus"
    case createDataset = "CreateDataset"
    case createDatasetVersion = "CreateDatasetVersion"
    case saveNotebook = "SaveKernel"
    case notebookStatus = "GetKernelSessionStatus"
    case notebookOutput = "ListKernelSessionOutput"

    /// RPC's service.
    var service: String {
      switch self {
      case .tokenOwner: "security.OAuthService"
      case .startBlob: "blobs.BlobApiService"
      case .datasetStatus, .createDataset, .createDatasetVersion: "datasets.DatasetApiService"
      case .saveNotebook, .notebookStatus, .notebookOutput: "kernels.KernelsApiService"
      default: "competitions.CompetitionApiService"
      }
    }

    /// Whether REST takes it by POST.
    var isOrder: Bool {
      switch self {
      case .startUpload, .create, .createFromNotebook, .tokenOwner, .startBlob, .createDataset,
        .createDatasetVersion, .saveNotebook:
        true
      default: false
      }
    }
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
    if parts.count == 4, let known = Operation(rawValue: parts[3]), parts[2] == known.service {
      guard request.method == .POST, let fields = Self.json(body) else { return nil }
      (style, operation) = (.rpc, known)
      values = fields
      return
    }
    guard
      let (operation, names) =
        parts[2] == "competitions"
        ? Self.rest(Array(parts.dropFirst(3))) : Self.otherRest(Array(parts.dropFirst(2)))
    else { return nil }
    style = .rest
    self.operation = operation
    values = names
    for item in request.query { values[item.name] = item.value }
    let type = request.headers[.contentType] ?? ""
    values.merge(type == "application/json" ? Self.json(body) ?? [:] : Self.form(body, type: type))
    {
      $1
    }
    guard (request.method == .POST) == operation.isOrder else { return nil }
  }

  /// The fields of JSON. Those of a `body` are taken like the others; of a list of objects their tokens are kept, else
  /// its texts.
  private static func json(_ data: Data) -> [String: String]? {
    guard
      let object = try? JSONSerialization.jsonObject(with: data.isEmpty ? Data("{}".utf8) : data),
      var fields = object as? [String: Any]
    else { return nil }
    if let body = fields.removeValue(forKey: "body") as? [String: Any] {
      fields.merge(body) { $1 }
    }
    return fields.mapValues { value in
      guard let list = value as? [Any] else { return "\(value)" }
      return list.map { (($0 as? [String: Any])?["token"]).map { "\($0)" } ?? "\($0)" }
        .joined(separator: ",")
    }
  }

  /// An operation by the parts of an address that isn't a competition's.
  private static func otherRest(_ parts: [String]) -> (Operation, [String: String])? {
    switch (parts.first, parts.dropFirst().first, parts.count) {
    case ("oauth2", "introspect", 2): (.tokenOwner, [:])
    case ("blobs", "upload", 2): (.startBlob, [:])
    case ("datasets", "status", 4):
      (.datasetStatus, ["ownerSlug": parts[2], "datasetSlug": parts[3]])
    case ("datasets", "create", 3) where parts[2] == "new": (.createDataset, [:])
    case ("datasets", "create", 5) where parts[2] == "version":
      (.createDatasetVersion, ["ownerSlug": parts[3], "datasetSlug": parts[4]])
    case ("kernels", "push", 2): (.saveNotebook, [:])
    case ("kernels", "status", 2): (.notebookStatus, [:])
    case ("kernels", "output", 2): (.notebookOutput, [:])
    default: nil
    }
  }

  /// An operation by the parts of its address behind `competitions`.
  private static func rest(_ parts: [String]) -> (Operation, [String: String])? {
    switch (parts.first, parts.dropFirst().first, parts.count) {
    case ("data", "list", 3): (.listFiles, ["competitionName": parts[2]])
    case ("data", "download", 4):
      (.downloadFile, ["competitionName": parts[2], "fileName": parts[3]])
    case ("submission-url", _, 1): (.startUpload, [:])
    case ("submissions", "submit", 3): (.create, ["competitionName": parts[2]])
    case ("submissions", "submit-notebook", 3):
      (.createFromNotebook, ["competitionName": parts[2]])
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
