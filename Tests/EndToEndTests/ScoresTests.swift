// The ledger of submissions, comparing and blending them, and planning the next run.

import Foundation
import Testing

extension EndToEndTests {
  @Suite struct Scores {
    private struct Entry: Decodable {
      struct Estimate: Decodable {
        var mean: Double
        var folds: [Double]
        var run: String
      }
      var number: Int
      var sha256: String
      var run: String
      var rows: Int
      var empty: Int?
      var estimate: Estimate?
      var tta: String?
      var decisions: [String: Double]?
      var `public`: Double?
      var `private`: Double?
      var blend: [String: Int]?
    }

    private struct Comparison: Decodable {
      struct Difference: Decodable {
        struct Pixels: Decodable {
          var gained: Int
          var lost: Int
          var total: Int
        }
        var common: Int
        var changed: Int
        var pixels: Pixels?
      }
      struct Gain: Decodable {
        var difference: Double
        var band: Double?
        var basis: String?
        var count: Int?
      }
      var difference: Difference?
      var gain: Gain?
    }

    private func entries(_ fixture: WorkspaceFixture) async throws -> [Entry] {
      try await fixture.work("scores", "--json").decoded([Entry].self)
    }

    /// A second run with another network, recorded after the first.
    private func twoRuns() async throws -> WorkspaceFixture {
      let fixture = try EndToEndTests.finishedCopy()
      let run = try await fixture.run(
        "all", "-S", "train.epochs=6", "-S", "model.filters=6", "-S", "inference.tta=hflip")
      #expect(run.status == 0, "\(run)")
      #expect(run.out.contains("ledger      submission "), "\(run)")
      return fixture
    }

    @Test func everySubmissionIsRecordedOnce() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let first = try #require(try await entries(fixture).first)
      #expect(first.number == 1 && first.rows == 6 && first.tta == "none")
      #expect(first.estimate?.folds.count == 2 && first.estimate?.run == first.run)
      #expect(first.decisions?["threshold"] != nil && first.empty != nil)
      // Cleaning, and making the same submission again, change nothing.
      let before = try fixture.text("submissions/ledger.json")
      let clean = try await fixture.work("clean", "--outputs", "submission")
      #expect(clean.status == 0, "\(clean)")
      let again = try await fixture.run("all")
      #expect(again.out.contains("ledger      submission 1, the very same file"), "\(again)")
      #expect(try fixture.text("submissions/ledger.json") == before)
      let kept = fixture.file("submissions/files/\(first.sha256.prefix(16)).csv")
      #expect(
        try Data(contentsOf: kept) == Data(contentsOf: fixture.file("submissions/submission.csv")))

      let set = try await fixture.work("scores", "set", "latest", "--public", "0.5")
      #expect(set.status == 0 && set.out == "submission 1: public 0.5000\n", "\(set)")
      let table = try await fixture.work("scores")
      #expect(table.status == 0 && table.out.contains("0.5000"), "\(table)")
      let refused = try await fixture.work("runs", "rm", first.run, "--force")
      #expect(
        refused.status == 2 && refused.err.contains("submission 1, which Kaggle"), "\(refused)")
    }

    @Test func twoSubmissionsAreCompared() async throws {
      let fixture = try await twoRuns()
      let listed = try await entries(fixture)
      let compared = try await fixture.work("scores", "compare", "--json").decoded(Comparison.self)
      let gain = try #require(compared.gain)
      let means = listed.compactMap { $0.estimate?.mean }
      try #require(means.count == 2)
      #expect(abs(gain.difference - (means[1] - means[0])) < 1e-12)
      #expect(gain.basis == "images" && gain.count == 40)
      #expect(compared.difference?.common == 6)

      // A file of which the pixels are counted: all of the first image.
      let file = fixture.file("mine.csv")
      var lines = try fixture.text("submissions/submission.csv").split(
        separator: "\n", omittingEmptySubsequences: false)
      let id = lines[1].prefix { $0 != "," }
      lines[1] = "\(id),1 10201"
      try Data(lines.joined(separator: "\n").utf8).write(to: file)
      let own = try await fixture.work(
        "scores", "compare", fixture.file("submissions/submission.csv").path, file.path, "--json"
      ).decoded(Comparison.self)
      #expect(own.difference?.changed == 1 && own.gain == nil)
      #expect(own.difference?.pixels?.lost == 0 && own.difference?.pixels?.total == 6 * 10201)
      let text = try await fixture.work("scores", "compare", "latest", file.path)
      #expect(text.status == 0 && text.out.contains("1 of 6 masks differ"), "\(text)")

      lines[1] = "\(id),1 10202"
      try Data(lines.joined(separator: "\n").utf8).write(to: file)
      let bad = try await fixture.work("scores", "compare", "latest", file.path)
      #expect(bad.status == 2 && bad.err.contains("mine.csv:2: the run lengths"), "\(bad)")
    }

    @Test func whatKaggleSaysIsDrawn() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let early = try await fixture.work("scores", "--open")
      #expect(early.status == 0, "\(early)")
      let page = early.out.trimmingCharacters(in: .newlines)
      #expect(!(try String(contentsOfFile: page, encoding: .utf8)).contains("<svg"))
      // Two more submissions, as if they had been made.
      let file = fixture.file("submissions/ledger.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      let start = try #require(text.range(of: "    {\n"))
      let end = try #require(text.range(of: "\n  ],"))
      let entry = String(text[start.lowerBound..<end.lowerBound])
      let more = ["2", "3"].map { number in
        entry.replacing("\"number\" : 1", with: "\"number\" : \(number)")
          .replacing("\"sha256\" : \"", with: "\"sha256\" : \"\(number)")
      }
      try Data(
        (text[..<end.lowerBound] + ",\n" + more.joined(separator: ",\n") + text[end.lowerBound...])
          .utf8
      ).write(to: file)
      for number in ["1", "2", "3"] {
        let set = try await fixture.work("scores", "set", number, "--public", "0.\(number)")
        #expect(set.status == 0, "\(set)")
      }
      let drawn = try await fixture.work("scores", "--open")
      #expect(drawn.status == 0, "\(drawn)")
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.contains("<svg") && html.contains("score against the cross-validated one"))
    }

    @Test func whatCannotBeIsSaid() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let clone = try WorkspaceFixture.clone()
      let none = try await clone.work("scores")
      #expect(none.status == 0 && none.err.contains("no submission is recorded yet"), "\(none)")
      for (arguments, words) in [
        (["scores", "set", "latest"], "say what Kaggle said"),
        (["scores", "set", "9", "--public", "0.5"], "no submission 9"),
        (["scores", "set", "1", "--public", "nan"], "should be a number"),
        (["scores", "compare"], "only one submission is recorded"),
        (["blend", "latest"], "name two runs or more"),
        (["blend", "latest", "latest"], "is named twice"),
        (["plan", "--hours", "0"], "--hours 0.0: should be from 0.05"),
        (["plan", "--hours", "1", "--apply", "0"], "--apply 0: should be 1 or more"),
      ] {
        let output = try await fixture.work(arguments)
        #expect(output.status == 2 && output.err.contains(words), "\(arguments): \(output)")
      }
      let early = try await clone.work("plan", "--hours", "1")
      #expect(early.status == 2 && early.err.contains("--data DIR"), "\(early)")
      try Data("{".utf8).write(to: fixture.file("submissions/ledger.json"))
      let damaged = try await fixture.work("scores")
      #expect(
        damaged.status == 2 && damaged.err.contains("is no ledger of submissions"), "\(damaged)")
      // A run goes on all the same, and says so.
      let run = try await fixture.run("submission", "--force")
      #expect(run.status == 0 && run.err.contains("is not recorded in the ledger"), "\(run)")
    }

    @Test func runsAreBlended() async throws {
      struct Answer: Decodable {
        struct Run: Decodable {
          var run: String
          var count: Int
          var score: Double
        }
        var runs: [Run]
        var foldCounts: [[Int]]
        var score: Double
        var folds: [Double]
        var file: String
      }
      let fixture = try await twoRuns()
      let before = try fixture.outputs()
      let output = try await fixture.work("blend", "latest", "latest~1", "--json")
      #expect(output.status == 0, "\(output)")
      let answer = try output.decoded(Answer.self)
      #expect(answer.runs.count == 2 && answer.runs.contains { $0.count > 0 })
      #expect(answer.foldCounts.count == 2 && answer.folds.count == 2)
      // Each run by itself scores what *evaluate* found.
      let scores = try await entries(fixture)
      for run in answer.runs {
        let known = try #require(scores.first { $0.run == run.run }?.estimate?.mean)
        #expect(abs(known - run.score) < 1e-12)
      }
      let table = try Submission(URL(fileURLWithPath: answer.file), head: "id,rle_mask")
      #expect(table.ids.count == 6)
      // A blend of one run alone is that run's submission, which the ledger has.
      #expect(scores.count == 2 || scores.last?.blend?.count == 2)
      // Nothing else is touched.
      var after = try fixture.outputs()
      after["submissions/blend.csv"] = nil
      #expect(after == before)
      let text = try await fixture.work("blend", "latest", "latest~1")
      #expect(text.status == 0 && text.out.contains("\nblend "), "\(text)")
    }

    @Test func settingsThatFitAreOfferedAndWritten() async throws {
      struct Option: Decodable {
        var number: Int
        var network: String
        var folds: Int
        var epochs: Int
        var minutes: Double
        var memoryBytes: Int
        var values: [String: String]
      }
      let fixture = try EndToEndTests.finishedCopy()
      // Small batches, so that timing the networks takes moments.
      try fixture.edit("params.yaml", "  batch: 8  # images", "  batch: 1  # images")
      let output = try await fixture.work("plan", "--hours", "0.2", "--json")
      #expect(output.status == 0, "\(output)")
      let options = try output.decoded([Option].self)
      #expect(options.map(\.number) == Array(1...options.count))
      #expect(Set(options.map(\.network)).isSuperset(of: ["efficientnet-lite0-unet", "unet"]))
      #expect(options.allSatisfy { $0.minutes <= 12.1 && $0.memoryBytes > 10_000_000 })
      #expect(try fixture.text(".work/speed.json").contains("resnet34-unet"))
      let before = try fixture.text("params.yaml")
      let apply = try await fixture.work("plan", "--hours", "0.2", "--apply", "1", "--quiet")
      #expect(apply.status == 0 && apply.out == "", "\(apply)")
      let after = try fixture.text("params.yaml")
      #expect(after.contains("\n  epochs: \(options[0].epochs)  # passes over"), "\(after)")
      #expect(after.contains("\n  count: \(options[0].folds)  # models trained"))
      #expect(
        after.split(separator: "\n", omittingEmptySubsequences: false).count
          == before.split(separator: "\n", omittingEmptySubsequences: false).count)
      let much = try await fixture.work("plan", "--hours", "0.2", "--apply", "99")
      #expect(much.status == 2 && much.err.contains("--apply 99: there are"), "\(much)")
      let table = try await fixture.work("plan", "--hours", "0.2")
      #expect(table.status == 0 && table.out.contains("should score"), "\(table)")
    }
  }
}
