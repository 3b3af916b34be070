// Kills, of stages and of the runner, at every step that changes the file system: the next run finishes,
// repeats nothing that was finished, and takes nothing half-made for whole.

import Basics
import Foundation
import Pipeline
import Synchronization
import Testing

private struct Crash: Error {}

/// The steps of a run, up to the one at which it dies.
private final class Steps: Sendable {
  private let end: Int
  private let all = Mutex<[String]>([])

  init(until end: Int) { self.end = end }

  var names: [String] { all.withLock { $0 } }

  /// What is told to go on all the same after the last step finds that nothing works any more.
  @Sendable func step(_ name: String) throws {
    let count = all.withLock { names in
      if names.count < end { names.append(name) }
      return names.count
    }
    if count >= end { throw Crash() }
  }
}

@Suite struct CrashTests {
  /// first → a folder and a file; second reads both.
  private func fixture() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("n: 1\n")
    try fixture.stage(
      "first", "params: [n]", "outs: [data/set, data/sum.txt]",
      body: #"""
        n=$(sed -n 's/.*"n" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
        d="$(out data/set)"; mkdir "$d"; echo $n > "$d/$n"; echo $n > "$(out data/sum.txt)"
        """#)
    try fixture.stage(
      "second", "deps: [data/set, data/sum.txt]", "outs: [data/end.txt]",
      body: #"cat data/set/* data/sum.txt > "$(out data/end.txt)""#)
    return fixture
  }

  /// What a workspace comes to: every file but the runner's own, with its content.
  private func state(_ fixture: WorkspaceFixture) throws -> [String: String] {
    var files: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: fixture.url.path)
    where !path.hasPrefix(".work") && !path.hasPrefix(".ran-") {
      files[path] = fixture.read(path) ?? "a folder"
    }
    return files
  }

  /// Runs until the step of a number and dies there, as a crash does: nothing after it happens.
  ///
  /// - Returns: the names of the steps that were come to, in order.
  private func crash(_ fixture: WorkspaceFixture, at number: Int) throws -> [String] {
    let runner = try fixture.runner()
    let steps = Steps(until: number)
    runner.step = steps.step
    try FileStep.$watcher.withValue(FileStep(steps.step)) {
      do { _ = try runner.run(RunOptions(), observer: fixture.listener) } catch is Crash {}
    }
    return steps.names
  }

  /// Stops a run at each of its steps in turn; the next run leaves what one that was not stopped leaves.
  ///
  /// - Parameter start: a workspace where the run begins.
  /// - Returns: the names of all steps.
  private func stopEverywhere(_ start: WorkspaceFixture) async throws -> [String] {
    let unbroken = try WorkspaceFixture(copying: start)
    let steps = try crash(unbroken, at: .max)
    let end = try state(unbroken)
    #expect(try unbroken.ran().isEmpty)
    for number in 1...steps.count {
      // What blocks holds one of the few threads that all tests share.
      await Task.yield()
      let fixture = try WorkspaceFixture(copying: start)
      let reached = try crash(fixture, at: number)
      let story: Comment = "stopped at step \(number): \(reached.last ?? "none")"
      #expect(reached.count == number, story)
      // What the lock vouches for is whole.
      if let text = fixture.read("work.lock") {
        let lock = try Lock(yaml: text)
        if lock.entries["first"]?.parameters.first?.value == .int(2) {
          #expect(
            fixture.read("data/set/2") == "2\n" && fixture.read("data/sum.txt") == "2\n", story)
        }
      }
      #expect(try fixture.run().exit == .ok, story)
      #expect(try state(fixture) == end, story)
      #expect(try fixture.ran().isEmpty, story)
      #expect(fixture.starts("first") <= unbroken.starts("first") + 1, story)
      let left = try FileManager.default.contentsOfDirectory(atPath: fixture.url.path + "/.work")
      #expect(!left.contains { $0.hasSuffix(".work-new") }, story)
      #expect(
        !fixture.exists(".work/scratch/first") && !fixture.exists(".work/scratch/second"), story)
    }
    return steps
  }

  @Test func everyStepOfAFirstRun() async throws {
    let steps = try await stopEverywhere(fixture())
    #expect(steps.contains("write work.lock") && steps.contains("rename work.lock"))
    #expect(steps.contains("rename run.json") && steps.contains("rename hashes"))
  }

  @Test func everyStepOfASecondVersionWithOneInstanceLess() async throws {
    let fixture = try fixture()
    try fixture.stage(
      "third", "deps: [data/end.txt]", "foreach: {i: n}", "outs: ['data/third-${i}']",
      body: #"cat data/end.txt > "$(out data/third-$(order instance | sed s/third@//))""#)
    try fixture.write("n: 3\n", to: "params.yaml")
    try fixture.run()
    try fixture.write("n: 2\n", to: "params.yaml")
    let steps = try await stopEverywhere(fixture)
    #expect(steps.contains("put the old data/set aside") && steps.contains("write the lock"))
    #expect(steps.contains("remove data/third-2"))
  }

  @Test func finishedStagesAreNotRepeatedAfterAKillOfTheRunner() async throws {
    let fixture = try fixture()
    let path = fixture.url.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let url = URL(fileURLWithPath: path)
      let runner = try Runner(workspace: Workspace(codeRoot: url, root: url))
      let writes = Mutex(0)
      runner.step = { name in
        if name == "write the lock",
          writes.withLock({
            $0 += 1; return $0
          }) == 2
        {
          kill(getpid(), SIGKILL)
        }
      }
      _ = try runner.run(RunOptions(), observer: Listener())
    }
    #expect(try fixture.ran() == ["second"])
    #expect(fixture.listener.notices.contains { $0.contains("has taken over its workspace") })
    #expect(fixture.starts("first") == 1 && fixture.starts("second") == 2)
    #expect(try fixture.ran().isEmpty)
    #expect(fixture.listener.notices.count == 1)
  }

  @Test func aKilledRunnerTakesItsStageAlong() async throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage(
      "a", "outs: [a.txt]",
      body: #"[ -e quick ] || { echo $$ > pid; sleep 60; }; echo > "$(out a.txt)""#)
    let path = fixture.url.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let url = URL(fileURLWithPath: path)
      Thread.detachNewThread {
        while !FileManager.default.fileExists(atPath: path + "/pid") { usleep(5000) }
        usleep(20_000)
        kill(getpid(), SIGKILL)
      }
      _ = try Runner(workspace: Workspace(codeRoot: url, root: url))
        .run(RunOptions(), observer: Listener())
    }
    try fixture.write("", to: "quick")
    #expect(try fixture.ran() == ["a"])
    let process = try #require(fixture.read("pid")).filter(\.isNumber)
    // Gone, or dead and waiting for its parent to take note.
    let state = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ") Z"
    #expect(state.contains(") Z"))
    #expect(fixture.listener.notices.contains { $0.contains("has taken over its workspace") })
  }

  @Test func scratchSurvivesAndIsTheSameForTheSameFingerprint() throws {
    let fixture = try WorkspaceFixture("n: 1\nother: 1\n")
    try fixture.stage(
      "a", "params: [n]", "outs: [a.txt]",
      body: #"""
        s="$(order scratch)"; echo x >> "$s/checkpoint"
        [ $(grep -c x "$s/checkpoint") = 3 ] || { [ -e fail ] && exit 1; kill -9 $$; }
        cp "$s/checkpoint" "$(out a.txt)"
        """#)
    #expect(try fixture.run().results[0].exitStatus == 137)
    try fixture.write("", to: "fail")
    #expect(try fixture.run().results[0].exitStatus == 1)
    // Another fingerprint has a checkpoint of its own.
    #expect(try fixture.run(overrides: ["n=2"]).exit == .failed)
    #expect(try fixture.ran(overrides: ["other=5"]) == ["a"])
    #expect(fixture.read("a.txt") == "x\nx\nx\n")
    // … which stays, for a run with these parameters goes on from it.
    #expect(try fixture.run(overrides: ["n=2"]).exit == .failed)
    #expect(try fixture.ran(overrides: ["n=2"]) == ["a"])
    #expect(fixture.read("a.txt") == "x\nx\nx\n")
    #expect(!fixture.exists(".work/scratch/a"))
  }

  @Test func interruptionAsksTheStageAndSaysHowToGoOn() throws {
    let fixture = try fixture()
    try fixture.stage(
      "first", "outs: [data/set, data/sum.txt]",
      body: #"trap 'echo stopped > trapped; exit 130' INT; touch began; sleep 20 & wait"#)
    let interruption = Interruption()
    let path = fixture.url.path
    Thread.detachNewThread {
      while !FileManager.default.fileExists(atPath: path + "/began") { usleep(2000) }
      interruption.request()
    }
    let summary = try fixture.runner().run(
      RunOptions(interruption: interruption), observer: fixture.listener)
    #expect(summary.exit == .interrupted)
    #expect(summary.results.map(\.outcome) == [.interrupted, .notStarted])
    #expect(fixture.read("trapped") == "stopped\n")
    #expect(summary.message.contains("first goes on from its last checkpoint: `work run all`"))
  }

  @Test func oneRunAtATime() throws {
    let fixture = try fixture()
    let path = fixture.url.path
    let refused = Mutex<String?>(nil)
    let listener = Listener { event in
      guard case .planned = event else { return }
      let url = URL(fileURLWithPath: path)
      refused.withLock {
        $0 = message {
          _ = try Runner(workspace: Workspace(codeRoot: url, root: url))
            .run(RunOptions(), observer: Listener())
        }
      }
    }
    #expect(try fixture.runner().run(RunOptions(), observer: listener).exit == .ok)
    #expect(refused.withLock { $0 }?.contains("another `work run` (process \(getpid()))") == true)
  }
}
