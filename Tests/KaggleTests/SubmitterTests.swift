// Submitting to the loopback server: in both styles, with uploads that break and answers that are lost. Whatever goes
// wrong, no file counts twice.

import Basics
import Demo
import Foundation
import Kaggle
import Submitting
import TestSupport
import Testing
import Transfer

@Suite struct SubmitterTests {
  private let data = noise(50_000)

  /// Runs a test with a server and a file to submit.
  private func withFile(
    _ styles: Set<KaggleServerStyle> = [.rpc, .rest],
    _ body: (ServerFixture, URL) async throws -> Void
  ) async throws {
    try await withServer([:], styles: styles) { fixture in
      try await body(fixture, try fixture.target.write(data, to: "submission.csv"))
    }
  }

  /// All that `work submit` does.
  private func submit(_ file: URL, _ submitter: Submitter, message: String = "one") async throws
    -> Int?
  {
    _ = try await submitter.check()
    let mark = try await submitter.mark(name: "submission.csv", message: message)
    return try await submitter.create(
      try await submitter.upload(file, name: "submission.csv"), mark)
  }

  @Test(arguments: KaggleServerStyle.allCases)
  func aFileArrivesWholeAndIsScored(_ style: KaggleServerStyle) async throws {
    try await withFile([style]) { fixture, file in
      await fixture.server.takeSubmissions(pending: 3)
      let submitter = try fixture.submitter()
      let ref = try #require(try await submit(file, submitter, message: "ä \"quoted\"\nline"))
      #expect(await fixture.server.submitted == [data])
      #expect(await fixture.server.descriptions == ["ä \"quoted\"\nline"])
      let scored = try #require(try await submitter.wait(for: ref, limit: 600))
      #expect(scored.progress == .complete && scored.publicNumber == 0.8001)
      #expect(scored.privateNumber == nil)
      // Storage sees neither the key nor a type.
      let storage = await fixture.server.requests.filter(\.isStorage)
      #expect(storage.count == 1 && !storage[0].isAuthorized && storage[0].contentType == nil)
    }
  }

  @Test func anUploadThatBreaksGoesOnWhereItBroke() async throws {
    try await withFile { fixture, file in
      await fixture.server.simulate(.brokenConnection(count: 2))
      _ = try await submit(file, try fixture.submitter())
      #expect(await fixture.server.submitted == [data])
      let ranges = await fixture.server.requests.filter(\.isStorage).map(\.range)
      #expect(
        ranges == [
          nil, "bytes */50000", "bytes 25000-49999/50000", "bytes */50000",
          "bytes 37500-49999/50000",
        ])
    }
  }

  @Test(arguments: [500, 503, 429])
  func aStorageThatIsBusyIsAskedAgain(_ status: Int) async throws {
    try await withFile { fixture, file in
      await fixture.server.simulate(.storageStatus(count: 2, status: status))
      _ = try await submit(file, try fixture.submitter())
      #expect(await fixture.server.submitted == [data])
    }
  }

  @Test func anUploadThatIsForgottenBeginsAnew() async throws {
    try await withFile { fixture, file in
      await fixture.server.simulate(.storageStatus(count: 1, status: 410))
      _ = try await submit(file, try fixture.submitter())
      #expect(await fixture.server.submitted == [data])
      await fixture.server.simulate(.storageStatus(count: 9, status: 410))
      let error = try await #require(throws: KaggleError.self) {
        try await submit(file, try fixture.submitter(), message: "two")
      }
      #expect(error.description.contains("Nothing was submitted"))
      #expect(await fixture.server.submitted.count == 1)
    }
  }

  @Test func aStorageThatRefusesEndsIt() async throws {
    try await withFile { fixture, file in
      await fixture.server.simulate(.storageStatus(count: 9, status: 403))
      let error = try await #require(throws: KaggleError.self) {
        try await submit(file, try fixture.submitter())
      }
      #expect(error.description.contains("the upload of submission.csv (403)"), "\(error)")
      #expect(await fixture.server.submitted.isEmpty)
    }
  }

  // MARK: Nothing counts twice

  @Test(arguments: KaggleServerStyle.allCases)
  func aLostAnswerIsLookedFor(_ style: KaggleServerStyle) async throws {
    try await withFile([style]) { fixture, file in
      await fixture.server.submitByTeammate(name: "submission.csv", description: "one")
      await fixture.server.simulate(.lostAnswer(count: 1))
      let ref = try await submit(file, try fixture.submitter())
      #expect(ref == 1002)
      #expect(await fixture.server.submitted.count == 2)
    }
  }

  @Test func aLostOrderIsGivenAgain() async throws {
    try await withFile { fixture, file in
      await fixture.server.simulate(.lostOrder(count: 2))
      let ref = try await submit(file, try fixture.submitter())
      #expect(ref == 1001)
      #expect(await fixture.server.submitted == [data])
    }
  }

  @Test func ordersAreBounded() async throws {
    try await withFile { fixture, file in
      await fixture.server.simulate(.lostOrder(count: 99))
      await #expect(throws: KaggleError.self) { try await submit(file, try fixture.submitter()) }
      let orders = await fixture.server.requests.filter { $0.path.contains("CreateSubmission") }
      #expect(orders.count == 3)
      #expect(await fixture.server.submitted.isEmpty)
    }
  }

  @Test func whereNothingCanBeFoundOutThatIsSaid() async throws {
    try await withFile { fixture, file in
      let submitter = try fixture.submitter()
      let mark = try await submitter.mark(name: "submission.csv", message: "one")
      let token = try await submitter.upload(file, name: "submission.csv")
      await fixture.server.simulate(.unavailable(count: 99))
      let error = try await #require(throws: KaggleError.self) {
        try await submitter.create(token, mark)
      }
      #expect(error.kind == .uncertain && error.exit == .network)
      #expect(error.description.contains("It isn't known whether submission.csv was submitted"))
      #expect(await fixture.server.submitted.isEmpty)
    }
  }

  @Test func aMarkKnowsItsOwnFromOthers() async throws {
    try await withFile { fixture, file in
      let submitter = try fixture.submitter()
      let mark = try await submitter.mark(name: "submission.csv", message: "one")
      await fixture.server.submitByTeammate(name: "submission.csv", description: "another")
      #expect(try await submitter.find(mark) == nil)
      _ = try await submit(file, submitter)
      #expect(try await submitter.find(mark)?.ref == 1002)
    }
  }

  // MARK: Refusals before anything is sent

  @Test func aUsedUpDayIsToldBeforeTheUpload() async throws {
    try await withFile { fixture, file in
      await fixture.server.takeSubmissions(daily: 1)
      let submitter = try fixture.submitter()
      #expect(try await submitter.check()?.numAllowedNow == 1)
      _ = try await submit(file, submitter)
      let error = try await #require(throws: KaggleError.self) { try await submitter.check() }
      #expect(error.kind == .limitUsedUp)
      #expect(error.description.contains("Today's 1 are used up. A new day begins at 00:00 UTC"))
    }
  }

  @Test func theLimitThatComesInBetweenIsTold() async throws {
    try await withFile { fixture, file in
      let submitter = try fixture.submitter()
      let mark = try await submitter.mark(name: "submission.csv", message: "one")
      let token = try await submitter.upload(file, name: "submission.csv")
      await fixture.server.takeSubmissions(daily: 0)
      let error = try await #require(throws: KaggleError.self) {
        try await submitter.create(token, mark)
      }
      #expect(error.kind == .limitUsedUp)
      #expect(await fixture.server.requests.filter { $0.path.contains("Create") }.count == 1)
    }
  }

  @Test func aClosedCompetitionAndOneNotJoinedAreTold() async throws {
    try await withFile { fixture, _ in
      let submitter = try fixture.submitter()
      await fixture.server.takeSubmissions(isClosed: true)
      let closed = try await #require(throws: KaggleError.self) { try await submitter.check() }
      #expect(closed.kind == .closed)
      await fixture.server.takeSubmissions(hasEntered: false)
      let error = try await #require(throws: KaggleError.self) { try await submitter.check() }
      let rules = "https://www.kaggle.com/competitions/salt-demo/rules"
      #expect(error.kind == .rulesNotAccepted(try #require(URL(string: rules))))
      #expect(error.description.contains(rules))
    }
  }

  @Test func aPhoneThatIsNotVerifiedIsTold() async throws {
    try await withFile { fixture, file in
      await fixture.server.simulate(
        .refusal(status: 403, message: "Phone verification is required to submit"))
      let error = try await #require(throws: KaggleError.self) {
        try await submit(file, try fixture.submitter())
      }
      #expect(error.kind == .phoneNotVerified)
    }
  }

  // MARK: Afterwards

  @Test func whatCantBeScoredSaysWhy() async throws {
    try await withFile { fixture, file in
      await fixture.server.takeSubmissions(scoringError: "Row 7 is no mask")
      let submitter = try fixture.submitter()
      let ref = try #require(try await submit(file, submitter))
      let found = try await submitter.wait(for: ref, limit: 60)
      #expect(found?.progress == .error && found?.errorDescription == "Row 7 is no mask")
    }
  }

  @Test func waitingEndsInTime() async throws {
    try await withFile { fixture, file in
      await fixture.server.takeSubmissions(pending: .max)
      let submitter = try fixture.submitter()
      let ref = try #require(try await submit(file, submitter))
      let found = try await submitter.wait(for: ref, limit: 60)
      #expect(found?.progress == .pending)
      let waited = fixture.waits.all.reduce(0, +)
      #expect((50...80).contains(waited))
    }
  }

  @Test(arguments: KaggleServerStyle.allCases)
  func factsLimitsAndBoardAreRead(_ style: KaggleServerStyle) async throws {
    try await withFile([style]) { fixture, _ in
      let account = try fixture.account()
      let facts = try await account.facts()
      #expect(facts.userRank == 2 && facts.teamCount == 3 && facts.userHasEntered == true)
      #expect(try await account.limits().numAllowedNow == 5)
      let board = try await account.leaderboard(2)
      #expect(board.map(\.teamName) == ["Grace", "Ada & Co"])
      #expect(try await account.submissions().isEmpty)
    }
  }

  /// Numbers where texts should be, twins and unknown keys: nothing of it may end a program.
  @Test func answersAreReadWhateverTheirTypes() throws {
    let text = """
      {"ref": "7", "publicScore": 0.5, "privateScore": null, "status": "SubmissionStatus.COMPLETE",
       "totalBytes": "12", "publicScoreNullable": "x", "date": 7}
      """
    let one = try JSONDecoder().decode(RemoteSubmission.self, from: Data(text.utf8))
    #expect(one.ref == 7 && one.publicNumber == 0.5 && one.progress == .complete)
    #expect(one.totalBytes == 12 && one.privateNumber == nil && one.date == "7")
    let facts = try JSONDecoder().decode(
      CompetitionFacts.self, from: Data(#"{"userHasEntered": "maybe", "userRank": 0}"#.utf8))
    #expect(facts.userHasEntered == nil && facts.userRank == nil)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(RemoteSubmission.self, from: Data("{}".utf8))
    }
  }
}
