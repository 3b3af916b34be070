// What a run would do, told without doing it.

import Basics
import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct PlanTests {
  private func bench() throws -> Bench {
    let bench = try Bench("n: 1\nfolds: 2\n")
    try bench.write("x\n", to: "raw")
    try bench.stage(
      "a", "deps: [raw]", "params: [n]", "foreach: {i: folds}", "outs: ['out/a${i}']",
      body: #"cat raw > "$(out out/a$(order instance | sed s/a@//))""#)
    try bench.copy("b", from: "out/a0", to: "out/b")
    return bench
  }

  private func plan(_ bench: Bench, _ options: RunOptions = RunOptions()) throws -> RunPlan {
    try bench.runner().plan(options)
  }

  @Test func saysWhatWouldRunAndRunsNothing() throws {
    let bench = try bench()
    var before = try plan(bench)
    #expect(before.isStale && before.obstacle == nil)
    #expect(before.instances.map(\.state) == [.stale, .stale, .stale])
    #expect(before.instances.allSatisfy { $0.expectedSeconds == nil })
    #expect(ExpectedTime(before.instances).unknown == ["a@0", "a@1", "b"])
    #expect(!bench.exists(".work") && !bench.exists("out") && bench.starts("a") == 0)
    try bench.run()
    before = try plan(bench)
    #expect(!before.isStale)
    try bench.write("n: 2\nfolds: 2\n", to: "params.yaml")
    let after = try plan(bench)
    #expect(after.instances.map(\.state) == [.stale, .stale, .undecided])
    #expect(after.instances[0].reasons.map(\.description) == ["n: 1 → 2"])
    #expect(after.instances[2].reasons.map(\.description) == ["depends on a@0"])
    #expect(bench.starts("a") == 2)
  }

  @Test func timesAreThoseOfTheLastRunOfItOrOfItsStage() throws {
    let bench = try bench()
    try bench.run("a@0")
    try bench.write(#"{"a@0": 60, "b": 5}"#, to: ".work/durations.json")
    try bench.write("n: 2\nfolds: 2\n", to: "params.yaml")
    let plan = try plan(bench)
    #expect(plan.instances.map(\.expectedSeconds) == [60, 60, 5])
    #expect(ExpectedTime(plan.instances).least == 125)
    try bench.run()
    let known = try self.plan(bench).instances.compactMap(\.expectedSeconds)
    #expect(known.count == 3 && known.allSatisfy { $0 > 0 && $0 < 5 })
    // What may turn out to be fresh counts for the most alone.
    try bench.write(#"{"a@0": 60, "a@1": 30, "b": 5}"#, to: ".work/durations.json")
    try bench.write("y\n", to: "raw")
    let expected = try ExpectedTime(self.plan(bench).instances)
    #expect(expected.least == 90 && expected.most == 95 && expected.unknown.isEmpty)
    // Damaged, it costs the knowledge and nothing else.
    try bench.write("{", to: ".work/durations.json")
    #expect(try ExpectedTime(self.plan(bench).instances).unknown == ["a@0", "a@1", "b"])
  }

  @Test func saysWhatKeepsARunFromStartingAndWhatIsRetired() throws {
    let bench = try bench()
    try bench.run()
    try bench.write("n: 1\nfolds: 1\n", to: "params.yaml")
    #expect(try plan(bench).retired == ["a@1"])
    var options = RunOptions(targets: ["b"])
    #expect(try plan(bench, options).retired == ["a@1"])
    options.only = true
    #expect(try plan(bench, options).retired == [])
    #expect(bench.exists("out/a1"))
    try bench.remove("raw")
    #expect(
      try plan(bench).obstacle?.hasPrefix("raw: a@0 (stages/a.sh) needs it, but it isn't there")
        == true)
  }

  @Test func saysWhatWouldComeFromTheCache() throws {
    let bench = try bench()
    let first = try bench.run()
    try bench.write("y\n", to: "raw")
    try bench.run()
    try bench.write("x\n", to: "raw")
    let plan = try plan(bench)
    let run = first.folder?.lastPathComponent
    #expect(run != nil && plan.instances.map(\.restoredFrom) == [run, run, run])
    #expect(plan.isStale && ExpectedTime(plan.instances).most == 0)
    var forced = RunOptions(force: true)
    #expect(try self.plan(bench, forced).instances.allSatisfy { $0.restoredFrom == nil })
    forced.force = false
    #expect(
      try bench.runner().run(forced, observer: bench.listener).results.map(\.outcome)
        == [.restored, .restored, .restored])
  }

  /// Writes the value of `n` into `out/a`, whatever it is asked to build.
  private struct Builder: StageBuilder {
    let program: URL
    func build(
      stage: String, identity: String, log: URL, interruption: Interruption,
      tell: (BuildNews) -> Void
    ) throws -> BuildOutcome {
      let text = #"""
        #!/bin/sh
        sed -n 's/.*"n" : \([0-9]*\).*/\1/p' "$WORK_ORDER" \
          > "$(sed -n 's|^ *"out/a" : "\(.*\)",\{0,1\}$|\1|p' "$WORK_ORDER")"
        """#
      try writeProgram(text, to: program)
      return .built(program: program, seconds: nil)
    }
  }

  private func frozenRunner(_ bench: Bench, _ overrides: String...) throws -> Runner {
    try Runner(
      workspace: bench.workspace, overrides: overrides,
      builder: Builder(program: bench.url.appendingPathComponent("program")))
  }

  /// A frozen stage `a` that ran for n = 2 and then for n = 1, and `b` that reads it. It is in Swift, whose
  /// comments don't count, so that its results in the cache are those that it would have now. `run` is
  /// the second.
  private func frozenBench() throws -> (Bench, run: String) {
    let bench = try Bench("n: 1\n")
    func stage(_ more: String) throws {
      try bench.write(
        "// ---\n// params: [n]\n// outs: [out/a]\n\(more)// ---\nimport Workbench\n",
        to: "stages/a.swift")
    }
    try bench.write("", to: "Package.swift")
    try bench.copy("b", from: "out/a", to: "out/b")
    try stage("")
    _ = try frozenRunner(bench, "n=2").run(RunOptions(), observer: bench.listener)
    let run = try frozenRunner(bench).run(RunOptions(), observer: bench.listener).folder
    try stage("// frozen: true\n")
    return (bench, try #require(run?.lastPathComponent))
  }

  @Test(arguments: [true, false])
  func whatReadsFrozenOutputsIsForeseenFromWhatLiesThere(isKept: Bool) throws {
    let (bench, run) = try frozenBench()
    if !isKept {
      for file in bench.files(".work/cache/entries") {
        let text = try #require(bench.read(".work/cache/entries/\(file)"))
        guard text.contains(#""instance" : "b""#), text.contains(run) else { continue }
        try bench.remove(".work/cache/entries/\(file)")
      }
    }
    try bench.write("n: 2\n", to: "params.yaml")
    try bench.remove("out/b")
    let plan = try frozenRunner(bench).plan(RunOptions())
    #expect(plan.instances.map(\.state) == [.frozen, .stale] && plan.obstacle == nil)
    #expect(plan.instances.map(\.restoredFrom) == [nil, isKept ? run : nil])
    let summary = try frozenRunner(bench).run(RunOptions(), observer: bench.listener)
    #expect(summary.results.map(\.outcome) == [.frozen, isKept ? .restored : .done])
    #expect(bench.read("out/b") == "1\n")
  }

  @Test func missingOutputsOfAFrozenStageAreAnObstacle() throws {
    let (bench, _) = try frozenBench()
    try bench.remove("out")
    let plan = try frozenRunner(bench).plan(RunOptions())
    #expect(
      plan.obstacle
        == "out/a: a is frozen, but its outputs are not all there; take `frozen: true` out of "
        + "stages/a.swift")
    #expect(plan.instances.allSatisfy { $0.restoredFrom == nil })
    let summary = try frozenRunner(bench).run(RunOptions(), observer: bench.listener)
    #expect(summary.exit == .badInput && summary.results[0].outcome == .failed)
    // What doesn't need it has no obstacle.
    try bench.copy("c", from: "params.yaml", to: "out/c")
    #expect(try frozenRunner(bench).plan(RunOptions(targets: ["c"])).obstacle == nil)
  }
}
