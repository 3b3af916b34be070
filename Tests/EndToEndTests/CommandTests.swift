// The commands besides `run`, and how all of them speak.

import Foundation
import Testing

extension EndToEndTests {
  @Suite struct Commands {
    @Test(arguments: [
      [], ["run"], ["build"], ["eda"], ["status"], ["dag"], ["open"], ["accept"], ["demo"],
      ["bench"], ["lr-find"], ["doctor"], ["runs"], ["log"], ["why"], ["params"], ["metrics"],
      ["clean"], ["new"], ["export"], ["import"], ["book"], ["init"], ["weights"], ["scores"],
      ["plan"], ["blend"], ["stop"], ["extend"], ["cancel"], ["serve"], ["watch"], ["submit"],
      ["submissions"],
      ["leaderboard"], ["kaggle"], ["bundle"], ["sweep"], ["queue"],
    ])
    func helpIsNoError(_ command: [String]) async throws {
      // Anywhere, not just in a workspace.
      let output = try await Command(
        Package.work, command + ["--help"], in: FileManager.default.temporaryDirectory,
        environment: Package.environment()
      ).output()
      #expect(output.status == 0, "\(output)")
      #expect(output.out.contains("USAGE: work \(command.joined())"), "\(output)")
      #expect(output.err == "")
    }

    @Test func everyCommandIsTested() async throws {
      let fixture = try #require(EndToEndTests.finished)
      let output = try await fixture.work("--help")
      let listed = try #require(
        output.out.range(of: "SUBCOMMANDS:").map { output.out[$0.upperBound...] })
      let names = listed.split(separator: "\n").filter {
        $0.hasPrefix("  ") && !$0.hasPrefix("   ")
      }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
      #expect(
        Set(names).subtracting(["See", "help"]) == [
          "run", "build", "eda", "status", "dag", "open", "accept", "demo", "bench", "lr-find",
          "doctor", "runs", "log", "why", "params", "metrics", "clean", "new", "cache",
          "gc", "export", "import", "book", "init", "weights", "scores", "plan", "blend",
          "stop", "extend", "cancel", "serve", "watch",
          "submit", "submissions", "leaderboard", "kaggle", "bundle", "sweep", "queue",
        ], "\(names)")
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completion(_ shell: String) async throws {
      let fixture = try #require(EndToEndTests.finished)
      let output = try await fixture.work("--generate-completion-script", shell)
      #expect(output.status == 0 && output.out.contains("work"), "\(output)")
    }

    @Test func version() async throws {
      let fixture = try #require(EndToEndTests.finished)
      let output = try await fixture.work("--version")
      #expect(output.status == 0)
      #expect(output.out.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(output)")
    }

    @Test func statusAsJSON() async throws {
      struct Line: Decodable, Equatable {
        var instance: String
        var stage: String
        var state: String
        var reasons: [String]
      }
      let fixture = try EndToEndTests.finishedCopy()
      let fresh = try await fixture.work("status", "--json").decoded([Line].self)
      #expect(fresh.count == 9 && fresh.allSatisfy { $0.state == "fresh" && $0.reasons == [] })
      try FileManager.default.removeItem(at: fixture.file("data/folds.csv"))
      try fixture.edit("params.yaml", "worst: 12", "worst: 11")
      let lines = try await fixture.work("status", "--json").decoded([Line].self)
      let byName = Dictionary(uniqueKeysWithValues: lines.map { ($0.instance, $0) })
      #expect(
        byName["folds"]
          == Line(
            instance: "folds", stage: "folds", state: "stale",
            reasons: ["output data/folds.csv is missing"]))
      #expect(byName["train@1"]?.state == "undecided")
      #expect(byName["eda"]?.state == "fresh")
      let text = try await fixture.work("status")
      #expect(text.out.contains("output data/folds.csv is missing"), "\(text)")
      // Folds come back as they were, so training isn't repeated; evaluate is, for its own parameter.
      let run = try await fixture.report("all")
      #expect(run.instances("restored") == ["folds"])
      #expect(run.instances("done") == ["evaluate"])
    }

    @Test func acceptKeepsOutputsOfChangedCode() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let before = try fixture.outputs()
      let nothing = try await fixture.work("accept", "folds", "--reason", "none")
      #expect(nothing.status == 2 && nothing.err.contains("folds"), "\(nothing)")
      try fixture.edit(
        "stages/folds.swift", "let settings: FoldSettings = try stage.parameters(\"folds\")",
        "let settings = try stage.parameters(\"folds\", as: FoldSettings.self)")
      let stale = try await fixture.work("status", "folds")
      #expect(stale.out.contains("code of stages/folds.swift changed"), "\(stale)")
      let blank = try await fixture.work("accept", "folds", "--reason", " ")
      #expect(blank.status == 2, "\(blank)")
      let reason = "the same type, spelt otherwise"
      let accepted = try await fixture.work("accept", "folds", "--reason", reason)
      #expect(accepted.status == 0 && accepted.out == "accepted: folds\n", "\(accepted)")
      #expect(try fixture.text("work.lock").contains(reason))
      let run = try await fixture.report("all")
      #expect(run.results.allSatisfy { $0.outcome == "fresh" })
      #expect(try fixture.outputs() == before)
    }

    @Test func commentsAreNoChange() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      try fixture.edit(
        "stages/folds.swift", "  cell(\"Divide\")", "  // Prose.\n  cell(\"Divide\")")
      let run = try await fixture.report("all")
      #expect(run.results.allSatisfy { $0.outcome == "fresh" })
    }

    @Test func graph() async throws {
      let fixture = try #require(EndToEndTests.finished)
      let output = try await fixture.work("dag")
      #expect(output.status == 0)
      for stage in [
        "download", "unzip", "eda", "folds", "train", "evaluate", "predict", "submission",
      ] { #expect(output.out.contains(stage), "\(output)") }
    }

    @Test func pagesAreWhereTheCommandSays() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      for arguments in [
        ["open", "--path"], ["open", "eda", "--path"], ["open", "train@1", "--path"], ["eda"],
        ["book"], ["book", "--single-file"],
      ] {
        let output = try await fixture.work(arguments)
        #expect(output.status == 0, "\(output)")
        let page = output.out.trimmingCharacters(in: .newlines)
        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(html.hasPrefix("<!DOCTYPE html>") || html.hasPrefix("<!doctype html>"))
        #expect(page.hasPrefix(fixture.root.path + "/.work/pages/"))
      }
      let clone = try WorkspaceFixture()
      let early = try await clone.work("open", "eda", "--path")
      #expect(early.status == 2 && early.err.contains("work run eda"), "\(early)")
    }

    @Test func noEscapeCodesBesidesATerminal() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      for environment in [[:], ["NO_COLOR": "1", "TERM": "xterm-256color"]] {
        let run = try await fixture.work(
          "run", "evaluate", "--force", "--data", fixture.served.path, environment: environment)
        let status = try await fixture.work("status", environment: environment)
        let failed = try await fixture.work("run", "nothing", environment: environment)
        #expect(run.status == 0 && status.status == 0 && failed.status == 2)
        for output in [run, status, failed] {
          #expect(!(output.out + output.err).contains { $0 == "\u{1B}" || $0 == "\r" }, "\(output)")
        }
        #expect(!(run.err + status.out).isEmpty)
      }
    }

    @Test func quietSaysNothingButTheResult() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let run = try await fixture.work(
        "run", "evaluate", "--force", "--quiet", "--data", fixture.served.path)
      #expect(run.status == 0 && run.out == "" && run.err == "", "\(run)")
      let eda = try await fixture.work("eda", "--quiet")
      #expect(eda.status == 0 && eda.err == "", "\(eda)")
      #expect(eda.out == fixture.file(".work/pages/eda.html").path + "\n")
      let failed = try await fixture.work("run", "evaluate", "--quiet", "-S", "evaluate.worst=many")
      #expect(failed.status == 2 && failed.err.contains("evaluate.worst"), "\(failed)")
    }

    @Test(arguments: [
      ["run", "nonsense", "--json"], ["status", "--json", "--no-such-option"],
      ["runs", "--where", "score >", "--json"],
    ])
    func jsonTellsWhyACommandCannotBegin(_ command: [String]) async throws {
      struct Failure: Decodable {
        var error: String
        var exit: Int32
      }
      let output = try await EndToEndTests.finishedCopy().work(command)
      let failure = try output.decoded(Failure.self)
      #expect(failure.exit == 2 && output.status == 2 && !failure.error.isEmpty, "\(output)")
      #expect(!output.err.isEmpty)
    }

    @Test func outputThatCannotBeWrittenIsAnErrorAndNoReaderIsNone() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      func shell(_ line: String) async throws -> Output {
        try await Command(
          URL(fileURLWithPath: "/bin/bash"), ["-c", line, "bash", Package.work.path],
          in: fixture.root, environment: Package.environment([:])
        ).output()
      }
      let full = try await shell(#""$1" status > /dev/full"#)
      #expect(full.status == 1 && full.err.contains("standard output can't be written"), "\(full)")
      let gone = try await shell(#"set -o pipefail; "$1" status | true"#)
      #expect(gone.status == 0, "\(gone)")
    }

    @Test func jsonTellsOfFailure() async throws {
      let fixture = try WorkspaceFixture()
      try FileManager.default.removeItem(at: fixture.served.appendingPathComponent("train.zip"))
      let failed = try await fixture.work(
        "run", "folds", "--json", "--data", fixture.served.path)
      #expect(failed.status == 2, "\(failed)")
      let report = try failed.report()
      #expect(report.exit == 2)
      #expect(report.instances("failed") == ["unzip"])
      #expect(report.instances("not started") == ["folds"])
    }

    @Test func secondRunIsRefusedAndAnInterruptedOneGoesOn() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let command = try fixture.start([
        "run", "train", "--force", "--data", fixture.served.path,
      ])
      while !fixture.exists(".work/scratch/train@0") {
        try #require(command.isRunning)
        try await Task.sleep(for: .milliseconds(2))
      }
      let second = try await fixture.run("all")
      #expect(second.status == 4, "\(second)")
      #expect(second.err.contains("process \(command.id)"), "\(second)")
      // Ctrl-C: the run ends in order and says so.
      kill(command.id, SIGINT)
      let output = try await command.output()
      #expect(output.status == 130, "\(output)")
      let healed = try await fixture.report("all", "--threads", "2")
      #expect(healed.exit == 0)
      #expect(try fixture.outputs() == EndToEndTests.finished?.outputs())
    }
  }
}
