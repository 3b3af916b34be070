// Submitting as a user does it: the commands as processes, against a server on this machine. And what no run may leave
// behind: the user's secret, anywhere.

import Demo
import Foundation
import Testing

extension EndToEndTests {
  @Suite struct Submitting {
    private static let slug = "demo-salt"
    private static let key = "0123456789abcdef0123"

    /// A workspace with a submission and its sample, and no stage that ran.
    private func fixture() throws -> WorkspaceFixture {
      let fixture = try WorkspaceFixture()
      try FileManager.default.createDirectory(
        at: fixture.file("data/tables"), withIntermediateDirectories: true)
      try FileManager.default.createDirectory(
        at: fixture.file("submissions"), withIntermediateDirectories: true)
      try write("id,rle_mask\na,\nb,\n", to: "data/tables/sample_submission.csv", fixture)
      try write("id,rle_mask\nb,1 2\na,\n", to: "submissions/submission.csv", fixture)
      return fixture
    }

    private func write(_ text: String, to path: String, _ fixture: WorkspaceFixture) throws {
      try Data(text.utf8).write(to: fixture.file(path))
    }

    private func withServer(
      styles: Set<KaggleServerStyle> = [.rpc, .rest],
      _ body: (WorkspaceFixture, KaggleServer, [String: String]) async throws -> Void
    ) async throws {
      let fixture = try fixture()
      let server = KaggleServer(
        files: fixture.served, slug: Self.slug, username: "someone", key: Self.key, styles: styles)
      let endpoint = try await server.start()
      let environment = [
        "KAGGLE_API_ENDPOINT": endpoint.absoluteString, "HOME": fixture.root.path,
        "KAGGLE_API_TOKEN": Self.key,
      ]
      do { try await body(fixture, server, environment) } catch {
        await server.stop()
        throw error
      }
      await server.stop()
    }

    private struct Answer: Decodable {
      var submission: Int?
      var ref: Int?
      var left: Int?
      var status: String?
      var `public`: Double?
      var dryRun: Bool
      var message: String
    }

    private struct Entry: Decodable {
      struct Handover: Decodable {
        var ref: Int?
        var message: String
        var before: [Int]?
      }
      var number: Int
      var run: String
      var rows: Int
      var `public`: Double?
      var kaggle: Handover?
    }

    private struct Ledger: Decodable { var submissions: [Entry] }

    private func ledger(_ fixture: WorkspaceFixture) throws -> [Entry] {
      try JSONDecoder().decode(
        Ledger.self, from: Data(contentsOf: fixture.file("submissions/ledger.json"))
      ).submissions
    }

    @Test(arguments: KaggleServerStyle.allCases)
    func aFileIsSubmittedScoredAndNoted(_ style: KaggleServerStyle) async throws {
      try await withServer(styles: [style]) { fixture, server, environment in
        let dry = try await fixture.work(
          "submit", "--dry-run", "--json", environment: environment)
        #expect(try dry.decoded(Answer.self).dryRun && dry.status == 0, "\(dry)")
        #expect(await server.submitted.isEmpty)
        #expect(!fixture.exists("submissions/ledger.json"))

        let output = try await fixture.work(
          "submit", "--wait", "--json", "-m", "first", environment: environment)
        #expect(output.status == 0, "\(output)")
        let answer = try output.decoded(Answer.self)
        #expect(answer.ref == 1001 && answer.submission == 1 && answer.left == 4)
        #expect(answer.status == "complete" && answer.public == 0.8001)
        #expect(await server.submitted == [Data("id,rle_mask\nb,1 2\na,\n".utf8)])
        #expect(await server.descriptions == ["first"])
        let entry = try #require(try ledger(fixture).first)
        #expect(entry.rows == 2 && entry.run == "by hand" && entry.public == 0.8001)
        #expect(entry.kaggle?.ref == 1001 && entry.kaggle?.before == nil)

        let again = try await fixture.work("submit", environment: environment)
        #expect(again.status == 2 && again.err.contains("--again"), "\(again)")
        #expect(await server.submitted.count == 1)
      }
    }

    @Test func whatDiffersFromTheSampleIsToldAndNotSent() async throws {
      try await withServer { fixture, server, environment in
        try write("id,rle_mask\nb,1 2\nc,\n", to: "submissions/other.csv", fixture)
        let output = try await fixture.work(
          "submit", fixture.file("submissions/other.csv").path, environment: environment)
        #expect(output.status == 2, "\(output)")
        for words in ["“a” (sample_submission.csv:2)", "“c” (other.csv:3)", "--unchecked"] {
          #expect(output.err.contains(words), "\(output)")
        }
        #expect(await server.requests.isEmpty)
        try FileManager.default.removeItem(at: fixture.file("data/tables/sample_submission.csv"))
        let without = try await fixture.work("submit", environment: environment)
        #expect(without.status == 2 && without.err.contains("work run unzip"), "\(without)")
      }
    }

    /// A command that is killed between the order and the answer leaves what the next one needs.
    @Test func whatWasKilledIsFoundAgain() async throws {
      try await withServer { fixture, server, environment in
        await server.simulate(.stalledAnswer(count: 1, seconds: 60))
        let first = try fixture.start(["submit", "-m", "one"], environment: environment)
        while await server.submitted.isEmpty, first.isRunning {
          try await Task.sleep(for: .milliseconds(20))
        }
        kill(first.id, SIGKILL)
        #expect(try await first.output().status == 128 + 9)
        #expect(await server.submitted.count == 1)
        let second = try await fixture.work("submit", "-m", "two", environment: environment)
        #expect(second.status == 0 && second.err.contains("submitted before"), "\(second)")
        #expect(await server.submitted.count == 1)
        #expect(try ledger(fixture)[0].kaggle?.ref == 1001)
      }
    }

    /// The same where the command saw the answer, and the ledger didn't.
    @Test func whatWasCutOffIsFoundAgain() async throws {
      try await withServer { fixture, server, environment in
        let first = try await fixture.work("submit", "-m", "one", environment: environment)
        #expect(first.status == 0, "\(first)")
        // As if it had been killed before it saw the number.
        let text = try fixture.text("submissions/ledger.json")
        try write(
          text.replacing(/,\s*"ref" : 1001/, with: ""), to: "submissions/ledger.json", fixture)
        #expect(try ledger(fixture)[0].kaggle?.ref == nil)
        let second = try await fixture.work("submit", "-m", "two", environment: environment)
        #expect(second.status == 0 && second.err.contains("submitted before"), "\(second)")
        #expect(await server.submitted.count == 1)
        #expect(try ledger(fixture)[0].kaggle?.ref == 1001)
      }
    }

    @Test(arguments: [
      (KaggleServerFault.refusal(status: 403, message: "Please verify your phone"), "settings"),
      (.refusal(status: 400, message: "The competition is over"), "no submissions any more"),
      (.storageStatus(count: 99, status: 403), "the upload of submission.csv"),
      (.webPage, "a web page"),
    ])
    func refusalsEndWithThree(_ fault: KaggleServerFault, _ words: String) async throws {
      try await withServer { fixture, server, environment in
        await server.simulate(fault)
        let output = try await fixture.work("submit", "--wait", environment: environment)
        #expect(output.status == 3 && output.err.contains(words), "\(output)")
        #expect(await server.submitted.isEmpty)
      }
    }

    @Test func whatKaggleCantScoreEndsWithOne() async throws {
      try await withServer { fixture, server, environment in
        await server.takeSubmissions(scoringError: "Row 2 is odd")
        let output = try await fixture.work("submit", "--wait", environment: environment)
        #expect(output.status == 1 && output.err.contains("Row 2 is odd"), "\(output)")
        await server.takeSubmissions(daily: 1)
        let used = try await fixture.work("submit", "--again", environment: environment)
        #expect(used.status == 3 && used.err.contains("00:00 UTC"), "\(used)")
      }
    }

    @Test func listsBoardsFilesAndChecks() async throws {
      struct Line: Decodable {
        var ref: Int
        var submission: Int?
        var status: String
        var `public`: Double?
      }
      try await withServer { fixture, server, environment in
        #expect(try await fixture.work("submit", environment: environment).status == 0)
        await server.submitByTeammate(name: "x.csv", description: "theirs")
        _ = try await fixture.work("submissions", environment: environment)
        let list = try await fixture.work("submissions", "--json", environment: environment)
        let lines = try list.decoded([Line].self)
        #expect(lines.map(\.ref) == [1002, 1001] && lines.map(\.submission) == [nil, 1])
        #expect(lines[1].status == "complete" && lines[1].public == 0.8001)
        // The score of one's own is noted on the way.
        #expect(try ledger(fixture)[0].public == 0.8001)

        let board = try await fixture.work("leaderboard", "--top", "2", environment: environment)
        #expect(board.status == 0 && board.out.contains("Grace"), "\(board)")
        #expect(board.out.contains("you         place 2 of 3"), "\(board)")
        let files = try await fixture.work("kaggle", "files", environment: environment)
        #expect(files.status == 0 && files.out.contains("train.zip"), "\(files)")
        let rules = try await fixture.work("kaggle", "rules", environment: environment)
        #expect(
          rules.out == "https://www.kaggle.com/competitions/demo-salt/rules\naccepted\n",
          "\(rules)")
        let check = try await fixture.work("kaggle", "check", environment: environment)
        #expect(check.status == 0 && check.out.contains("KAGGLE_API_TOKEN"), "\(check)")
        #expect(check.out.contains("the credentials work (RPC)"), "\(check)")
        let wrong = try await fixture.work(
          "kaggle", "check",
          environment: environment.merging(["KAGGLE_API_TOKEN": "KGAT_wrong"]) { $1 })
        #expect(wrong.status == 3 && wrong.err.contains("the access token from"), "\(wrong)")
        #expect(!"\(wrong)".contains("KGAT_wrong"))
        let none = try await fixture.work(
          "kaggle", "check", environment: ["HOME": fixture.root.path])
        #expect(none.status == 2 && none.err.contains("No Kaggle credentials"), "\(none)")
      }
    }

    // MARK: Secrets

    /// The key by itself and as Base64, with and without the user's name.
    private static let secrets = [
      key, Data(key.utf8).base64EncodedString(),
      Data("someone:\(key)".utf8).base64EncodedString(),
    ]

    /// Files below a folder that hold a secret; links aren't followed.
    private func leaks(_ fixture: WorkspaceFixture) throws -> [String] {
      try Listing.paths(fixture.root).filter { path in
        guard path != "config/kaggle.json", !path.hasPrefix(".build"),
          let data = try? Data(contentsOf: fixture.file(path))
        else { return false }
        return Self.secrets.contains { data.range(of: Data($0.utf8)) != nil }
      }
    }

    /// Arguments of all processes, again and again until a command has ended.
    private func watch(_ command: Command) async -> [String] {
      var found: Set<String> = []
      while command.isRunning {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        where Int(name) != nil {
          guard let data = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
            continue
          }
          let text = String(decoding: data, as: UTF8.self)
          if Self.secrets.contains(where: text.contains) { found.insert(text) }
        }
        try? await Task.sleep(for: .milliseconds(20))
      }
      return found.sorted()
    }

    /// Runs that end well and runs that end in errors in which the server repeats what it was sent.
    @Test(arguments: [
      nil, KaggleServerFault.echo(status: 400), .echo(status: 401), .echo(status: 403),
    ])
    func noSecretIsLeftAnywhere(_ fault: KaggleServerFault?) async throws {
      try await withServer { fixture, server, environment in
        await server.simulate(fault)
        try FileManager.default.createDirectory(
          at: fixture.file("config"), withIntermediateDirectories: true)
        try write(
          #"{"username": "someone", "key": "\#(Self.key)"}"#, to: "config/kaggle.json", fixture)
        var byFile = environment
        byFile["KAGGLE_API_TOKEN"] = nil
        byFile["KAGGLE_CONFIG_DIR"] = fixture.file("config").path
        for environment in [environment, byFile] {
          for arguments in [
            ["run", "download", "--force"], ["submit", "--wait", "--again"], ["submissions"],
            ["kaggle", "check"], ["book"],
          ] {
            let command = try fixture.start(arguments, environment: environment)
            #expect(await watch(command) == [], "\(arguments)")
            let output = try await command.output()
            for secret in Self.secrets {
              #expect(!"\(output)".contains(secret), "\(arguments): \(output)")
            }
          }
        }
        #expect(try leaks(fixture) == [])
      }
    }
  }
}
