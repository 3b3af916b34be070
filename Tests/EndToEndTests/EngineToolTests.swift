// The commands that start the engine's program: bench, lr-find, doctor; and the engine's overrides.

import Foundation
import Testing

extension EndToEndTests {
  @Suite struct EngineTools {
    private static let tiny = [
      "bench", "--filters", "2", "--size", "16", "--batch", "2", "--runs", "2",
    ]

    private struct Bench: Decodable {
      var train_ms_per_image: Double
      var infer_ms_per_image: Double
      var peak_memory_bytes: Int
      var precision: String
      var backend: String
      var instruction_set: String
      var threads: Int
      var filters: Int
      var size: Int
      var batch: Int
      var gflops: [String: Double]
      var kinds: [String: [String: Double]]
    }

    @Test func benchAsJSON() async throws {
      let fixture = try WorkspaceFixture.clone()
      let output = try await fixture.work(
        Self.tiny + ["--precision", "f32", "--threads", "2", "--json"])
      #expect(output.status == 0 && output.err == "", "\(output)")
      let report = try output.decoded(Bench.self)
      #expect(report.precision == "float32" && report.threads == 2)
      #expect(report.filters == 2 && report.size == 16 && report.batch == 2)
      #expect(report.train_ms_per_image > 0 && report.infer_ms_per_image > 0)
      #expect(report.gflops.keys.sorted() == ["infer", "train"])
      // A process with the engine in it, and far from what a real network takes.
      #expect((1_000_000...2_000_000_000).contains(report.peak_memory_bytes))
      for kinds in report.kinds.values {
        #expect(abs(kinds.values.reduce(0, +) - 1) < 0.01, "\(report.kinds)")
        #expect(kinds["convolution_forward"] != nil, "\(report.kinds)")
      }
      #expect(report.kinds["train"]?["optimizer"] != nil)
      // Nothing is left but the log of the build.
      #expect(try fixture.leftovers() == [])
      #expect(try Listing.paths(fixture.file(".work/tools")) == [])
    }

    @Test func benchForPeople() async throws {
      let fixture = try WorkspaceFixture.clone()
      let output = try await fixture.work(Self.tiny, environment: ["NO_COLOR": "1"])
      #expect(output.status == 0, "\(output)")
      for word in ["ms/image", "training step", "inference", "GFLOP/s", "memory: planned"] {
        #expect(output.out.contains(word), "no “\(word)” in \(output)")
      }
      #expect(!(output.out + output.err).contains("\u{1B}"))
      let quiet = try await fixture.work(Self.tiny + ["--quiet"])
      #expect(quiet.status == 0 && quiet.err == "" && !quiet.out.isEmpty, "\(quiet)")
    }

    @Test func doctor() async throws {
      struct Report: Decodable {
        struct Line: Decodable {
          var topic: String
          var level: String
          var text: String
          var remedy: String?
        }
        var problems: Int
        var findings: [Line]
      }
      let fixture = try EndToEndTests.finishedCopy()
      let output = try await fixture.work("doctor", "--json")
      #expect(output.status == 0, "\(output)")
      let report = try output.decoded(Report.self)
      #expect(report.problems == 0)
      #expect(
        Set(report.findings.map(\.topic)) == [
          "processor", "engine", "libraries", "system", "kaggle", "workspace",
        ])
      #expect(Set(report.findings.map(\.level)).isSubset(of: ["ok", "note"]))
      for word in [
        "self-test", "automatic, automatic", "float32, automatic", "libcurl", "libcmark",
        "protocol",
        "8 stages",
      ] {
        #expect(report.findings.contains { $0.text.contains(word) }, "no “\(word)” in \(output)")
      }

      // A key is told of, and never told.
      try Data(#"{"username": "somebody", "key": "0123456789abcdef"}"#.utf8)
        .write(to: fixture.file("kaggle.json"))
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o644], ofItemAtPath: fixture.file("kaggle.json").path)
      let warned = try await fixture.work(
        "doctor",
        environment: ["KAGGLE_CONFIG_DIR": fixture.root.path, "HOME": fixture.root.path])
      #expect(warned.status == 0 && warned.out.contains("chmod 600"), "\(warned)")
      #expect(!warned.out.contains("0123456789abcdef") && !warned.out.contains("somebody"))

      try fixture.edit("params.yaml", "seed:", "seed: [")
      let broken = try await fixture.work("doctor", "--quiet")
      #expect(broken.status == 1, "\(broken)")
      #expect(broken.out.contains("params.yaml") && broken.out.contains("1 problem"), "\(broken)")
    }

    @Test func learningRate() async throws {
      struct Report: Decodable {
        var current: Double
        var steps: Int
        var page: String
      }
      let fixture = try EndToEndTests.finishedCopy()
      let before = try fixture.outputs()
      let arguments = ["lr-find", "--steps", "20", "-S", "train.learning_rate=0.125", "--json"]
      let output = try await fixture.work(arguments + ["--data", fixture.served.path])
      #expect(output.status == 0, "\(output)")
      let report = try output.decoded(Report.self)
      #expect(report.current == 0.125 && (1...20).contains(report.steps))
      let page = try String(contentsOfFile: report.page, encoding: .utf8)
      #expect(page.contains("Loss against learning rate") && page.contains("<svg"))
      #expect(report.page == fixture.file(".work/pages/lr-find.html").path)
      let opened = try await fixture.work("open", "lr-find", "--path")
      #expect(opened.out == report.page + "\n", "\(opened)")
      #expect(try fixture.text(".work/pages/index.html").contains("href=\"lr-find.html\""))
      // A trial: nothing that counts is touched.
      #expect(try fixture.outputs() == before)
      let text = try await fixture.work(
        "lr-find", "--steps", "20", "--quiet", "--data", fixture.served.path)
      #expect(text.status == 0, "\(text)")
      // Nothing but that a loss of so few steps may say nothing.
      #expect(
        text.err == "" || text.err.hasPrefix("warning: lr-find: The loss "), "\(text)")
      #expect(text.out.contains("suggestion") && text.out.contains(report.page), "\(text)")
    }

    @Test func backendAndPrecisionAreOverrides() async throws {
      struct State: Decodable {
        var instance: String
        var reasons: [String]
      }
      let fixture = try EndToEndTests.finishedCopy()
      let states = try await fixture.work(
        "status", "--json", "--backend", "blas", "--precision", "bf16"
      ).decoded([State].self)
      let train = try #require(states.first { $0.instance == "train@0" })
      #expect(
        train.reasons == [
          "engine.backend: \"automatic\" → \"native\"",
          "engine.precision: \"automatic\" → \"bfloat16\"",
        ], "\(train)")
      // A number of threads is no reason to run again.
      let threads = try await fixture.report("all", "--threads", "1", "--backend", "automatic")
      #expect(threads.results.allSatisfy { $0.outcome == "fresh" }, "\(threads)")
    }
  }
}
