// Instances side by side: how many, with which threads, and what a failure, Ctrl-C or a kill of one means
// for the others.

import Basics
import Foundation
import Pipeline
import Synchronization
import Testing

@Suite struct SideBySideTests {
  /// A shell function that waits for a condition, half a minute at most.
  private static let functions = #"""
    await() { n=0; while ! eval "$1"; do n=$((n + 1)); [ $n -lt 600 ] || exit 9; sleep 0.05; done; }
    threads() { sed -n 's/.*"threads" : \([0-9]*\).*/\1/p' "$WORK_ORDER" | head -n 1; }
    k=$(sed -n 's/.*"k" : \([0-9]*\).*/\1/p' "$WORK_ORDER")

    """#

  /// A stage `part` with an instance for each k below n.
  private func parts(_ fixture: WorkspaceFixture, _ n: Int, _ body: String) throws {
    try fixture.write("n: \(n)\n", to: "params.yaml")
    try fixture.stage(
      "part", "outs: [\"data/${k}.txt\"]", "foreach: {k: n}", body: Self.functions + body)
  }

  private func run(
    _ fixture: WorkspaceFixture, jobs: Int, threads: Int = 2,
    _ interruption: Interruption = Interruption()
  ) throws -> RunSummary {
    try Runner(
      workspace: fixture.workspace,
      runtime: [.init("jobs", .int(jobs)), .init("threads", .int(threads))]
    ).run(RunOptions(interruption: interruption), observer: fixture.listener)
  }

  @Test func twoRunAtATimeAndShareTheThreads() throws {
    let fixture = try WorkspaceFixture()
    // Each of the first two waits for the other; so does a third alone, for the threads of both.
    try parts(
      fixture, 3,
      #"""
      mkdir on-$k; ls -d on-* | wc -l >> most; threads >> threads
      case $k in
      0) await '[ -e on-1 ]' ;;
      1) await '[ -e on-0 ]' ;;
      2) await 'grep -q 2 "$(order file)"' ;;
      esac
      rmdir on-$k; touch on-$k; echo $k > "$(out data/$k.txt)"
      """#)
    let summary = try run(fixture, jobs: 2)
    #expect(summary.exit == .ok, "\(summary)")
    #expect(summary.results.map(\.instance) == ["part@0", "part@1", "part@2"])
    #expect(summary.results.allSatisfy { $0.outcome == .done })
    #expect(fixture.read("threads")?.prefix(4) == "1\n1\n")
    #expect(fixture.read("data/2.txt") == "2\n")
    #expect(try fixture.ran() == [])
  }

  @Test func neverMoreThanAskedForAndTheLockIsTheSame() throws {
    func lock(jobs: Int, most: String) throws -> String {
      let fixture = try WorkspaceFixture()
      try parts(
        fixture, 5,
        #"""
        mkdir -p on; touch on/$k; ls on | wc -l >> most; sleep 0.3; rm on/$k
        echo $k > "$(out data/$k.txt)"
        """#)
      try fixture.copy("end", from: "data/4.txt", to: "end.txt")
      #expect(try run(fixture, jobs: jobs).exit == .ok)
      let counts = Set(try #require(fixture.read("most")).split(separator: "\n").map(String.init))
      #expect(counts.max() == most)
      #expect(fixture.read("end.txt") == "4\n")
      return try #require(fixture.read("work.lock"))
    }
    let one = try lock(jobs: 1, most: "1")
    #expect(try lock(jobs: 2, most: "2") == one)
    #expect(try lock(jobs: 9, most: "5") == one)
  }

  /// As many as there are threads; one after the other where each is known to take all memory.
  @Test(arguments: [(Int?.none, "3"), (1 << 50, "1")])
  func asManyAsThereIsRoomFor(_ bytes: Int?, _ most: String) throws {
    let fixture = try WorkspaceFixture()
    try parts(
      fixture, 4,
      #"""
      mkdir -p on; touch on/$k; ls on | wc -l >> most; sleep 0.3; rm on/$k
      echo $k > "$(out data/$k.txt)"
      """#)
    if let bytes {
      let costs = (0..<4).map { #""part@\#($0)": {"seconds": 1, "bytes": \#(bytes)}"# }
      try fixture.write("{\(costs.joined(separator: ", "))}", to: ".work/costs.json")
    }
    let began = ContinuousClock.now
    #expect(try run(fixture, jobs: 0, threads: 3).exit == .ok)
    let wall = (ContinuousClock.now - began) / .seconds(1)
    let counts = try #require(fixture.read("most")).split(separator: "\n").map(String.init)
    #expect(counts.max() == most)
    // What ran side by side divides the time that passed.
    let costs = try JSONDecoder().decode(
      [String: [String: Double]].self,
      from: Data(try #require(fixture.read(".work/costs.json")).utf8))
    #expect(costs.values.allSatisfy { $0["bytes"].map { $0 > 0 } ?? false })
    let seconds = costs.values.reduce(0) { $0 + ($1["seconds"] ?? 0) }
    #expect(costs.count == 4 && seconds > 0 && seconds <= wall)
  }

  @Test func anInstanceWaitsForWhatItNeeds() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write("x\n", to: "raw.txt")
    for (name, from, to) in [("a", "raw.txt", "a.txt"), ("b", "a.txt", "b.txt")] {
      try fixture.stage(
        name, "deps: [\(from)]", "outs: [\(to)]", body: "sleep 0.1; cat \(from) > \"$(out \(to))\"")
    }
    try fixture.copy("c", from: "raw.txt", to: "c.txt")
    let summary = try run(fixture, jobs: 3)
    #expect(summary.results.map(\.outcome) == [.done, .done, .done])
    #expect(fixture.read("b.txt") == "x\n")
    let started = fixture.listener.events.compactMap { event -> String? in
      if case .started(let name, _, let index, let count, _, _) = event {
        "\(name) \(index)/\(count)"
      } else {
        nil
      }
    }
    #expect(started == ["a 1/3", "c 2/3", "b 3/3"])
  }

  @Test func afterAFailureWhatRunsIsFinishedAndNothingStarted() throws {
    let fixture = try WorkspaceFixture()
    try parts(
      fixture, 3,
      #"""
      touch on-$k
      case $k in
      0) await '[ -e on-1 ]'; echo "error: no luck" >&2; exit 3 ;;
      1) await '[ -e failed ]' ;;
      esac
      echo $k > "$(out data/$k.txt)"
      """#)
    let listening = Listener { [path = fixture.url.path] event in
      if case .finished(let result) = event, result.outcome == .failed {
        _ = FileManager.default.createFile(atPath: path + "/failed", contents: nil)
      }
    }
    let summary = try Runner(workspace: fixture.workspace, runtime: [.init("jobs", .int(2))])
      .run(RunOptions(), observer: listening)
    #expect(summary.results.map(\.outcome) == [.failed, .done, .notStarted])
    #expect(summary.exit == .network)
    #expect(summary.message.hasPrefix("part@0 failed, 1 not started"))
    #expect(listening.notices.contains { $0.contains("part@1 may finish") })
    #expect(fixture.read("data/1.txt") == "1\n" && !fixture.exists("on-2"))
    // The record tells it in the order of the graph.
    let record = try #require(summary.folder).appendingPathComponent("run.json")
    let items = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: record))[
      "instances"]
    guard case .array(let list)? = items else {
      Issue.record("no instances")
      return
    }
    #expect(list.map { $0["status"]?.plainText } == ["failed", "done", "not started"])
  }

  @Test func interruptionReachesAllAndTheMessageNamesThem() throws {
    let fixture = try WorkspaceFixture()
    try parts(
      fixture, 3, #"trap 'touch stopped-$k; exit 130' INT; touch on-$k; sleep 30 & wait"#)
    let interruption = Interruption()
    let path = fixture.url.path
    Thread.detachNewThread {
      let files = FileManager.default
      while !(0...1).allSatisfy({ files.fileExists(atPath: "\(path)/on-\($0)") }) { usleep(2000) }
      interruption.request()
    }
    let summary = try run(fixture, jobs: 2, interruption)
    #expect(summary.exit == .interrupted)
    #expect(summary.results.map(\.outcome) == [.interrupted, .interrupted, .notStarted])
    #expect(fixture.exists("stopped-0") && fixture.exists("stopped-1") && !fixture.exists("on-2"))
    #expect(
      summary.message.contains(
        "part@0 and part@1 go on from their last checkpoints: `work run all`")
    )
  }

  @Test func aKilledRunnerTakesAllItsStagesAlong() async throws {
    let fixture = try WorkspaceFixture()
    try parts(
      fixture, 2,
      #"""
      [ -e quick ] || { echo $$ > pid-$k; sleep 60; }
      echo $k >> "$(order scratch)/taken"; echo $k > "$(out data/$k.txt)"
      """#)
    let path = fixture.url.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let url = URL(fileURLWithPath: path)
      Thread.detachNewThread {
        let files = FileManager.default
        while !(0...1).allSatisfy({ files.fileExists(atPath: "\(path)/pid-\($0)") }) {
          usleep(5000)
        }
        usleep(20_000)
        kill(getpid(), SIGKILL)
      }
      _ = try Runner(
        workspace: Workspace(codeRoot: url, root: url), runtime: [.init("jobs", .int(2))]
      ).run(RunOptions(), observer: Listener())
    }
    try fixture.write("", to: "quick")
    #expect(try run(fixture, jobs: 2).results.map(\.outcome) == [.done, .done])
    for k in 0...1 {
      let process = try #require(fixture.read("pid-\(k)")).filter(\.isNumber)
      // Gone, or dead and waiting for its parent to take note.
      let state = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ") Z"
      #expect(state.contains(") Z"))
    }
  }

  @Test(arguments: [
    ("jobs: -1", "jobs is -1"), ("jobs: two", "jobs is \"two\""), ("threads: -1", "threads is -1"),
  ])
  func numbersThatMakeNoSense(_ line: String, _ words: String) throws {
    let fixture = try WorkspaceFixture("runtime: {\(line)}\n")
    try fixture.stage("a", "outs: [a.txt]", body: "true")
    #expect(message { try fixture.run() }?.contains("runtime.\(words), but should be") == true)
  }
}
