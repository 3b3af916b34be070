// What a run would do, told without doing it.

import Basics
import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct PlanTests {
  private func fixture() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("n: 1\nfolds: 2\n")
    try fixture.write("x\n", to: "raw")
    try fixture.stage(
      "a", "deps: [raw]", "params: [n]", "foreach: {i: folds}", "outs: ['out/a${i}']",
      body: #"cat raw > "$(out out/a$(order instance | sed s/a@//))""#)
    try fixture.copy("b", from: "out/a0", to: "out/b")
    return fixture
  }

  private func plan(_ fixture: WorkspaceFixture, _ options: RunOptions = RunOptions()) throws
    -> RunPlan
  {
    try fixture.runner().plan(options)
  }

  @Test func saysWhatWouldRunAndRunsNothing() throws {
    let fixture = try fixture()
    var before = try plan(fixture)
    #expect(before.isStale && before.obstacle == nil)
    #expect(before.instances.map(\.state) == [.stale, .stale, .stale])
    #expect(before.instances.allSatisfy { $0.expectedSeconds == nil })
    #expect(ExpectedTime(before.instances).unknown == ["a@0", "a@1", "b"])
    #expect(!fixture.exists(".work") && !fixture.exists("out") && fixture.starts("a") == 0)
    try fixture.run()
    before = try plan(fixture)
    #expect(!before.isStale)
    try fixture.write("n: 2\nfolds: 2\n", to: "params.yaml")
    let after = try plan(fixture)
    #expect(after.instances.map(\.state) == [.stale, .stale, .undecided])
    #expect(after.instances[0].reasons.map(\.description) == ["n: 1 → 2"])
    #expect(after.instances[2].reasons.map(\.description) == ["depends on a@0"])
    #expect(fixture.starts("a") == 2)
  }

  @Test func timesAreThoseOfTheLastRunOfItOrOfItsStage() throws {
    let fixture = try fixture()
    try fixture.run("a@0")
    try fixture.write(#"{"a@0": {"seconds": 60}, "b": {"seconds": 5}}"#, to: ".work/costs.json")
    try fixture.write("n: 2\nfolds: 2\n", to: "params.yaml")
    let plan = try plan(fixture)
    #expect(plan.instances.map(\.expectedSeconds) == [60, 60, 5])
    #expect(ExpectedTime(plan.instances).least == 125)
    try fixture.run()
    let known = try self.plan(fixture).instances.compactMap(\.expectedSeconds)
    #expect(known.count == 3 && known.allSatisfy { $0 > 0 && $0 < 5 })
    // What may turn out to be fresh counts for the most alone.
    try fixture.write(
      #"{"a@0": {"seconds": 60}, "a@1": {"seconds": 30}, "b": {"seconds": 5}}"#,
      to: ".work/costs.json")
    try fixture.write("y\n", to: "raw")
    let expected = try ExpectedTime(self.plan(fixture).instances)
    #expect(expected.least == 90 && expected.most == 95 && expected.unknown.isEmpty)
    // Damaged, it costs the knowledge and nothing else.
    try fixture.write("{", to: ".work/costs.json")
    #expect(try ExpectedTime(self.plan(fixture).instances).unknown == ["a@0", "a@1", "b"])
  }

  @Test func saysWhatKeepsARunFromStartingAndWhatIsRetired() throws {
    let fixture = try fixture()
    try fixture.run()
    try fixture.write("n: 1\nfolds: 1\n", to: "params.yaml")
    #expect(try plan(fixture).retired == ["a@1"])
    var options = RunOptions(targets: ["b"])
    #expect(try plan(fixture, options).retired == ["a@1"])
    options.only = true
    #expect(try plan(fixture, options).retired == [])
    #expect(fixture.exists("out/a1"))
    try fixture.remove("raw")
    #expect(
      try plan(fixture).obstacle?.hasPrefix("raw: a@0 (stages/a.sh) needs it, but it isn't there")
        == true)
  }

  @Test func saysWhatWouldComeFromTheCache() throws {
    let fixture = try fixture()
    let first = try fixture.run()
    try fixture.write("y\n", to: "raw")
    try fixture.run()
    try fixture.write("x\n", to: "raw")
    let plan = try plan(fixture)
    let run = first.folder?.lastPathComponent
    #expect(run != nil && plan.instances.map(\.restoredFrom) == [run, run, run])
    #expect(plan.isStale && ExpectedTime(plan.instances).most == 0)
    var forced = RunOptions(force: true)
    #expect(try self.plan(fixture, forced).instances.allSatisfy { $0.restoredFrom == nil })
    forced.force = false
    #expect(
      try fixture.runner().run(forced, observer: fixture.listener).results.map(\.outcome)
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

  private func frozenRunner(_ fixture: WorkspaceFixture, _ overrides: String...) throws -> Runner {
    try Runner(
      workspace: fixture.workspace, overrides: overrides,
      builder: Builder(program: fixture.url.appendingPathComponent("program")))
  }

  /// A frozen stage `a` that ran for n = 2 and then for n = 1, and `b` that reads it. It is in Swift, whose
  /// comments don't count, so that its results in the cache are those that it would have now. `run` is
  /// the second.
  private func frozenBench() throws -> (WorkspaceFixture, run: String) {
    let fixture = try WorkspaceFixture("n: 1\n")
    func stage(_ more: String) throws {
      try fixture.write(
        "// ---\n// params: [n]\n// outs: [out/a]\n\(more)// ---\nimport Workbench\n",
        to: "stages/a.swift")
    }
    try fixture.write("", to: "Package.swift")
    try fixture.copy("b", from: "out/a", to: "out/b")
    try stage("")
    _ = try frozenRunner(fixture, "n=2").run(RunOptions(), observer: fixture.listener)
    let run = try frozenRunner(fixture).run(RunOptions(), observer: fixture.listener).folder
    try stage("// frozen: true\n")
    return (fixture, try #require(run?.lastPathComponent))
  }

  @Test(arguments: [true, false])
  func whatReadsFrozenOutputsIsForeseenFromWhatLiesThere(isKept: Bool) throws {
    let (fixture, run) = try frozenBench()
    if !isKept {
      for file in fixture.files(".work/cache/entries") {
        let text = try #require(fixture.read(".work/cache/entries/\(file)"))
        guard text.contains(#""instance" : "b""#), text.contains(run) else { continue }
        try fixture.remove(".work/cache/entries/\(file)")
      }
    }
    try fixture.write("n: 2\n", to: "params.yaml")
    try fixture.remove("out/b")
    let plan = try frozenRunner(fixture).plan(RunOptions())
    #expect(plan.instances.map(\.state) == [.frozen, .stale] && plan.obstacle == nil)
    #expect(plan.instances.map(\.restoredFrom) == [nil, isKept ? run : nil])
    let summary = try frozenRunner(fixture).run(RunOptions(), observer: fixture.listener)
    #expect(summary.results.map(\.outcome) == [.frozen, isKept ? .restored : .done])
    #expect(fixture.read("out/b") == "1\n")
  }

  @Test func missingOutputsOfAFrozenStageAreAnObstacle() throws {
    let (fixture, _) = try frozenBench()
    try fixture.remove("out")
    let plan = try frozenRunner(fixture).plan(RunOptions())
    #expect(
      plan.obstacle
        == "out/a: a is frozen, but its outputs are not all there; take `frozen: true` out of "
        + "stages/a.swift")
    #expect(plan.instances.allSatisfy { $0.restoredFrom == nil })
    let summary = try frozenRunner(fixture).run(RunOptions(), observer: fixture.listener)
    #expect(summary.exit == .badInput && summary.results[0].outcome == .failed)
    // What doesn't need it has no obstacle.
    try fixture.copy("c", from: "params.yaml", to: "out/c")
    #expect(try frozenRunner(fixture).plan(RunOptions(targets: ["c"])).obstacle == nil)
  }
}
