// `work init`: a competition's section from its files, and what the stages make of it.

import Foundation
import Testing

extension EndToEndTests {
  @Suite struct Init {
    private struct Answer: Decodable {
      var slug: String
      var kind: String
      var metric: String
      var trainImages: Int
      var wrote: String?
      var kept: String?
      var minutes: Double
      var memoryBytes: Int
      var reasons: [String: String]
    }

    @Test func whatItWritesRuns() async throws {
      let fixture = try WorkspaceFixture()
      let before = try fixture.text("params.yaml")
      let output = try await fixture.work(
        "init", "other-salt", "--data", fixture.served.path, "--metric", "iou", "--minutes", "5",
        "--json")
      #expect(output.status == 0, "\(output)")
      let answer = try output.decoded(Answer.self)
      #expect(answer.slug == "other-salt" && answer.kind == "mask" && answer.metric == "iou")
      #expect(answer.trainImages == 40 && answer.minutes <= 5 && answer.memoryBytes > 1_000_000)
      #expect(answer.wrote == fixture.file("params.yaml").path)
      #expect(answer.kept == fixture.file("params.demo-salt.yaml").path)
      #expect(try fixture.text("params.demo-salt.yaml") == before)
      let after = try fixture.text("params.yaml")
      #expect(after.contains("  slug: other-salt") && after.contains("  metric: iou"))
      // How fast this machine is, was found out once.
      #expect(fixture.exists(".work/speed.json"))
      let report = try await fixture.report("folds", "eda")
      #expect(report.exit == 0)
      #expect(Set(report.instances("done")).isSuperset(of: ["unzip", "eda", "folds"]))
    }

    @Test func theSameCompetitionIsRefused() async throws {
      let fixture = try WorkspaceFixture()
      let before = try fixture.text("params.yaml")
      let again = try await fixture.work(
        "init", "demo-salt", "--data", fixture.served.path, "--yes")
      #expect(again.status == 2 && again.err.contains("work init demo-salt --print"), "\(again)")
      let shown = try await fixture.work(
        "init", "demo-salt", "--data", fixture.served.path, "--print")
      #expect(shown.status == 0 && shown.out.contains("  slug: demo-salt"), "\(shown)")
      #expect(shown.out.contains("\neda:\n  examples: 8  # rows of"))
      #expect(try fixture.text("params.yaml") == before)
      #expect(!fixture.exists("params.demo-salt.yaml"))
    }

    @Test func whatCannotBeIsSaid() async throws {
      let fixture = try WorkspaceFixture()
      let before = try fixture.text("params.yaml")
      for (arguments, words) in [
        (["init"], "which competition?"),
        (["init", "x", "--metric", "best"], "--metric best: should be mean-precision, dice"),
        (["init", "x", "--minutes", "0"], "should be from 1"),
        (["init", "a/b"], "is no competition's name"),
        (["init", "x"], "data/raw: can't be looked at"),
        (["init", "x", "--data", fixture.file("stages").path], "holds no zip archive"),
      ] {
        let output = try await fixture.work(arguments)
        #expect(output.status == 2 && output.err.contains(words), "\(arguments): \(output)")
      }
      #expect(try fixture.text("params.yaml") == before)
    }
  }
}
