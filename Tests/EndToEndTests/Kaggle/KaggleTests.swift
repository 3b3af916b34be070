// What the command says when Kaggle refuses: a server on this machine answers as Kaggle does.

import Demo
import Foundation
import Testing

extension EndToEndTests {
  @Suite struct KaggleRefusals {
    private static let slug = "demo-salt"

    /// Runs `work run download` against a server, with the given kaggle.json and no other credentials.
    private func download(
      _ fixture: WorkspaceFixture, credentials: String?, fault: KaggleServerFault? = nil,
      slug: String = KaggleRefusals.slug
    ) async throws -> Output {
      let server = KaggleServer(
        files: fixture.served, slug: slug, username: "someone", key: "0123456789abcdef")
      let endpoint = try await server.start()
      await server.simulate(fault)
      let config = fixture.file("config")
      try FileManager.default.createDirectory(at: config, withIntermediateDirectories: true)
      let json = config.appendingPathComponent("kaggle.json")
      if let credentials {
        try Data(credentials.utf8).write(to: json)
        chmod(json.path, 0o600)
      }
      do {
        let output = try await fixture.work(
          "run", "download",
          environment: [
            "KAGGLE_API_ENDPOINT": endpoint.absoluteString, "KAGGLE_CONFIG_DIR": config.path,
            "HOME": fixture.root.path,
          ])
        await server.stop()
        return output
      } catch {
        await server.stop()
        throw error
      }
    }

    private let right = #"{"username": "someone", "key": "0123456789abcdef"}"#

    @Test func filesComeWithTheRightKey() async throws {
      let fixture = try WorkspaceFixture()
      let output = try await download(fixture, credentials: right)
      #expect(output.status == 0, "\(output)")
      let served = try Listing.paths(fixture.served)
      #expect(try Listing.paths(fixture.file("data/raw")) == served)
      for name in served {
        #expect(
          try Data(contentsOf: fixture.file("data/raw/\(name)"))
            == Data(contentsOf: fixture.served.appendingPathComponent(name)))
      }
    }

    @Test func noCredentials() async throws {
      let fixture = try WorkspaceFixture()
      let output = try await download(fixture, credentials: nil)
      #expect(output.status == 2, "\(output)")
      for word in [
        "No Kaggle credentials", fixture.file("config/kaggle.json").path,
        "https://www.kaggle.com/settings",
      ] { #expect(output.err.contains(word), "no “\(word)” in \(output)") }
      #expect(try fixture.leftovers() == [])
    }

    @Test(arguments: ["not json", #"{"username": "someone"}"#, #"{"username": "a", "key": 7}"#])
    func malformedCredentials(_ text: String) async throws {
      let fixture = try WorkspaceFixture()
      let output = try await download(fixture, credentials: text)
      #expect(output.status == 2, "\(output)")
      #expect(output.err.contains(fixture.file("config/kaggle.json").path), "\(output)")
      #expect(try fixture.leftovers() == [])
    }

    @Test func wrongKey() async throws {
      let fixture = try WorkspaceFixture()
      let output = try await download(
        fixture, credentials: #"{"username": "someone", "key": "fedcba9876543210"}"#)
      #expect(output.status == 3, "\(output)")
      #expect(output.err.contains("401"), "\(output)")
      #expect(output.err.contains(fixture.file("config/kaggle.json").path), "\(output)")
      #expect(!output.err.contains("fedcba9876543210"), "the key is a secret")
      #expect(try fixture.leftovers() == [])
    }

    @Test func rulesNotAccepted() async throws {
      let fixture = try WorkspaceFixture()
      let output = try await download(fixture, credentials: right, fault: .rulesNotAccepted)
      #expect(output.status == 3, "\(output)")
      #expect(
        output.err.contains("https://www.kaggle.com/competitions/\(Self.slug)/rules"), "\(output)")
      #expect(try fixture.leftovers() == [])
      // Once they are accepted, the same command goes on.
      let accepted = try await download(fixture, credentials: right)
      #expect(accepted.status == 0, "\(accepted)")
    }

    @Test(arguments: [KaggleServerFault.webPage, .brokenJSON])
    func answerThatIsNone(_ fault: KaggleServerFault) async throws {
      let fixture = try WorkspaceFixture()
      let output = try await download(fixture, credentials: right, fault: fault)
      #expect(output.status == 3, "\(output)")
      #expect(try fixture.leftovers() == [])
    }

    @Test func fileThatIsNotThere() async throws {
      let fixture = try WorkspaceFixture()
      try fixture.edit("params.yaml", "files: [\"*\"]", "files: [\"train.zip\", \"trian.csv\"]")
      let output = try await download(fixture, credentials: right)
      #expect(output.status == 2, "\(output)")
      #expect(
        output.err.contains("trian.csv") && output.err.contains("download.files"), "\(output)")
      #expect(try fixture.leftovers() == [])
    }
  }
}
