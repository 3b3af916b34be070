// What a command means by the stages and options that it was given.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct SelectionTests {
  /// raw → a → b@0, b@1 → c → d, and raw → side.
  private func bench() throws -> Bench {
    let bench = try Bench("n: 2\n")
    try bench.write("x\n", to: "raw")
    try bench.copy("a", from: "raw", to: "out/a")
    try bench.stage(
      "b", "deps: [out/a]", "foreach: {i: n}", "outs: ['out/b/${i}']",
      body: #"cat out/a > "$(out out/b/$(order instance | sed s/b@//))""#)
    try bench.stage("c", "deps: [out/b]", "outs: [out/c]", body: #"cat out/b/* > "$(out out/c)""#)
    try bench.copy("d", from: "out/c", to: "out/d")
    try bench.copy("side", from: "raw", to: "out/side")
    return bench
  }

  /// Names of the instances that a run with these options is about.
  private func selected(
    _ bench: Bench, _ targets: String..., from: [String] = [], downstream: Bool = false,
    only: Bool = false
  ) throws -> [String] {
    var options = RunOptions(targets: targets, only: only)
    options.from = from
    options.downstream = downstream
    let summary = try bench.runner().run(options, observer: bench.listener)
    return summary.results.map(\.instance)
  }

  @Test func targetsGrowUpwardsAndDownwards() throws {
    let bench = try bench()
    #expect(try selected(bench) == ["a", "b@0", "b@1", "c", "d", "side"])
    #expect(try selected(bench, "all") == ["a", "b@0", "b@1", "c", "d", "side"])
    #expect(try selected(bench, "b") == ["a", "b@0", "b@1"])
    #expect(try selected(bench, "b@1", "side") == ["a", "b@1", "side"])
    #expect(try selected(bench, "b", only: true) == ["b@0", "b@1"])
    #expect(try selected(bench, "c", downstream: true) == ["a", "b@0", "b@1", "c", "d"])
    #expect(try selected(bench, "b@1", downstream: true, only: true) == ["b@1", "c", "d"])
    #expect(try selected(bench, from: ["c"]) == ["c", "d"])
    #expect(try selected(bench, "c", from: ["b"]) == ["b@0", "b@1", "c"])
    #expect(try selected(bench, "c", from: ["b@0"]) == ["b@0", "c"])
    #expect(try selected(bench, from: ["d", "side"]) == ["d", "side"])
  }

  @Test func whatIsNotSelectedIsTakenAsItLies() throws {
    let bench = try bench()
    try bench.run()
    try bench.write("y\n", to: "raw")
    #expect(try selected(bench, from: ["c"]) == ["c", "d"])
    #expect(bench.read("out/d") == "x\nx\n")
    #expect(try bench.ran() == ["a", "b@0", "b@1", "c", "d", "side"])
    #expect(bench.read("out/d") == "y\ny\n")
  }

  @Test func forceMeansWhatIsNamed() throws {
    let bench = try bench()
    try bench.run()
    var options = RunOptions(force: true)
    options.from = ["c"]
    let summary = try bench.runner().run(options, observer: bench.listener)
    // c wrote what it wrote before, so d needn't run.
    #expect(summary.results.map(\.outcome) == [.done, .fresh])
    #expect(try bench.ran("b", force: true) == ["b@0", "b@1"])
  }

  @Test func contradictionsAreRefused() throws {
    let bench = try bench()
    #expect(
      message { _ = try selected(bench, "a", from: ["c"]) }
        == "--from c: a doesn't depend on it, so there is nothing between the two; name a stage behind c, "
        + "or none for all")
    #expect(
      message { _ = try selected(bench, "c", from: ["b"], only: true) }?
        .hasPrefix("--only and --from contradict each other") == true)
    #expect(
      message { _ = try selected(bench, "c", from: ["b"], downstream: true) }?
        .contains("leave out --downstream") == true)
    #expect(message { _ = try selected(bench, downstream: true) }?.contains("name one") == true)
    #expect(
      message { _ = try selected(bench, from: ["cc"]) }?.hasPrefix("no stage “cc”") == true)
    #expect(
      message { _ = try selected(bench, from: ["c"]) }
        == "out/b/0: c needs it, but it isn't there; run b@0 first, or leave out --from\n"
        + "out/b/1: c needs it, but it isn't there; run b@1 first, or leave out --from")
  }

  @Test func keepGoingRunsWhatDoesNotDependOnTheFailure() throws {
    let bench = try bench()
    try bench.stage(
      "b", "deps: [out/a]", "foreach: {i: n}", "outs: ['out/b/${i}']",
      body: #"""
        i=$(order instance | sed s/b@//); [ -e mended ] || [ $i = 1 ] || exit 3
        cat out/a > "$(out out/b/$i)"
        """#)
    let stopped = try bench.run()
    #expect(stopped.exit == .network)
    #expect(
      stopped.results.map(\.outcome) == [
        .done, .failed, .notStarted, .notStarted, .notStarted, .notStarted,
      ])
    var options = RunOptions()
    options.keepGoing = true
    let summary = try bench.runner().run(options, observer: bench.listener)
    #expect(summary.exit == .network)
    #expect(
      summary.results.map(\.outcome) == [
        .fresh, .failed, .done, .notStarted, .notStarted, .done,
      ])
    #expect(
      summary.results.map { $0.reasons.map(\.description) }[3...4]
        == [["b@0 did not finish"], ["c did not finish"]])
    #expect(
      summary.message
        == "b@0 failed, 2 not started, 2 ran anyway; fix it, then `work run all`")
    try bench.write("", to: "mended")
    #expect(try bench.ran() == ["b@0", "c", "d"])
  }

  @Test func theFirstFailureIsTheExitCode() throws {
    let bench = try Bench()
    try bench.stage("a", "outs: [a.txt]", body: "exit 2")
    try bench.stage("b", "outs: [b.txt]", body: "exit 3")
    var options = RunOptions()
    options.keepGoing = true
    let summary = try bench.runner().run(options, observer: bench.listener)
    #expect(summary.results.map(\.outcome) == [.failed, .failed])
    #expect(summary.exit == .badInput)
  }

  @Test func aFrozenStageHoldsTheWaveBack() throws {
    let bench = try bench()
    try bench.run()
    try bench.copy("a", from: "raw", to: "out/a", "frozen: true")
    try bench.write("y\n", to: "raw")
    let states = try bench.runner().status().map(\.state)
    #expect(states == [.frozen, .fresh, .fresh, .fresh, .fresh, .stale])
    #expect(try bench.ran("a", force: true).isEmpty)
    #expect(try bench.ran() == ["side"])
  }
}
