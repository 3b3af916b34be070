// What a changed parameter sets going, and how a wrong one is answered.

import Foundation
import Testing

extension EndToEndTests {
  @Suite struct ChangedParameters {
    @Test func onlyWhoReadsItRuns() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let before = try fixture.outputs()
      let changed = try await fixture.run("all", "-S", "evaluate.worst=3")
      #expect(changed.status == 0, "\(changed)")
      let page = try fixture.text(".work/pages/evaluate.html")
      #expect(changed.err.contains("evaluate.worst: 12 → 3"), "\(changed)")
      let report = try await fixture.report("all", "-S", "evaluate.worst=3")
      #expect(report.results.allSatisfy { $0.outcome == "fresh" })

      // The number of pictures is no number of the result.
      let after = try fixture.outputs()
      #expect(after == before)

      let dropped = try await fixture.report("all")
      #expect(dropped.instances("done") == [])
      #expect(dropped.instances("restored") == ["evaluate"])
      #expect(
        dropped.results.first { $0.instance == "evaluate" }?.reasons == [
          "override dropped: evaluate.worst: 3 → 12"
        ])
      #expect(try fixture.outputs() == before)
      // The page is that of what was restored.
      #expect(try fixture.text(".work/pages/evaluate.html") != page)
    }

    @Test func whatFollowsRunsWhereItsInputsChanged() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      // Another choice of thresholds changes the post-processing, and so the submission.
      let run = try await fixture.report(
        "all", "-S", "evaluate.thresholds.from=0.1", "-S", "evaluate.thresholds.to=0.12")
      #expect(run.instances("done") == ["evaluate", "submission"])
      #expect(
        run.results.first { $0.instance == "submission" }?.reasons == [
          "input data/evaluation/postprocessing.json changed"
        ])
    }

    @Test func wordsForPagesRetrainNothing() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let run = try await fixture.report(
        "all", "-S", "competition.title=Another title", "-S", "competition.target=rock")
      #expect(run.instances("done").contains("eda"))
      #expect(!run.instances("done").contains { $0.hasPrefix("train") })
    }

    @Test func ttaIsAnOverrideOfPrediction() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let run = try await fixture.run("predict", "--tta")
      #expect(run.status == 0, "\(run)")
      let status = try await fixture.work("status", "--tta", "hflip", "--json")
      let states = try status.decoded([State].self)
      #expect(states.filter { $0.state != "fresh" }.map(\.instance) == [])
      #expect(
        states.filter { !$0.overrides.isEmpty }.map(\.instance) == ["evaluate", "predict"])
    }

    @Test(arguments: [
      (["predict", "--tta"], "hflip"), (["--tta", "predict"], "hflip"),
      (["predict", "--tta", "hflip"], "hflip"), (["--tta", "d4", "predict"], "d4"),
      (["--tta=d4", "predict"], "d4"), (["--tta", "--only", "predict"], "hflip"),
      (["predict", "--tta", "-S", "evaluate.worst=12"], "hflip"),
    ])
    func ttaMayLeaveOutItsValue(_ arguments: [String], _ value: String) async throws {
      struct Plan: Decodable {
        var instances: [Line]
        struct Line: Decodable {
          var instance: String
          var reasons: [String]
        }
      }
      let fixture = try #require(EndToEndTests.finished)
      let output = try await fixture.work(
        ["run"] + arguments + ["--dry-run", "--json", "--data", fixture.served.path])
      #expect(output.status == 5, "\(output)")
      let predict = try output.decoded(Plan.self).instances.first { $0.instance == "predict" }
      #expect(predict?.reasons == ["inference.tta: \"none\" → \"\(value)\""], "\(output)")
    }

    @Test func aSecondTrainingTakesThePlaceOfTheFirst() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let before = try fixture.contents("data/models", "data/predictions")
      let pseudo = ["all", "-S", "pseudo={confidence: 0.2, epochs: 1}"]
      let report = try await fixture.report(pseudo)
      #expect(
        report.instances("done").filter { $0 != "submission" } == [
          "pseudo@0", "student@0", "pseudo@1", "student@1", "evaluate", "predict",
        ], "\(report)")
      #expect(try fixture.contents("data/models").allSatisfy { before[$0.key] == $0.value })
      #expect(
        try fixture.contents("data/predictions") != before.filter { $0.key.contains("predictions") }
      )
      #expect(
        try fixture.text("data/students/fold-1/metrics.jsonl").split(separator: "\n").count == 1)
      // Without it, what the first networks made comes back.
      let back = try await fixture.report("all")
      #expect(back.instances("done") == [] && back.instances("restored").contains("predict"))
      #expect(try fixture.contents("data/models", "data/predictions") == before)

      let none = try await fixture.run("student", "-S", "pseudo={confidence: 2}")
      #expect(none.status == 2 && none.err.contains("pseudo.confidence: is 2"), "\(none)")
      let absent = try await fixture.run("student")
      #expect(absent.status == 2 && absent.err.contains("as long as pseudo is null"), "\(absent)")
    }

    @Test func aTimeBudgetBecomesOneNumberOfEpochs() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let budget = ["-S", "train.budget=0.3s"]
      func epochs(_ fold: Int) throws -> Int {
        try fixture.text("data/models/fold-\(fold)/metrics.jsonl").split(separator: "\n").count
      }
      _ = try await fixture.report(["train@0"] + budget)
      let models = try fixture.contents("data/models/fold-0")
      let number = try epochs(0)
      #expect(try fixture.text("work.lock").contains("train.epochs: \(number)\n"))
      // Its other instances take the same, and so does a run anywhere with the same lock.
      try FileManager.default.removeItem(at: fixture.file(".work"))
      let report = try await fixture.report(["train", "--force", "-j", "2"] + budget)
      #expect(report.instances("done") == ["train@0", "train@1"])
      #expect(try epochs(1) == number)
      #expect(try fixture.contents("data/models/fold-0") == models)
      // The number is all that the result is a function of.
      _ = try await fixture.report("train@0", "-S", "train.epochs=\(number)")
      #expect(try fixture.contents("data/models/fold-0") == models)

      let wrong = try await fixture.run("train@0", "-S", "train.budget=45")
      #expect(wrong.status == 2, "\(wrong)")
      #expect(wrong.err.contains("train.budget") && wrong.err.contains("45m"), "\(wrong)")
    }

    struct State: Decodable {
      var instance: String
      var state: String
      var overrides: [String]
    }
  }

  @Suite struct WrongCalls {
    @Test(
      arguments: [
        (["run", "all", "-S", "train.epoch=2"], ["train.epoch", "train.epochs"]),
        (["run", "trian"], ["trian", "train"]),
        (["run", "all", "-S", "train.epochs"], ["train.epochs", "key=value"]),
        (["run", "all", "--data", "/no/such/folder"], ["/no/such/folder"]),
        (["run", "all", "--no-such-option"], ["--no-such-option"]),
        (["run", "all", "--threads", "-1"], ["--threads"]),
        (["run", "all", "--jobs=-1"], ["--jobs -1"]),
        (
          ["run", "all", "-S", "model.attention=scze"],
          ["-S model.attention: is “scze”, should be one of none, scse, gate", "“scse”"]
        ),
        (
          ["run", "all", "-S", "train.keep=newest"], ["-S train.keep", "last, ema, swa, snapshots"]
        ),
        (["run", "all", "--tta=hlfip"], ["--tta=hlfip", "hflip"]),
        (["run", "--tta", "hlfip"], ["hlfip"]),
        (["run", "all", "--backend", "cuda"], ["cuda", "native", "onednn"]),
        (["run", "all", "--precision", "int8"], ["int8", "bfloat16"]),
        (["bench", "--filters", "0"], ["--filters", "1"]),
        (["bench", "--classes", "0"], ["--classes", "255"]),
        (["bench", "--precision", "f16"], ["f16", "float32"]),
        (["bench", "--model", "resnet34-unet", "--size", "1"], ["bench", "reflected"]),
        (["lr-find", "--steps", "3"], ["--steps"]),
        (["lr-find", "--from", "1", "--to", "0.1"], ["--from", "--to"]),
        (["lr-find", "--fold", "7"], ["train@7", "train@2"]),
        (["predict"], ["predict"]),
        (["open", "tarin"], ["tarin", "train"]),
        (["accept", "train"], ["--reason"]),
        (["demo", "--train", "1"], ["--train"]),
      ]) func saysWhatIsWrong(_ arguments: [String], _ words: [String]) async throws
    {
      let fixture = try WorkspaceFixture.clone()
      let output = try await fixture.work(arguments)
      #expect(output.status == 2, "\(output)")
      for word in words { #expect(output.err.contains(word), "no “\(word)” in \(output)") }
      #expect(output.out == "")
      #expect(try fixture.leftovers() == [])
    }

    @Test func parametersThatAreNoYAMLNameTheLine() async throws {
      let fixture = try WorkspaceFixture()
      try fixture.edit("params.yaml", "  count: 2", "  count: [2")
      let line = try #require(
        fixture.text("params.yaml").split(separator: "\n", omittingEmptySubsequences: false)
          .firstIndex { $0.contains("count: [2") })
      let output = try await fixture.run("all")
      #expect(output.status == 2, "\(output)")
      // A reader of YAML notices at the bracket's line or the next.
      #expect(
        output.err.contains("params.yaml:\(line + 1)")
          || output.err.contains("params.yaml:\(line + 2)"),
        "line \(line + 1): \(output)")
      #expect(try fixture.leftovers() == [])
    }

    @Test func valueOfAnotherTypeNamesItsKey() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let before = try fixture.outputs()
      let output = try await fixture.run("evaluate", "-S", "evaluate.worst=many")
      #expect(output.status == 2, "\(output)")
      #expect(output.err.contains("evaluate.worst"), "\(output)")
      #expect(try fixture.outputs() == before)
    }

    @Test func outsideAWorkspace() async throws {
      let fixture = try WorkspaceFixture.clone()
      let output = try await Command(
        Package.work, ["status"], in: FileManager.default.temporaryDirectory,
        environment: Package.environment()
      ).output()
      #expect(output.status == 2, "\(output)")
      #expect(output.err.contains("params.yaml"))
      _ = fixture
    }
  }
}
