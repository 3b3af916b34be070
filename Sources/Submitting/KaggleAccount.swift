// What a user can ask about a competition: facts, limits, submissions, the leaderboard.

import Foundation
public import Kaggle

/// A user's side of one competition.
public struct KaggleAccount: Sendable {
  /// The competition's name in addresses.
  public let slug: String
  let connection: KaggleConnection

  /// More pages are of no use to anybody.
  private static let mostPages = 50

  /// - Throws: `KaggleError` for what can't be a slug.
  public init(_ connection: KaggleConnection, slug: String) throws {
    try KaggleConnection.check(slug)
    (self.connection, self.slug) = (connection, slug)
  }

  /// What the competition is.
  /// - Throws: `KaggleError`.
  public func facts() async throws -> CompetitionFacts {
    try await connection.answer(
      .competition(slug), CompetitionFacts.self, what: "the competition \(slug)", slug: slug)
  }

  /// How many submissions may follow.
  /// - Throws: `KaggleError`.
  public func limits() async throws -> SubmissionLimits {
    try await connection.answer(
      .limits(slug), SubmissionLimits.self, what: "the limits of \(slug)", slug: slug)
  }

  /// The user's submissions, the latest first.
  /// - Parameter most: how many pages are read; nil for all.
  /// - Throws: `KaggleError`.
  public func submissions(pages most: Int? = nil) async throws -> [RemoteSubmission] {
    var all: [RemoteSubmission] = []
    var refs: Set<Int> = []
    var token: String?
    for number in 1...(most ?? Self.mostPages) {
      let page = try await connection.answer(
        .submissions(slug, page: number, token: token), SubmissionPage.self,
        what: "the list of submissions to \(slug)", slug: slug)
      let new = page.submissions.filter { refs.insert($0.ref).inserted }
      all += new
      token = page.nextPageToken.flatMap { $0.isEmpty ? nil : $0 }
      // REST doesn't say which page is the last one: it is followed by one with nothing new.
      guard !new.isEmpty, token != nil || connection.speaks == .rest else { break }
    }
    return all
  }

  /// The best teams, best first.
  /// - Parameter count: how many, where there are so many.
  /// - Throws: `KaggleError`.
  public func leaderboard(_ count: Int) async throws -> [LeaderboardLine] {
    var lines: [LeaderboardLine] = []
    var token: String?
    for _ in 1...Self.mostPages {
      let page = try await connection.answer(
        .leaderboard(slug, token: token), LeaderboardPage.self,
        what: "the leaderboard of \(slug)", slug: slug)
      lines += page.submissions ?? []
      token = page.nextPageToken.flatMap { $0.isEmpty ? nil : $0 }
      guard token != nil, lines.count < count, page.submissions?.isEmpty == false else { break }
    }
    return Array(lines.prefix(count))
  }
}
