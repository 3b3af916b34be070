// What can be asked about a competition and about a user's submissions to it, in both styles of Kaggle's API.

import Basics
import Kaggle

extension KaggleCall {
  private static func named(_ slug: String) -> JSONValue.Member {
    .init("competitionName", .string(slug))
  }

  static func competition(_ slug: String) -> KaggleCall {
    KaggleCall("GetCompetition", [named(slug)], rest: "competitions/get/\(slug)")
  }

  static func limits(_ slug: String) -> KaggleCall {
    KaggleCall(
      "GetSubmissionLimits", [named(slug)], rest: "competitions/\(slug)/submissions/limits")
  }

  /// A page of submissions: RPC goes on by a token, REST by a number that begins with 1.
  static func submissions(_ slug: String, page: Int, token: String?) -> KaggleCall {
    KaggleCall(
      "ListSubmissions",
      [
        named(slug), .init("pageSize", .int(100)),
        .init("pageToken", token.map(JSONValue.string) ?? .null),
      ], rest: "competitions/submissions/list/\(slug)?page=\(page)")
  }

  static func leaderboard(_ slug: String, token: String?) -> KaggleCall {
    let query = token.map { "?pageToken=\(encoded($0))" } ?? ""
    return KaggleCall(
      "GetLeaderboard", [named(slug), .init("pageToken", token.map(JSONValue.string) ?? .null)],
      rest: "competitions/\(slug)/leaderboard/view\(query)")
  }

  /// Begins an upload. Doing it twice makes an upload that nobody uses.
  static func startUpload(
    _ slug: String, name: String, bytes: Int64, modified: Int64
  ) -> KaggleCall {
    KaggleCall(
      "StartSubmissionUpload",
      [
        named(slug), .init("fileName", .string(name)),
        .init("contentLength", .int(Int(bytes))),
        .init("lastModifiedEpochSeconds", .int(Int(modified))),
      ], rest: "competitions/submission-url",
      .post([
        ("competitionName", slug), ("fileName", name), ("contentLength", "\(bytes)"),
        ("lastModifiedEpochSeconds", "\(modified)"),
      ]))
  }

  /// The same as clients up to 1.6 ask for it.
  static func startUploadAtOlderServers(
    _ slug: String, name: String, bytes: Int64, modified: Int64
  ) -> KaggleCall {
    KaggleCall(
      "StartSubmissionUpload", [],
      rest: "competitions/\(slug)/submissions/url/\(bytes)/\(modified)",
      .post([("fileName", name)]))
  }

  /// Makes a submission of an upload. Each one counts against the day's limit, so that it is never repeated blindly.
  static func create(_ slug: String, token: String, description: String) -> KaggleCall {
    KaggleCall(
      "CreateSubmission",
      [
        named(slug), .init("blobFileTokens", .string(token)),
        .init("submissionDescription", .string(description)),
      ], rest: "competitions/submissions/submit/\(slug)",
      .post([("blobFileTokens", token), ("submissionDescription", description)]),
      mayBeRepeated: false)
  }

  /// Makes a submission of what a version of a notebook has written.
  static func create(
    _ slug: String, _ notebook: NotebookVersion, file: String, description: String
  ) -> KaggleCall {
    let fields: [JSONValue.Member] = [
      named(slug), .init("kernelOwner", .string(notebook.owner)),
      .init("kernelSlug", .string(notebook.slug)), .init("kernelVersion", .int(notebook.number)),
      .init("fileName", .string(file)), .init("submissionDescription", .string(description)),
    ]
    return KaggleCall(
      "CreateCodeSubmission", fields, rest: "competitions/submissions/submit-notebook/\(slug)",
      .json(.object(fields)), mayBeRepeated: false)
  }
}
