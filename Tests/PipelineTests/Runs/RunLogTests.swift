// Kept logs, also while they grow, and where files come from.

import Basics
import Foundation
import Notebook
import Pipeline
import Synchronization
import Testing

@Suite struct RunLogTests {
  private func text(_ log: RunLog, following: Bool = false) throws -> String {
    var data = Data()
    try log.read(following: following) { data += $0 }
    return String(decoding: data, as: UTF8.self)
  }

  @Test func logsOfStagesAndInstances() throws {
    let fixture = try WorkspaceFixture("n: 2\n")
    try fixture.stage(
      "a", "outs: [\"a${k}\"]", "foreach: {k: n}",
      body:
        #"echo "from $(order instance)"; [ -e bad ] && exit 3; echo > "$(out "$(sed -n 's|^ *"\(a[01]\)" : .*|\1|p' "$WORK_ORDER")")""#
    )
    try fixture.run()
    let history = fixture.history
    let logs = try history.logs(of: "a")
    #expect(try logs.map { try text($0) } == ["from a@0\n", "from a@1\n"])
    let facts = logs[1].status()
    #expect(facts.outcome == "done" && facts.exitStatus == 0 && facts.instance == "a@1")
    #expect(facts.cpuSeconds != nil && facts.peakMemory != nil)
    #expect(facts.started != nil && facts.ended != nil)
    let first = try #require(history.ids().last)
    try fixture.write("", to: "bad")
    try fixture.run("a@1", force: true)
    #expect(try history.logs(of: "a@1")[0].status().exitStatus == 3)
    #expect(try history.logs(of: "a").map { $0.status().outcome } == ["done", "failed"])
    #expect(try history.logs(of: "a@1", run: first)[0].status().outcome == "done")
    #expect(
      message { _ = try history.logs(of: "b") }
        == "b has left no log; did you mean “a”? (there are logs of: a)")
  }

  @Test func aRunningOneIsFollowedToItsEnd() async throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage(
      "a", "outs: [a.txt]",
      body:
        #"echo one; n=0; while ! [ -e go ]; do n=$((n+1)); [ $n -lt 600 ] || exit 9; sleep 0.05; done; echo two; echo > "$(out a.txt)""#
    )
    let workspace = fixture.workspace
    let done = Task.detached {
      try Runner(workspace: workspace).run(RunOptions(), observer: Listener()).exit
    }
    let history = fixture.history
    var log: RunLog?
    for _ in 0..<600 {
      log = try? history.logs(of: "a").first
      if log?.status().outcome == "running" { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    let running = try #require(log)
    #expect(running.status().outcome == "running" && running.status().started != nil)
    let seen = Mutex("")
    try running.read(following: true) { data in
      seen.withLock { $0 += String(decoding: data, as: UTF8.self) }
      // What comes after the first look is followed, too.
      try fixture.write("", to: "go")
    }
    #expect(seen.withLock { $0 } == "one\ntwo\n")
    #expect(try await done.value == .ok)
    #expect(running.status().outcome == "done")
  }

  // MARK: Provenance

  @Test func whereAFileComesFrom() throws {
    let fixture = try WorkspaceFixture("x: 1\ny: 2\n")
    try fixture.write("raw", to: "raw.txt")
    try fixture.stage(
      "a", "deps: [raw.txt]", "params: [x]", "outs: [data/set]",
      body: #"d="$(out data/set)"; mkdir -p "$d"; sed -n 's/.*"x" : //p' "$WORK_ORDER" > "$d/x""#)
    try fixture.copy("b", from: "data/set/x", to: "sub/s.csv")
    let old = try #require(try fixture.run().folder?.lastPathComponent)
    let place = fixture.url.appendingPathComponent("sub/s.csv")
    let now = try fixture.runner().provenance(of: place)
    #expect(now.finding == .current && now.instance == "b" && now.run == old)
    #expect(now.inputs.map(\.path) == ["data/set/x"])
    #expect(now.inputs[0].madeBy == "a" && now.inputs[0].isUnchanged == true)
    let inside = try fixture.runner().provenance(
      of: fixture.url.appendingPathComponent("data/set/x"))
    #expect(inside.output == "data/set" && inside.parameters == ["x": "1"])

    // A copy of it is known by its bytes, also when the next run has replaced it.
    let copy = fixture.url.appendingPathComponent("old submission.csv")
    try FileManager.default.copyItem(at: place, to: copy)
    let same = try fixture.runner().provenance(of: copy)
    #expect(same.finding == .copy && same.output == "sub/s.csv" && same.run == old)
    let new = try #require(try fixture.run(overrides: ["x=5"]).folder?.lastPathComponent)
    let found = try fixture.runner().provenance(of: copy)
    #expect(found.finding == .madeByRun && found.instance == "b" && found.run == old)
    #expect(found.output == "sub/s.csv" && found.inputs[0].isUnchanged == false)
    let latest = try fixture.runner().provenance(of: fixture.url.appendingPathComponent("data/set"))
    #expect(latest.run == new && latest.overrides == ["x"])

    // Put back, it is the old run's, whatever the lock says.
    try fixture.remove("sub/s.csv")
    #expect(try fixture.runner().provenance(of: place).finding == .changed)
    try FileManager.default.copyItem(at: copy, to: place)
    #expect(try fixture.runner().provenance(of: place).run == old)
    try fixture.write("edited", to: "sub/s.csv")
    #expect(try fixture.runner().provenance(of: place).finding == .changed)

    let raw = try fixture.runner().provenance(of: fixture.url.appendingPathComponent("raw.txt"))
    #expect(raw.finding == .input && raw.readers == ["a"])
    // Also where a stage makes a file of the same bytes.
    try fixture.copy("c", from: "raw.txt", to: "data/c")
    try fixture.run()
    let copied = try fixture.runner().provenance(of: fixture.url.appendingPathComponent("raw.txt"))
    #expect(copied.finding == .input && copied.readers == ["a", "c"])
    try fixture.write("nobody's", to: "stray")
    let stray = fixture.url.appendingPathComponent("stray")
    #expect(try fixture.runner().provenance(of: stray).finding == .unknown)
    let hash = try #require(found.hash)
    try fixture.write(hash, to: "submissions/ledger.jsonl")
    #expect(try fixture.runner().provenance(of: copy).submissions == ["submissions/ledger.jsonl"])
    #expect(
      message {
        _ = try fixture.runner().provenance(of: fixture.url.appendingPathComponent("none"))
      }?
      .contains("no such file") == true)
  }
}
