// What is asked of a run while it goes on: stopping it, ending a training early, and what the next runs make of that.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct RequestTests {
  private struct Crash: Error {}

  /// A stage of five steps, which is asked to end after the second while there is a file `ask`, and then tells so.
  private func fixture() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture()
    try fixture.stage(
      "train", "params: [seed]", "outs: [model.txt]",
      body: #"""
        r="$(order requests)"; s="$(order scratch)"; mkdir -p "$r"
        [ ! -e ask ] || touch "$r/stop-after-epoch"
        [ ! -e "$s/state" ] || touch resumed
        if [ -e "$r/stop-after-epoch" ]; then
          echo '{"course": {"planned": 5, "stopped_after": 2}}' >> "$(order events)"
          echo 2 > "$(out model.txt)"; touch "$s/state"
        else echo 5 > "$(out model.txt)"; fi
        """#)
    try fixture.copy("end", from: "model.txt", to: "end.txt")
    return fixture
  }

  private let reason = "was stopped after epoch 2 of 5 while it ran (`work accept` keeps that)"

  /// A stage may say anything.
  @Test func stepsThatCannotBeAddedUpAreNoCourse() throws {
    let fixture = try WorkspaceFixture()
    let most = "9223372036854775807"
    try fixture.stage(
      "train", "outs: [model.txt]",
      body: #"""
        echo '{"course": {"planned": \#(most), "extended": [{"after": 1, "by": 1}], "stopped_after": 2}}' >> "$(order events)"
        echo '{"course": {"planned": 1, "extended": [{"after": 1, "by": \#(most)}]}}' >> "$(order events)"
        echo 5 > "$(out model.txt)"
        """#)
    #expect(try fixture.run().exit == .ok)
    #expect(fixture.read("work.lock")?.contains("course") == false)
  }

  @Test func aStoppedTrainingIsNeverTakenForTheFullOne() throws {
    let fixture = try fixture()
    try fixture.write("", to: "ask")
    // The pipeline goes on with what there is.
    #expect(try fixture.ran() == ["train", "end"])
    #expect(fixture.read("end.txt") == "2\n")
    #expect(fixture.listener.notices.contains("train was stopped after epoch 2 of 5"))
    #expect(fixture.read("work.lock")?.contains("stopped_after: 2") == true)
    try fixture.remove("ask")
    let reasons = try fixture.reasons("train")
    #expect(reasons == [reason])
    // The next one goes on from its state.
    #expect(try fixture.ran() == ["train", "end"])
    #expect(fixture.read("end.txt") == "5\n" && fixture.exists("resumed"))
    #expect(fixture.read("work.lock")?.contains("course") == false)
    #expect(!fixture.exists(".work/scratch/train"))
    #expect(try fixture.ran() == [])
    // Stopped again, it doesn't take the place of the full one in the cache either.
    try fixture.write("", to: "ask")
    #expect(try fixture.ran("train", force: true) == ["train"])
    try fixture.remove("ask")
    let starts = fixture.starts("train")
    #expect(try fixture.ran() == ["train"])
    #expect(fixture.read("model.txt") == "5\n" && fixture.starts("train") == starts)
  }

  @Test func aStoppedTrainingCanBeAccepted() throws {
    let fixture = try fixture()
    try fixture.write("", to: "ask")
    try fixture.run()
    try fixture.remove("ask")
    #expect(try fixture.runner().accept("train", reason: "good enough") == ["train"])
    #expect(try fixture.status("train")?.accepted == "good enough")
    #expect(try fixture.ran() == [])
    #expect(fixture.read("model.txt") == "2\n")
    // Another parameter ends that.
    try fixture.write("seed: 2\n", to: "params.yaml")
    #expect(try fixture.ran() == ["train", "end"])
    #expect(fixture.read("model.txt") == "5\n")
  }

  /// The runner dies between the request and its effect on the lock.
  @Test(arguments: ["look at the inputs again", "write the lock"])
  func aRequestSurvivesAKill(_ place: String) throws {
    let fixture = try fixture()
    try fixture.write("", to: "ask")
    let runner = try fixture.runner()
    runner.step = { if $0 == place { throw Crash() } }
    #expect(throws: Crash.self) {
      try runner.run(RunOptions(), observer: fixture.listener)
    }
    try fixture.remove("ask")
    try fixture.run()
    #expect(fixture.read("model.txt") == "2\n")
    #expect(
      fixture.listener.notices.contains { $0.contains("was killed before it did what was asked") })
    // Once done, it is done.
    let reasons = try fixture.reasons("train")
    #expect(reasons == [reason])
    try fixture.run()
    #expect(fixture.read("end.txt") == "5\n")
  }

  @Test func aRunThatIsAskedToStopEndsAsInterrupted() throws {
    let fixture = try WorkspaceFixture()
    // The stage asks for it itself, heeds it, and would otherwise wait for long.
    try fixture.stage(
      "train", "outs: [model.txt]",
      body: #"""
        r="$(order requests)"; mkdir -p "$r"; touch "$(dirname "$r")/stop"
        n=0; while [ ! -e "$r/stop" ]; do n=$((n + 1)); [ $n -lt 600 ] || exit 9; sleep 0.05; done
        touch "$(order scratch)/checkpoint"; exit 130
        """#)
    try fixture.copy("end", from: "model.txt", to: "end.txt")
    let summary = try fixture.run()
    #expect(summary.exit == .interrupted)
    #expect(summary.results.map(\.outcome) == [.interrupted, .notStarted])
    let scratch = fixture.url.appendingPathComponent(".work/scratch/train")
    let state = try FileManager.default.subpathsOfDirectory(atPath: scratch.path)
    #expect(state.contains { $0.hasSuffix("state/checkpoint") })
    // A later run isn't asked any more.
    try fixture.stage("train", "outs: [model.txt]", body: #"echo 5 > "$(out model.txt)""#)
    #expect(try fixture.ran() == ["train", "end"])
  }

  @Test func aStageThatHeedsNothingIsInterrupted() throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage(
      "long", "outs: [x.txt]",
      body: #"touch "$(dirname "$(order requests)")/stop"; exec sleep 60"#)
    #expect(try fixture.run().exit == .interrupted)
  }

  @Test func nothingCanBeAskedWhereNothingRuns() throws {
    let fixture = try fixture()
    #expect(
      message { _ = try LiveRun.current(in: fixture.workspace) }?.contains("nothing runs") == true)
    try fixture.run()
    #expect(LiveRun(fixture.workspace) == nil)
    let watch = LiveWatch(fixture.workspace)
    let seen = try #require(watch.look())
    #expect(seen.status == "ok" && !seen.isAlive && seen.secondsLeft == nil)
    #expect(seen.instances.map(\.state) == [.done, .done])
    #expect(watch.logTail(of: "../../params") == nil)
  }
}
