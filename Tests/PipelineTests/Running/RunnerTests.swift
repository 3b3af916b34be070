// What runs, what doesn't, and why, with small shell stages.

import Basics
import Foundation
import Notebook
import Pipeline
import Testing

@Suite struct RunnerTests {
  /// raw.txt → a → b → c, where a reads the parameter `a`.
  private func chain() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("a: {x: 1, y: two}\nb: 5\n")
    try fixture.write("one\ntwo\n", to: "raw.txt")
    try fixture.stage(
      "a", "deps: [raw.txt]", "params: [a]", "outs: [data/a.txt]",
      body: #"grep -c . raw.txt > "$(out data/a.txt)"; echo "$(order y)" >> "$(out data/a.txt)""#)
    try fixture.copy("b", from: "data/a.txt", to: "data/b.txt", "params: [b]")
    try fixture.copy("c", from: "data/b.txt", to: "data/c.txt")
    return fixture
  }

  @Test func runsInOrderAndThenNothing() throws {
    let fixture = try chain()
    #expect(try fixture.status("a")?.state == .stale)
    #expect(try fixture.reasons("a") == ["has not run yet"])
    #expect(try fixture.ran() == ["a", "b", "c"])
    #expect(fixture.read("data/c.txt") == "2\ntwo\n")
    let again = try fixture.run("all")
    #expect(again.results.map(\.outcome) == [.fresh, .fresh, .fresh])
    #expect(again.folder == nil)
    #expect(try fixture.runner().status().allSatisfy { $0.state == .fresh && $0.reasons.isEmpty })
    #expect(fixture.starts("a") == 1)
  }

  @Test func changedParameterRunsItsReadersAndSaysOldAndNew() throws {
    let fixture = try chain()
    try fixture.run()
    try fixture.write("a: {x: 1, y: two}\nb: 6\n", to: "params.yaml")
    #expect(try fixture.status("a")?.state == .fresh)
    #expect(try fixture.reasons("b") == ["b: 5 → 6"])
    #expect(try fixture.status("c")?.state == .undecided)
    #expect(try fixture.reasons("c") == ["depends on b"])
    // b writes the same bytes again, so the wave stops there.
    let summary = try fixture.run()
    #expect(summary.results.map(\.outcome) == [.fresh, .done, .fresh])
    #expect(summary.results[1].unchanged)

    try fixture.write("a: {x: 1, y: three}\nb: 6\n", to: "params.yaml")
    #expect(try fixture.reasons("a") == ["a.y: \"two\" → \"three\""])
    #expect(try fixture.ran() == ["a", "b", "c"])
    #expect(fixture.read("data/c.txt") == "2\nthree\n")
  }

  @Test func changedInputRunsAndUnchangedOutputStopsTheWave() throws {
    let fixture = try chain()
    try fixture.run()
    try fixture.write("eins\nzwei\n", to: "raw.txt")
    #expect(try fixture.reasons("a") == ["input raw.txt changed"])
    #expect(try fixture.ran() == ["a"])
    try fixture.write("1\n2\n3\n", to: "raw.txt")
    #expect(try fixture.ran() == ["a", "b", "c"])
  }

  @Test func layoutOfParametersIsNoReason() throws {
    let fixture = try chain()
    try fixture.run()
    try fixture.write("# a comment\nb: 5\na:\n  y: 'two'\n  x: 0x1\nother: 3\n", to: "params.yaml")
    #expect(try fixture.ran().isEmpty)
  }

  @Test func outputsThatAreMissingOrEditedAreMadeAgain() throws {
    let fixture = try chain()
    try fixture.run()
    try fixture.remove("data/b.txt")
    #expect(try fixture.reasons("b") == ["output data/b.txt is missing"])
    #expect(try fixture.status("c")?.state == .undecided)
    #expect(try fixture.ran() == ["b"])
    try fixture.write("edited", to: "data/b.txt")
    #expect(try fixture.reasons("b") == ["output data/b.txt was changed since it was made"])
    #expect(try fixture.ran() == ["b"])
    #expect(fixture.read("data/b.txt") == "2\ntwo\n")
  }

  @Test func declarationChangesAreReasons() throws {
    let fixture = try chain()
    try fixture.run()
    try fixture.write("x", to: "extra.txt")
    try fixture.stage(
      "c", "deps: [data/b.txt, extra.txt]", "params: [b]", "outs: [data/c.txt, data/d.txt]",
      body: #"cat data/b.txt > "$(out data/c.txt)"; echo > "$(out data/d.txt)""#)
    let reasons = try fixture.reasons("c")
    #expect(
      reasons == [
        "output data/d.txt added to the header", "code of stages/c.sh changed",
        "parameter b added (5)", "input extra.txt added",
      ])
    #expect(try fixture.ran() == ["c"])
    try fixture.copy("c", from: "data/b.txt", to: "data/c.txt")
    #expect(
      try fixture.reasons("c") == [
        "output data/d.txt removed from the header", "code of stages/c.sh changed",
        "parameter b removed (was 5)", "input extra.txt removed",
      ])
  }

  @Test func proseOfTheHeaderIsNoReason() throws {
    let fixture = try chain()
    try fixture.run()
    try fixture.copy(
      "b", from: "data/a.txt", to: "data/b.txt", "params: [b]", "desc: copies a to b")
    #expect(try fixture.ran().isEmpty)
  }

  @Test func selectionForceAndOnly() throws {
    let fixture = try chain()
    #expect(try fixture.ran("b") == ["a", "b"])
    #expect(!fixture.exists("data/c.txt"))
    #expect(try fixture.ran("b", force: true) == ["b"])
    let forced = fixture.listener.events.compactMap { event -> [String]? in
      if case .started(_, let reasons, _, _, _, _) = event {
        reasons.map(\.description)
      } else {
        nil
      }
    }
    #expect(forced.last == ["forced"])
    try fixture.write("9\n", to: "raw.txt")
    #expect(try fixture.ran("b", only: true).isEmpty)
    #expect(try fixture.ran() == ["a", "b", "c"])
    let error = message { try fixture.run("bb") }
    #expect(error == "no stage “bb”; did you mean “b”? (there are: a, b, c)")
    try fixture.remove("data/a.txt")
    try fixture.write("a: {x: 1, y: two}\nb: 7\n", to: "params.yaml")
    #expect(message { try fixture.run("b", only: true) }?.contains("run a first") == true)
  }

  @Test func overridesAreRecordedAndDropped() throws {
    let fixture = try chain()
    try fixture.run()
    #expect(try fixture.ran(overrides: ["b=9"]) == ["b"])
    #expect(try fixture.status("b", overrides: ["b=9"])?.state == .fresh)
    #expect(try fixture.status("b", overrides: ["b=9"])?.overrides == ["b"])
    #expect(try fixture.reasons("b") == ["override dropped: b: 9 → 5"])
    #expect(fixture.read("work.lock")?.contains("overrides: [\"b\"]") == true)
    #expect(try fixture.ran() == ["b"])
    #expect(try fixture.status("b")?.overrides == [])
  }

  @Test func failureStopsTheRunAndKeepsWhatIsDone() throws {
    let fixture = try chain()
    try fixture.stage(
      "b", "deps: [data/a.txt]", "outs: [data/b.txt]",
      body: #"echo half > "$(out data/b.txt)"; echo noise; echo "error: no luck in b" >&2; exit 3"#)
    let summary = try fixture.run()
    #expect(summary.exit == .network)
    #expect(summary.results.map(\.outcome) == [.done, .failed, .notStarted])
    let failed = summary.results[1]
    #expect(failed.error == "no luck in b")
    #expect(failed.exitStatus == 3)
    #expect(!fixture.exists("data/b.txt"))
    let log = try #require(failed.log)
    #expect(try String(contentsOf: log, encoding: .utf8) == "noise\nerror: no luck in b\n")
    #expect(summary.results[2].reasons.map(\.description) == ["b did not finish"])
    #expect(summary.message.contains("b failed, 1 not started"))
    var options = RunOptions()
    options.command = "work run all --data 'my files'"
    let again = try fixture.runner().run(options, observer: fixture.listener)
    #expect(again.message.hasSuffix("then `work run all --data 'my files'`"))
    try fixture.copy("b", from: "data/a.txt", to: "data/b.txt")
    #expect(try fixture.ran() == ["b", "c"])
    #expect(fixture.starts("a") == 1)
  }

  @Test func missingOutputAndKilledStageAreFailures() throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage("a", "outs: [data/a.txt, data/b.txt]", body: #"echo > "$(out data/a.txt)""#)
    var result = try fixture.run().results[0]
    #expect(result.error?.contains("did not write its output data/b.txt") == true)
    #expect(!fixture.exists("data/a.txt"))
    try fixture.stage("a", "outs: [data/a.txt]", body: "kill -9 $$")
    result = try fixture.run().results[0]
    #expect(result.exitStatus == 137)
    #expect(result.error?.contains("signal 9") == true)
    #expect(try fixture.run().exit == .failed)
  }

  @Test func missingInputNamesTheFileBeforeAnythingRuns() throws {
    let fixture = try chain()
    try fixture.copy("c", from: "data/bb.txt", to: "data/c.txt")
    let error = try #require(message { try fixture.run() })
    #expect(
      error.hasPrefix(
        "data/bb.txt: c (stages/c.sh) needs it, but it isn't there and no stage makes it"))
    #expect(error.contains("did you mean “data/b.txt”"))
    #expect(fixture.starts("a") == 0)
    #expect(try fixture.ran("b") == ["a", "b"])
    #expect(try fixture.reasons("c") == ["input data/bb.txt is missing", "has not run yet"])
  }

  @Test func inputEditedDuringTheRunDoesNotCount() throws {
    let fixture = try chain()
    try fixture.stage(
      "a", "deps: [raw.txt]", "outs: [data/a.txt]",
      body: #"cat raw.txt > "$(out data/a.txt)"; [ -e keep ] || echo more >> raw.txt"#)
    let summary = try fixture.run()
    #expect(summary.results[0].error?.contains("raw.txt changed while a was reading it") == true)
    #expect(!fixture.exists("data/a.txt"))
    try fixture.write("", to: "keep")
    #expect(try fixture.ran() == ["a", "b", "c"])
  }

  @Test func scriptEditedDuringTheRunDoesNotCount() throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage(
      "a", "outs: [a.txt]",
      body: #"echo > "$(out a.txt)"; [ -e keep ] || echo "true" >> stages/a.sh"#)
    #expect(
      try fixture.run().results[0].error?.contains("stages/a.sh was edited while it ran") == true)
    try fixture.write("", to: "keep")
    #expect(try fixture.ran() == ["a"])
  }

  @Test func foldersAreReplacedWhole() throws {
    let fixture = try WorkspaceFixture("n: 3\n")
    try fixture.stage(
      "a", "params: [n]", "outs: [data/set]",
      body: #"""
        d="$(out data/set)"; mkdir -p "$d/sub"
        n=$(sed -n 's/.*"n" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
        for i in $(seq "$n"); do echo $i > "$d/sub/$i"; done
        """#)
    try fixture.run()
    #expect(fixture.exists("data/set/sub/3"))
    #expect(try fixture.ran(overrides: ["n=2"]) == ["a"])
    #expect(!fixture.exists("data/set/sub/3"))
    try fixture.write("stray", to: "data/set/stray")
    #expect(
      try fixture.reasons("a", overrides: ["n=2"]) == [
        "output data/set was changed since it was made: stray added"
      ])
    try fixture.run(overrides: ["n=2"])
    #expect(!fixture.exists("data/set/stray"))
    #expect(!fixture.exists(".work/scratch/a"))
  }

  @Test func filesOfANewFolderAreNotReadTwice() async throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage(
      "a", "outs: [set]",
      body: #"d="$(out set)"; mkdir "$d"; echo 1 > "$d/1"; echo 2 > "$d/2"; sleep 0.1"#)
    try fixture.run()
    let hashes = FileHashes(
      root: fixture.url, table: fixture.url.appendingPathComponent(".work/hashes"))
    _ = try hashes.state(of: "set")
    #expect(hashes.filesRead == 0)
  }

  @Test func eventsReachTheObserverAndTheRecord() throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage(
      "a", "outs: [a.txt]",
      body: #"""
        echo > "$(out a.txt)"; e="$(order events)"
        echo '{"progress":{"label":"epoch 1/2","done":1,"total":2,"unit":"images","note":"loss 0.4"}}' >> "$e"
        echo '{"message":"hello"}' >> "$e"
        echo '{"metric":{"score":0.75}}' >> "$e"
        echo 'garbage' >> "$e"
        """#)
    let summary = try fixture.run()
    let events = fixture.listener.stageEvents
    #expect(events.count == 4)
    #expect(
      events.prefix(3) == [
        .progress(label: "epoch 1/2", done: 1, total: 2, unit: "images", note: "loss 0.4"),
        .message("hello"), .metric(name: "score", value: 0.75),
      ])
    #expect(summary.results[0].metrics == ["score": 0.75])
    let folder = try #require(summary.folder)
    let data = try Data(contentsOf: folder.appendingPathComponent("run.json"))
    let record = try JSONDecoder().decode(JSONValue.self, from: data)
    #expect(record["status"] == .string("ok"))
    guard case .array(let items)? = record["instances"] else {
      Issue.record("no instances")
      return
    }
    #expect(items[0]["metrics"]?["score"] == .double(0.75))
    // A stage that is up to date still has the numbers of the run that made its outputs.
    #expect(try fixture.run().results[0].metrics == ["score": 0.75])
    #expect(try fixture.run(force: true).results[0].metrics == ["score": 0.75])
    #expect(items[0]["reasons"] == .array([.string("has not run yet")]))
    if case .int(let memory)? = items[0]["peakMemory"] {
      #expect(memory > 100_000)
    } else {
      Issue.record("no peak")
    }
  }

  @Test func latestRecordIsThatOfTheLastExecution() throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage(
      "a", "outs: [a.txt]", body: #"echo > "$(out a.txt)"; echo '{}' > "$(order record)""#)
    #expect(try fixture.runner().latestRecord(of: "a") == nil)
    let first = try fixture.run()
    try fixture.run()
    let record = try fixture.runner().latestRecord(of: "a")
    #expect(record?.deletingLastPathComponent().path == first.folder?.path)
    #expect(record?.lastPathComponent == "a.record.jsonl")
  }

  @Test func acceptKeepsOutputsThoughTheCodeChanged() throws {
    let fixture = try chain()
    try fixture.run()
    #expect(
      message { _ = try fixture.runner().accept("b", reason: "none") }
        == "b is up to date; nothing to accept")
    try fixture.stage(
      "b", "deps: [data/a.txt]", "params: [b]", "outs: [data/b.txt]", body: "exit 1")
    #expect(try fixture.reasons("b") == ["code of stages/b.sh changed"])
    #expect(try fixture.runner().accept("b", reason: "only renamed") == ["b"])
    #expect(try fixture.status("b")?.accepted == "only renamed")
    #expect(try fixture.ran().isEmpty)
    #expect(fixture.read("work.lock")?.contains("accepted: \"only renamed\"") == true)

    try fixture.stage(
      "b", "deps: [data/a.txt]", "params: [b]", "outs: [data/b.txt]", body: "exit 2")
    try fixture.write("other", to: "data/b.txt")
    let error = message { _ = try fixture.runner().accept("b", reason: "x") }
    #expect(error?.contains("output data/b.txt was changed") == true)
  }

  @Test func frozenStagesStayAsTheyAre() throws {
    let fixture = try chain()
    try fixture.run()
    try fixture.copy("a", from: "raw.txt", to: "data/a.txt", "frozen: true")
    try fixture.write("x", to: "raw.txt")
    #expect(try fixture.status("a")?.state == .frozen)
    let summary = try fixture.run()
    #expect(summary.results.map(\.outcome) == [.frozen, .fresh, .fresh])
    try fixture.remove("data/a.txt")
    #expect(try fixture.run().results[0].error?.contains("frozen") == true)
  }

  @Test func aScriptThatCannotBeReadIsNoStageThatIsGone() throws {
    let fixture = try chain()
    try fixture.run()
    let lock = fixture.read("work.lock")
    let script = try #require(fixture.read("stages/c.sh"))
    try fixture.write("", to: "stages/c.sh")
    #expect(message { _ = try fixture.runner() }?.contains("stages/c.sh: is empty") == true)
    try fixture.remove("stages/c.sh")
    try FileManager.default.createSymbolicLink(
      atPath: fixture.url.path + "/stages/c.sh", withDestinationPath: "/proc/self/mem")
    #expect(message { _ = try fixture.runner() }?.contains("stages/c.sh: can't be read") == true)
    try fixture.remove("stages/c.sh")
    // What an editor left beside it is no stage, either.
    try fixture.write(script, to: "stages/a.sh.bak")
    #expect(try fixture.runner().status().map(\.instance) == ["a", "b"])

    // A run that has nothing to do with it keeps what is known of it.
    #expect(try fixture.runner().plan(RunOptions(targets: ["a"])).goneStages == [])
    #expect(try fixture.ran("a") == [] && fixture.read("work.lock") == lock)
    #expect(try fixture.runner().plan(RunOptions()).goneStages == ["c"])
    try fixture.run("all")
    #expect(fixture.listener.notices.count { $0.hasPrefix("the stage c no longer exists") } == 1)
    #expect(fixture.exists("data/c.txt") && fixture.read("work.lock")?.contains("c.txt") == false)
  }

  @Test func currentFolderIsTheWorkspaceApartFromTheCode() throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage(
      "a", "outs: [a.txt]", body: #"pwd > "$(out a.txt)"; order script >> "$(out a.txt)""#)
    try fixture.write("seed: 2\n", to: "inner/params.yaml")
    let inner = fixture.url.appendingPathComponent("inner")
    let workspace = try Workspace.find(from: fixture.url, root: inner)
    #expect(workspace.codeRoot.path == fixture.url.path)
    let runner = try Runner(workspace: workspace)
    #expect(try runner.run(RunOptions(), observer: fixture.listener).exit == .ok)
    #expect(fixture.read("inner/a.txt") == "\(inner.path)\n\(fixture.url.path)/stages/a.sh\n")
    #expect(fixture.exists("inner/work.lock") && !fixture.exists("work.lock"))
  }

  @Test func workspaceIsFoundUpwardsOrSaidToBeMissing() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write("", to: "deep/er/file")
    let found = try Workspace.find(from: fixture.url.appendingPathComponent("deep/er"))
    #expect(found.root.path == fixture.url.path)
    // Inside a workspace apart from the code, that one is meant.
    try fixture.write("seed: 2\n", to: "deep/params.yaml")
    let inner = try Workspace.find(from: fixture.url.appendingPathComponent("deep/er"))
    #expect(inner.root.path == fixture.url.path + "/deep")
    #expect(inner.codeRoot.path == fixture.url.path)
    try fixture.remove("deep/params.yaml")
    try fixture.remove("params.yaml")
    #expect(
      message { _ = try Workspace.find(from: fixture.url) }?.contains("no workspace here") == true)
  }
}
