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
  private func bench() throws -> Bench {
    let bench = try Bench("n: 1\n")
    try bench.stage(
      "first", "params: [n]", "outs: [data/set, data/sum.txt]",
      body: #"""
        n=$(sed -n 's/.*"n" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
        d="$(out data/set)"; mkdir "$d"; echo $n > "$d/$n"; echo $n > "$(out data/sum.txt)"
        """#)
    try bench.stage(
      "second", "deps: [data/set, data/sum.txt]", "outs: [data/end.txt]",
      body: #"cat data/set/* data/sum.txt > "$(out data/end.txt)""#)
    return bench
  }

  /// What a workspace comes to: every file but the runner's own, with its content.
  private func state(_ bench: Bench) throws -> [String: String] {
    var files: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: bench.url.path)
    where !path.hasPrefix(".work") && !path.hasPrefix(".ran-") {
      files[path] = bench.read(path) ?? "a folder"
    }
    return files
  }

  /// Runs until the step of a number and dies there, as a crash does: nothing after it happens.
  ///
  /// - Returns: the names of the steps that were come to, in order.
  private func crash(_ bench: Bench, at number: Int) throws -> [String] {
    let runner = try bench.runner()
    let steps = Steps(until: number)
    runner.step = steps.step
    try FileStep.$watcher.withValue(FileStep(steps.step)) {
      do { _ = try runner.run(RunOptions(), observer: bench.listener) } catch is Crash {}
    }
    return steps.names
  }

  /// Stops a run at each of its steps in turn; the next run leaves what one that was not stopped leaves.
  ///
  /// - Parameter start: a workspace where the run begins.
  /// - Returns: the names of all steps.
  private func stopEverywhere(_ start: Bench) async throws -> [String] {
    let unbroken = try Bench(copying: start)
    let steps = try crash(unbroken, at: .max)
    let end = try state(unbroken)
    #expect(try unbroken.ran().isEmpty)
    for number in 1...steps.count {
      // What blocks holds one of the few threads that all tests share.
      await Task.yield()
      let bench = try Bench(copying: start)
      let reached = try crash(bench, at: number)
      let story: Comment = "stopped at step \(number): \(reached.last ?? "none")"
      #expect(reached.count == number, story)
      // What the lock vouches for is whole.
      if let text = bench.read("work.lock") {
        let lock = try Lock(yaml: text)
        if lock.entries["first"]?.parameters.first?.value == .int(2) {
          #expect(bench.read("data/set/2") == "2\n" && bench.read("data/sum.txt") == "2\n", story)
        }
      }
      #expect(try bench.run().exit == .ok, story)
      #expect(try state(bench) == end, story)
      #expect(try bench.ran().isEmpty, story)
      #expect(bench.starts("first") <= unbroken.starts("first") + 1, story)
      let left = try FileManager.default.contentsOfDirectory(atPath: bench.url.path + "/.work")
      #expect(!left.contains { $0.hasSuffix(".new") }, story)
      #expect(
        !bench.exists(".work/scratch/first") && !bench.exists(".work/scratch/second"), story)
    }
    return steps
  }

  @Test func everyStepOfAFirstRun() async throws {
    let steps = try await stopEverywhere(bench())
    #expect(steps.contains("write work.lock") && steps.contains("rename work.lock"))
    #expect(steps.contains("rename run.json") && steps.contains("rename hashes"))
  }

  @Test func everyStepOfASecondVersionWithOneInstanceLess() async throws {
    let bench = try bench()
    try bench.stage(
      "third", "deps: [data/end.txt]", "foreach: {i: n}", "outs: ['data/third-${i}']",
      body: #"cat data/end.txt > "$(out data/third-$(order instance | sed s/third@//))""#)
    try bench.write("n: 3\n", to: "params.yaml")
    try bench.run()
    try bench.write("n: 2\n", to: "params.yaml")
    let steps = try await stopEverywhere(bench)
    #expect(steps.contains("put the old data/set aside") && steps.contains("write the lock"))
    #expect(steps.contains("remove data/third-2"))
  }

  @Test func finishedStagesAreNotRepeatedAfterAKillOfTheRunner() async throws {
    let bench = try bench()
    let path = bench.url.path
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
    #expect(try bench.ran() == ["second"])
    #expect(bench.listener.notices.contains { $0.contains("has taken over its workspace") })
    #expect(bench.starts("first") == 1 && bench.starts("second") == 2)
    #expect(try bench.ran().isEmpty)
    #expect(bench.listener.notices.count == 1)
  }

  @Test func aKilledRunnerTakesItsStageAlong() async throws {
    let bench = try Bench()
    try bench.stage(
      "a", "outs: [a.txt]",
      body: #"[ -e quick ] || { echo $$ > pid; sleep 60; }; echo > "$(out a.txt)""#)
    let path = bench.url.path
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
    try bench.write("", to: "quick")
    #expect(try bench.ran() == ["a"])
    let process = try #require(bench.read("pid")).filter(\.isNumber)
    // Gone, or dead and waiting for its parent to take note.
    let state = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ") Z"
    #expect(state.contains(") Z"))
    #expect(bench.listener.notices.contains { $0.contains("has taken over its workspace") })
  }

  @Test func scratchSurvivesAndIsTheSameForTheSameFingerprint() throws {
    let bench = try Bench("n: 1\nother: 1\n")
    try bench.stage(
      "a", "params: [n]", "outs: [a.txt]",
      body: #"""
        s="$(order scratch)"; echo x >> "$s/checkpoint"
        [ $(grep -c x "$s/checkpoint") = 3 ] || { [ -e fail ] && exit 1; kill -9 $$; }
        cp "$s/checkpoint" "$(out a.txt)"
        """#)
    #expect(try bench.run().results[0].exitStatus == 137)
    try bench.write("", to: "fail")
    #expect(try bench.run().results[0].exitStatus == 1)
    // Another fingerprint has a checkpoint of its own.
    #expect(try bench.run(overrides: ["n=2"]).exit == .failed)
    #expect(try bench.ran(overrides: ["other=5"]) == ["a"])
    #expect(bench.read("a.txt") == "x\nx\nx\n")
    #expect(!bench.exists(".work/scratch/a"))
  }

  @Test func interruptionAsksTheStageAndSaysHowToGoOn() throws {
    let bench = try bench()
    try bench.stage(
      "first", "outs: [data/set, data/sum.txt]",
      body: #"trap 'echo stopped > trapped; exit 130' INT; touch began; sleep 20 & wait"#)
    let interruption = Interruption()
    let path = bench.url.path
    Thread.detachNewThread {
      while !FileManager.default.fileExists(atPath: path + "/began") { usleep(2000) }
      interruption.request()
    }
    let summary = try bench.runner().run(
      RunOptions(interruption: interruption), observer: bench.listener)
    #expect(summary.exit == .interrupted)
    #expect(summary.results.map(\.outcome) == [.interrupted, .notStarted])
    #expect(bench.read("trapped") == "stopped\n")
    #expect(summary.message.contains("first goes on from its last checkpoint: `work run all`"))
  }

  @Test func oneRunAtATime() throws {
    let bench = try bench()
    let path = bench.url.path
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
    #expect(try bench.runner().run(RunOptions(), observer: listener).exit == .ok)
    #expect(refused.withLock { $0 }?.contains("another `work run` (process \(getpid()))") == true)
  }
}
