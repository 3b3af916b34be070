// The submissions of the demo's server: uploads that can be resumed, the day's limit, scores and a leaderboard.

package import Foundation

struct KaggleServerSubmissions: Sendable {
  /// A file on its way, or there.
  struct Upload: Sendable {
    let name: String
    let count: Int
    var bytes = Data()
    var isComplete: Bool { bytes.count == count }
  }

  struct Submission: Sendable {
    let ref: Int
    let name: String
    let description: String
    let bytes: Data
    let date: Date
    /// How often it is told as pending before it has a score.
    var pending: Int
  }

  /// How many a day are allowed.
  var daily = 5
  var hasEntered = true
  var isClosed = false
  var takesNotebooksOnly = false
  /// Told as pending so many times.
  var pendingCount = 1
  /// What Kaggle says of a file that it can't score; nil for one that it can.
  var scoringError: String?
  private(set) var uploads: [String: Upload] = [:]
  private(set) var all: [Submission] = []

  /// Begins an upload.
  /// - Returns: its token.
  mutating func start(name: String, count: Int) -> String {
    let token = UUID().uuidString
    uploads[token] = Upload(name: name, count: count)
    return token
  }

  /// Takes in bytes from an offset on.
  mutating func receive(_ bytes: Data, at offset: Int, of token: String) {
    guard var upload = uploads[token], offset <= upload.bytes.count else { return }
    upload.bytes = upload.bytes.prefix(offset) + bytes
    uploads[token] = upload
  }

  /// Forgets an upload, as storage does after a while.
  mutating func expire(_ token: String) { uploads[token] = nil }

  /// Makes a submission of an upload.
  /// - Returns: its number; nil where the upload isn't whole.
  mutating func create(_ token: String, description: String) -> Int? {
    guard let upload = uploads[token], upload.isComplete else { return nil }
    return create(file: upload.name, bytes: upload.bytes, description: description)
  }

  /// Makes a submission of a file.
  /// - Returns: its number.
  mutating func create(file name: String, bytes: Data, description: String) -> Int {
    let ref = 1001 + all.count
    all.append(
      Submission(
        ref: ref, name: name, description: description, bytes: bytes, date: Date(),
        pending: pendingCount))
    return ref
  }

  var left: Int { max(0, daily - all.count) }

  /// A submission as the API tells it, which is one step nearer to its score then.
  mutating func told(_ ref: Int) -> [String: Any]? {
    guard let index = all.firstIndex(where: { $0.ref == ref }) else { return nil }
    defer { all[index].pending -= 1 }
    return object(all[index])
  }

  /// All of them, the latest first.
  mutating func toldAll() -> [[String: Any]] {
    all.map(\.ref).reversed().compactMap { told($0) }
  }

  private func object(_ submission: Submission) -> [String: Any] {
    var object: [String: Any] = [
      "ref": submission.ref, "fileName": submission.name, "description": submission.description,
      "totalBytes": submission.bytes.count, "date": submission.date.formatted(.iso8601),
      "submittedBy": "ada", "teamName": "Ada & Co",
    ]
    if submission.pending > 0 {
      object["status"] = "PENDING"
    } else if let scoringError {
      object["status"] = "ERROR"
      object["errorDescription"] = scoringError
    } else {
      object["status"] = "COMPLETE"
      object["publicScore"] = Self.score(submission.ref)
      object["privateScore"] = ""
    }
    return object
  }

  /// A score as the API tells it: a text.
  static func score(_ ref: Int) -> String { String(format: "%.5f", 0.8 + Double(ref % 1000) / 1e4) }

  var limits: [String: Any] {
    [
      "numToday": all.count, "numTotal": all.count, "numAllowedNow": left, "limitedByTotal": false,
    ]
  }

  func competition(_ slug: String) -> [String: Any] {
    [
      "id": 7, "ref": "https://www.kaggle.com/competitions/\(slug)", "title": "Demo",
      "userHasEntered": hasEntered, "userRank": 2, "teamCount": 3, "maxDailySubmissions": daily,
      "isKernelsSubmissionsOnly": takesNotebooksOnly, "submissionsDisabled": isClosed,
      "evaluationMetric": "mean-precision", "deadline": "2030-01-01T00:00:00Z",
    ]
  }

  var board: [[String: Any]] {
    let teams = [("Grace", "0.91000"), ("Ada & Co", "0.80010"), ("Blaise", "0.70000")]
    return teams.enumerated().map { index, team in
      [
        "teamId": index + 1, "teamName": team.0, "score": team.1,
        "submissionDate": "2026-11-0\(index + 1)T12:00:00.123Z",
      ]
    }
  }
}

extension KaggleServer {
  /// The files that were submitted, in order.
  package var submitted: [Data] { submissions.all.map(\.bytes) }

  /// What they were called.
  package var descriptions: [String] { submissions.all.map(\.description) }

  /// Sets how submissions are taken.
  /// - Parameters:
  ///   - daily: how many a day are allowed.
  ///   - hasEntered: whether the user has joined the competition.
  ///   - isClosed: whether none are taken any more.
  ///   - pending: how often one is told as pending before it has a score.
  ///   - scoringError: what is said of a file that can't be scored.
  ///   - fromNotebooksOnly: whether files are refused.
  package func takeSubmissions(
    daily: Int = 5, hasEntered: Bool = true, isClosed: Bool = false, pending: Int = 1,
    scoringError: String? = nil, fromNotebooksOnly: Bool = false
  ) {
    submissions.takesNotebooksOnly = fromNotebooksOnly
    (submissions.daily, submissions.hasEntered, submissions.isClosed) = (
      daily, hasEntered, isClosed
    )
    (submissions.pendingCount, submissions.scoringError) = (pending, scoringError)
  }

  /// Makes a submission as somebody else in the team would.
  package func submitByTeammate(name: String, description: String) {
    let token = submissions.start(name: name, count: 1)
    submissions.receive(Data([1]), at: 0, of: token)
    _ = submissions.create(token, description: description)
  }
}
