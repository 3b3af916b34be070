// Notebooks at the loopback server: a bundle becomes a dataset, a notebook is saved and followed, its output is submitted.

import Basics
import Demo
import Foundation
import Kaggle
import Submitting
import Synchronization
import TestSupport
import Testing
import Transfer

@Suite struct NotebookRunnerTests {
  private let data = noise(50_000)

  private func withArchive(
    _ styles: Set<KaggleServerStyle> = [.rpc, .rest],
    _ body: (ServerFixture, NotebookRunner, URL) async throws -> Void
  ) async throws {
    try await withServer([:], styles: styles) { fixture in
      let waits = fixture.waits
      let runner = try await NotebookRunner(
        fixture.connection(), competition: slug, sleepingBy: { waits.add($0) })
      try await body(fixture, runner, try fixture.target.write(data, to: "bundle.zip"))
    }
  }

  private func run(_ runner: NotebookRunner, _ archive: URL) async throws -> NotebookVersion {
    try await runner.upload(archive, notes: "one")
    try await runner.waitForDataset(limit: 600)
    let version = try await runner.save("{}")
    try await runner.waitForNotebook(version, limit: 600)
    return version
  }

  @Test(arguments: KaggleServerStyle.allCases)
  func aBundleBecomesASubmission(_ style: KaggleServerStyle) async throws {
    try await withArchive([style]) { fixture, runner, archive in
      await fixture.server.takeSubmissions(fromNotebooksOnly: true)
      await fixture.server.runNotebooks(pending: 3)
      let version = try await run(runner, archive)
      #expect(version == .init(owner: "ada", slug: "work-predict-salt-demo", number: 1))
      let dataset = "ada/work-bundle-salt-demo"
      #expect(await fixture.server.datasets == [dataset: [data]])
      let saved = try #require(await fixture.server.savedNotebooks[version.name]?.first)
      // Zeros and ones, since JSON's flags are numbers to this server.
      #expect(saved["enableInternet"] == "0" && saved["enableGpu"] == "0")
      #expect(saved["isPrivate"] == "1" && saved["text"] == "{}")
      #expect(saved["newTitle"] == "work predict salt demo")
      #expect(saved["datasetDataSources"] == dataset)
      #expect(saved["competitionDataSources"] == slug)

      let submitter = try fixture.submitter()
      await #expect(throws: KaggleError.self) { try await submitter.check() }
      _ = try await submitter.check(fromNotebook: true)
      let mark = try await submitter.mark(name: NotebookRunner.file, message: "one")
      let ref = try #require(try await submitter.create(version, mark))
      #expect(try await submitter.wait(for: ref, limit: 600)?.progress == .complete)
      // A second one is a version of both.
      #expect(try await run(runner, archive).number == 2)
      #expect(await fixture.server.datasets[dataset]?.count == 2)
    }
  }

  @Test func whatBreaksGoesOnAndALostAnswerIsLookedFor() async throws {
    try await withArchive { fixture, runner, archive in
      await fixture.server.simulate(.brokenConnection(count: 2))
      let version = try await run(runner, archive)
      #expect(await fixture.server.datasets.values.first == [data])
      await fixture.server.simulate(.lostAnswer(count: 1))
      let submitter = try fixture.submitter()
      let mark = try await submitter.mark(name: NotebookRunner.file, message: "one")
      #expect(try await submitter.create(version, mark) == 1001)
      #expect(await fixture.server.submitted.count == 1)
    }
  }

  @Test func aNotebookThatFailsSaysItsLastWords() async throws {
    try await withArchive { fixture, runner, archive in
      await fixture.server.runNotebooks(failure: "Notebook Threw Exception")
      let error = try await #require(throws: KaggleError.self) { try await run(runner, archive) }
      for words in ["Notebook Threw Exception", "error: it broke", "/code/ada/", "Nothing was"] {
        #expect(error.description.contains(words), "\(error)")
      }
      #expect(error.kind == .notebookFailed && error.exit == .failed)

      await fixture.server.runNotebooks(writesOutput: false)
      let other = try await #require(throws: KaggleError.self) { try await run(runner, archive) }
      #expect(other.description.contains("wrote no submission.csv"), "\(other)")
    }
  }

  @Test func aQuotaThatIsUsedUpIsSaidInKagglesWords() async throws {
    try await withArchive { fixture, runner, archive in
      let words = "Maximum batch CPU session count of 5 reached."
      await fixture.server.runNotebooks(refusal: words)
      let error = try await #require(throws: KaggleError.self) { try await run(runner, archive) }
      #expect(error.description.contains(words) && error.exit == .network, "\(error)")
      // The day's submissions are asked for before anything is sent.
      await fixture.server.takeSubmissions(daily: 0)
      let used = try await #require(throws: KaggleError.self) {
        try await fixture.submitter().check(fromNotebook: true)
      }
      #expect(used.kind == .limitUsedUp)
    }
  }

  @Test func whatDoesNotEndIsNotWaitedForForEver() async throws {
    try await withArchive { fixture, runner, archive in
      try await runner.upload(archive, notes: "one")
      try await runner.waitForDataset(limit: 600)
      await fixture.server.runNotebooks(pending: 10_000)
      let version = try await runner.save("{}")
      let error = try await #require(throws: KaggleError.self) {
        try await runner.waitForNotebook(version, limit: 120)
      }
      #expect(error.description.contains("After 2 minutes"), "\(error)")
    }
  }

  /// A token stands for its user, whose name is in the addresses.
  @Test(arguments: KaggleServerStyle.allCases)
  func theOwnerOfATokenIsAskedFor(_ style: KaggleServerStyle) async throws {
    try await withServer([:], styles: [style]) { fixture in
      func runner(_ key: String, owner: String? = nil) async throws -> NotebookRunner {
        try await NotebookRunner(
          KaggleConnection(
            KaggleSettings(
              credentials: Credentials(token: Secret(key), source: "the test"),
              endpoint: fixture.endpoint)),
          competition: slug, owner: owner)
      }
      #expect(try await runner("right").owner == "ada")
      let error = try await #require(throws: KaggleError.self) { try await runner("wrong-token") }
      #expect(error.description.contains("--user") && !error.description.contains("wrong-token"))
      #expect(try await runner("right", owner: "grace").owner == "grace")
      await #expect(throws: KaggleError.self) { try await runner("right", owner: "a/b") }
    }
  }
}
