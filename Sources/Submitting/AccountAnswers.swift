// What Kaggle says of a competition, of submissions and of the leaderboard. Every key may be missing, and keys that
// aren't named here are ignored.

import Foundation

/// A competition as its user sees it.
public struct CompetitionFacts: Sendable, Equatable, Codable {
  /// Its title.
  public var title: String?
  /// Whether the user has joined it, which means that the rules are accepted.
  public var userHasEntered: Bool?
  /// The user's place on the leaderboard.
  public var userRank: Int?
  /// How many teams take part.
  public var teamCount: Int?
  /// How many submissions a day are allowed.
  public var maxDailySubmissions: Int?
  /// When it ends or ended, in UTC, ISO 8601.
  public var deadline: String?
  /// Whether it takes notebooks at Kaggle only.
  public var isKernelsSubmissionsOnly: Bool?
  /// Whether it takes no submissions.
  public var submissionsDisabled: Bool?
}

extension CompetitionFacts {
  /// Reads what is there, whatever its type.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    title = values.text(.title)
    userHasEntered = values.flag(.userHasEntered)
    userRank = values.text(.userRank).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    teamCount = values.text(.teamCount).flatMap { Int($0) }
    maxDailySubmissions = values.text(.maxDailySubmissions).flatMap { Int($0) }
    deadline = values.text(.deadline)
    isKernelsSubmissionsOnly = values.flag(.isKernelsSubmissionsOnly)
    submissionsDisabled = values.flag(.submissionsDisabled)
  }
}

extension KeyedDecodingContainer {
  /// A text, or a number as one; nil for anything else.
  fileprivate func text(_ key: Key) -> String? {
    if let text = try? decode(String.self, forKey: key) { return text }
    if let number = try? decode(Int64.self, forKey: key) { return "\(number)" }
    return (try? decode(Double.self, forKey: key)).map { "\($0)" }
  }

  fileprivate func flag(_ key: Key) -> Bool? { try? decode(Bool.self, forKey: key) }
}

/// How many submissions there were, and how many may follow.
public struct SubmissionLimits: Sendable, Equatable, Codable {
  /// Today, in UTC.
  public var numToday: Int?
  /// In all.
  public var numTotal: Int?
  /// That may follow now.
  public var numAllowedNow: Int?
  /// Whether a limit for the whole competition holds, and not one for a day.
  public var limitedByTotal: Bool?
}

/// A submission as Kaggle knows it.
public struct RemoteSubmission: Sendable, Equatable, Codable {
  /// How far Kaggle is with it.
  public enum Progress: String, Sendable, Codable { case pending, complete, error }

  /// Its number at Kaggle.
  public var ref: Int
  /// When it was made, in UTC, ISO 8601.
  public var date: String?
  /// What its user said of it.
  public var description: String?
  /// Why it couldn't be scored.
  public var errorDescription: String?
  /// The name of the file.
  public var fileName: String?
  /// The size of the file in bytes.
  public var totalBytes: Int64?
  /// A number as text; empty until there is one.
  public var publicScore: String?
  /// A number as text; empty until the competition has ended.
  public var privateScore: String?
  /// PENDING, COMPLETE or ERROR, whatever the case.
  public var status: String?
  /// The team's name.
  public var teamName: String?

  /// How far Kaggle is with it. A word that isn't known counts as pending.
  public var progress: Progress {
    let word = (status ?? "").lowercased().split(separator: ".").last.map(String.init) ?? ""
    return Progress(rawValue: word) ?? .pending
  }

  /// The score on the public board; nil until there is one.
  public var publicNumber: Double? { Self.number(publicScore) }
  /// The score on the private board; nil until there is one.
  public var privateNumber: Double? { Self.number(privateScore) }

  /// Reads what is there, whatever its type.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    guard let ref = values.text(.ref).flatMap({ Int($0) }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .ref, in: values, debugDescription: "a submission without a number")
    }
    self.ref = ref
    date = values.text(.date)
    description = values.text(.description)
    errorDescription = values.text(.errorDescription)
    fileName = values.text(.fileName)
    totalBytes = values.text(.totalBytes).flatMap { Int64($0) }
    publicScore = values.text(.publicScore)
    privateScore = values.text(.privateScore)
    status = values.text(.status)
    teamName = values.text(.teamName)
  }

  private static func number(_ text: String?) -> Double? {
    text.flatMap { Double($0.trimmingCharacters(in: .whitespaces)) }.flatMap {
      $0.isFinite ? $0 : nil
    }
  }
}

/// A line of the leaderboard.
public struct LeaderboardLine: Sendable, Equatable, Codable {
  /// The team's name.
  public var teamName: String?
  /// When its best submission was made.
  public var submissionDate: String?
  /// A number as text.
  public var score: String?
}

/// A page of submissions: REST gives a bare list, RPC an object.
struct SubmissionPage: Decodable {
  var submissions: [RemoteSubmission]
  var nextPageToken: String?

  private enum CodingKeys: String, CodingKey { case submissions, nextPageToken }

  init(from decoder: any Decoder) throws {
    if let list = try? decoder.singleValueContainer().decode([RemoteSubmission].self) {
      submissions = list
      return
    }
    let object = try decoder.container(keyedBy: CodingKeys.self)
    submissions = try object.decodeIfPresent([RemoteSubmission].self, forKey: .submissions) ?? []
    nextPageToken = try object.decodeIfPresent(String.self, forKey: .nextPageToken)
  }
}

/// A page of the leaderboard.
struct LeaderboardPage: Decodable {
  var submissions: [LeaderboardLine]?
  var nextPageToken: String?
}

/// What is needed to send a file.
struct UploadAddress: Decodable {
  var token: String
  var createUrl: String
}

/// What Kaggle says of a submission that it has taken.
struct CreatedSubmission: Decodable {
  var message: String?
  var ref: Int?
}
