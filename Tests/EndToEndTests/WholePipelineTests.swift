// Everything from the download to the submission, on both competitions.

import Demo
import Foundation
import Imaging
import TestSupport
import Testing

extension EndToEndTests {
  @Suite struct WholePipeline {
    private static let stages = [
      "download", "unzip", "eda", "folds", "train@0", "train@1", "evaluate", "predict",
      "submission",
    ]

    /// What a stage doesn't need must not be among its code, or an edit there would make it run again.
    private static let unneeded: [String: Set<String>] = [
      "download": ["Archive", "CArchive", "Imaging", "Neural"],
      "eda": ["Neural", "CKernels"], "folds": ["Neural", "CKernels", "Analysis"],
      "train@0": ["Analysis", "Kaggle", "Inference"], "predict": ["Analysis"],
      "submission": ["Neural", "CKernels"],
    ]

    /// The names of scripts and modules under `code` of each instance in work.lock.
    private static func code(inLock text: String) -> [String: Set<String>] {
      var code: [String: Set<String>] = [:]
      var (instance, section) = ("", "")
      for line in text.split(separator: "\n") {
        let indent = line.prefix { $0 == " " }.count
        let key = String(line.dropFirst(indent).prefix { $0 != ":" }.filter { $0 != "\"" })
        switch indent {
        case 2: instance = key
        case 4: section = key
        case 6 where section == "code": code[instance, default: []].insert(key)
        default: break
        }
      }
      return code
    }

    private func demo(
      _ clone: WorkspaceFixture, _ folder: TemporaryFolder, _ more: String...
    ) async throws -> Output {
      try await clone.work(
        ["demo", "--folder", folder.url.path, "--train", "40", "--test", "6"]
          + WorkspaceFixture.tinyOptions
          + more,
        // The user's own credentials, which the demo has no use for.
        environment: ["KAGGLE_API_TOKEN": "KGAT_the-users", "KAGGLE_PROXY": "no address"])
    }

    @Test func demoMakesEverythingOnceAndOnlyInItsFolder() async throws {
      let clone = try WorkspaceFixture.clone()
      let before = try Listing.paths(clone.root)
      let folder = try TemporaryFolder()
      let first = try await demo(clone, folder)
      #expect(first.status == 0, "\(first)")
      let root = folder.url.appendingPathComponent("salt")
      for path in [
        ".work/pages/index.html", ".work/pages/eda.html", ".work/pages/train@1.html",
        "data/models/fold-0/model.safetensors", "data/eda.json", "work.lock",
      ] {
        #expect(
          FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path), "\(path)")
      }
      let code = Self.code(
        inLock: try String(contentsOf: root.appendingPathComponent("work.lock"), encoding: .utf8))
      #expect(Set(code.keys) == Set(Self.stages))
      for (stage, unneeded) in Self.unneeded {
        let named = try #require(code[stage])
        #expect(
          named.contains("Workbench") && named.isDisjoint(with: unneeded), "\(stage): \(named)")
      }
      // What a user is told at the end: paths that exist, and the score.
      let told = Dictionary(
        uniqueKeysWithValues: first.out.split(separator: "\n").map { line in
          let words = line.split(separator: " ", maxSplits: 1).map(String.init)
          return (words[0], words[1].trimmingCharacters(in: .whitespaces))
        })
      #expect(told.keys.sorted() == ["ledger", "pages", "score", "submission"])
      for key in ["pages", "submission"] {
        #expect(FileManager.default.fileExists(atPath: told[key] ?? ""), "\(first.out)")
      }
      let score = try #require(
        told["score"].flatMap { Double($0.prefix { $0 != " " }) }, "\(first.out)")
      #expect((0...1).contains(score))

      let submission = try Submission(
        root.appendingPathComponent("submissions/submission.csv"), head: "id,rle_mask")
      let sample = try Submission(
        root.appendingPathComponent("data/tables/sample_submission.csv"), head: "id,rle_mask")
      #expect(submission.ids == sample.ids && submission.ids.count == 6)
      for (_, runs) in submission.rows {
        _ = try RunLength(order: .column, base: 1, empty: "").decode(runs, width: 101, height: 101)
      }

      let second = try await demo(clone, folder, "--json")
      #expect(second.status == 0, "\(second)")
      let report = try second.report()
      #expect(report.instances("fresh") == Self.stages)
      #expect(report.results.count == Self.stages.count)
      // Nothing beside the demo's folder.
      #expect(try Listing.paths(clone.root) == before)

      // Through the server or from a folder: the same result.
      let finished = try #require(EndToEndTests.finished)
      #expect(
        try Data(contentsOf: root.appendingPathComponent("submissions/submission.csv"))
          == Data(contentsOf: finished.file("submissions/submission.csv")))
    }

    @Test func cellsDifferByParametersAlone() async throws {
      let clone = try WorkspaceFixture.clone()
      let folder = try TemporaryFolder()
      let run = try await clone.work([
        "demo", "--competition", "cells", "--folder", folder.url.path, "--train", "64", "--test",
        "16", "-S", "train.epochs=8", "-S", "model.filters=4", "-S", "model.levels=3", "-S",
        "inference.tta=none", "--json",
      ])
      #expect(run.status == 0, "\(run)")
      #expect(try run.report().instances("done") == Self.stages)

      // The same competition with the test images' true masks.
      let root = folder.url.appendingPathComponent("cells")
      let truthFile = folder.url.appendingPathComponent("truth.csv")
      try DemoCompetition.cells.generate(
        into: folder.url.appendingPathComponent("again"), seed: 2018, train: 64, test: 16,
        truth: truthFile)
      let head = "ImageId,EncodedPixels"
      let truth = try Submission(truthFile, head: head)
      let submission = try Submission(
        root.appendingPathComponent("submissions/submission.csv"), head: head)
      #expect(submission.ids == truth.ids)
      #expect(submission.rows.allSatisfy { !$0.runs.isEmpty }, "an empty mask is “-”")
      let dialect = RunLength(order: .row, base: 1, empty: "-")
      func masks(_ table: Submission) throws -> [Mask] {
        try table.rows.map { try dialect.decode($0.runs, width: 96, height: 80) }
      }
      let masksOfTruth = try masks(truth)
      let score = dice(try masks(submission), masksOfTruth)
      let empty = dice(
        Array(repeating: Mask(width: 96, height: 80), count: truth.rows.count), masksOfTruth)
      #expect(score > empty + 0.3, "\(score) against \(empty) of empty masks")
    }

    /// Mean Dice over images, 1 where both are empty.
    private func dice(_ masks: [Mask], _ truth: [Mask]) -> Double {
      let scores = zip(masks, truth).map { mask, truth -> Double in
        let both = zip(mask.pixels, truth.pixels).count { $0 == 1 && $1 == 1 }
        let sum = mask.area + truth.area
        return sum == 0 ? 1 : 2 * Double(both) / Double(sum)
      }
      return scores.reduce(0, +) / Double(scores.count)
    }

    @Test(arguments: [["--threads", "1"], ["--threads", "3", "-j", "2"]])
    func threadsAndJobsDoNotChangeAByte(_ options: [String]) async throws {
      let finished = try #require(EndToEndTests.finished)
      let fixture = try WorkspaceFixture()
      let report = try await fixture.report(["all"] + options)
      #expect(report.instances("done") == Self.stages)
      let (one, two) = (try fixture.outputs(), try finished.outputs())
      #expect(one.keys.sorted() == two.keys.sorted())
      #expect(one.keys.contains("submissions/submission.csv"))
      for (path, data) in one { #expect(two[path] == data, "\(path) differs") }
      #expect(try fixture.text("work.lock") == finished.text("work.lock"))
    }
  }
}

/// A table of ids and run lengths.
struct Submission {
  let rows: [(id: String, runs: String)]
  var ids: [String] { rows.map(\.id) }

  init(_ file: URL, head: String) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    try #require(lines.first == head, "\(file.path): \(lines.first ?? "")")
    try #require(lines.last == "", "\(file.path): the last line has no end")
    rows = try lines.dropFirst().dropLast().map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      try #require(fields.count == 2, "\(file.path): \(line)")
      return (fields[0], fields[1])
    }
  }
}
