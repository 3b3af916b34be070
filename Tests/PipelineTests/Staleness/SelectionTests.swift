// What a command means by the stages and options that it was given.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct SelectionTests {
  /// raw → a → b@0, b@1 → c → d, and raw → side.
  private func fixture() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("n: 2\n")
    try fixture.write("x\n", to: "raw")
    try fixture.copy("a", from: "raw", to: "out/a")
    try fixture.stage(
      "b", "deps: [out/a]", "foreach: {i: n}", "outs: ['out/b/${i}']",
      body: #"cat out/a > "$(out out/b/$(order instance | sed s/b@//))""#)
    try fixture.stage("c", "deps: [out/b]", "outs: [out/c]", body: #"cat out/b/* > "$(out out/c)""#)
    try fixture.copy("d", from: "out/c", to: "out/d")
    try fixture.copy("side", from: "raw", to: "out/side")
    return fixture
  }

  /// Names of the instances that a run with these options is about.
  private func selected(
    _ fixture: WorkspaceFixture, _ targets: String..., from: [String] = [],
    downstream: Bool = false,
    only: Bool = false
  ) throws -> [String] {
    var options = RunOptions(targets: targets, only: only)
    options.from = from
    options.downstream = downstream
    let summary = try fixture.runner().run(options, observer: fixture.listener)
    return summary.results.map(\.instance)
  }

  @Test func targetsGrowUpwardsAndDownwards() throws {
    let fixture = try fixture()
    #expect(try selected(fixture) == ["a", "b@0", "b@1", "c", "d", "side"])
    #expect(try selected(fixture, "all") == ["a", "b@0", "b@1", "c", "d", "side"])
    #expect(try selected(fixture, "b") == ["a", "b@0", "b@1"])
    #expect(try selected(fixture, "b@1", "side") == ["a", "b@1", "side"])
    #expect(try selected(fixture, "b", only: true) == ["b@0", "b@1"])
    #expect(try selected(fixture, "c", downstream: true) == ["a", "b@0", "b@1", "c", "d"])
    #expect(try selected(fixture, "b@1", downstream: true, only: true) == ["b@1", "c", "d"])
    #expect(try selected(fixture, from: ["c"]) == ["c", "d"])
    #expect(try selected(fixture, "c", from: ["b"]) == ["b@0", "b@1", "c"])
    #expect(try selected(fixture, "c", from: ["b@0"]) == ["b@0", "c"])
    #expect(try selected(fixture, from: ["d", "side"]) == ["d", "side"])
  }

  @Test func whatIsNotSelectedIsTakenAsItLies() throws {
    let fixture = try fixture()
    try fixture.run()
    try fixture.write("y\n", to: "raw")
    #expect(try selected(fixture, from: ["c"]) == ["c", "d"])
    #expect(fixture.read("out/d") == "x\nx\n")
    #expect(try fixture.ran() == ["a", "b@0", "b@1", "c", "d", "side"])
    #expect(fixture.read("out/d") == "y\ny\n")
  }

  @Test func forceMeansWhatIsNamed() throws {
    let fixture = try fixture()
    try fixture.run()
    var options = RunOptions(force: true)
    options.from = ["c"]
    let summary = try fixture.runner().run(options, observer: fixture.listener)
    // c wrote what it wrote before, so d needn't run.
    #expect(summary.results.map(\.outcome) == [.done, .fresh])
    #expect(try fixture.ran("b", force: true) == ["b@0", "b@1"])
  }

  @Test func contradictionsAreRefused() throws {
    let fixture = try fixture()
    #expect(
      message { _ = try selected(fixture, "a", from: ["c"]) }
        == "--from c: a doesn't depend on it, so there is nothing between the two; name a stage behind c, "
        + "or none for all")
    #expect(
      message { _ = try selected(fixture, "c", from: ["b"], only: true) }?
        .hasPrefix("--only and --from contradict each other") == true)
    #expect(
      message { _ = try selected(fixture, "c", from: ["b"], downstream: true) }?
        .contains("leave out --downstream") == true)
    #expect(message { _ = try selected(fixture, downstream: true) }?.contains("name one") == true)
    #expect(
      message { _ = try selected(fixture, from: ["cc"]) }?.hasPrefix("no stage “cc”") == true)
    #expect(
      message { _ = try selected(fixture, from: ["c"]) }
        == "out/b/0: c needs it, but it isn't there; run b@0 first, or leave out --from\n"
        + "out/b/1: c needs it, but it isn't there; run b@1 first, or leave out --from")
  }

  @Test func keepGoingRunsWhatDoesNotDependOnTheFailure() throws {
    let fixture = try fixture()
    try fixture.stage(
      "b", "deps: [out/a]", "foreach: {i: n}", "outs: ['out/b/${i}']",
      body: #"""
        i=$(order instance | sed s/b@//); [ -e mended ] || [ $i = 1 ] || exit 3
        cat out/a > "$(out out/b/$i)"
        """#)
    let stopped = try fixture.run()
    #expect(stopped.exit == .network)
    #expect(
      stopped.results.map(\.outcome) == [
        .done, .failed, .notStarted, .notStarted, .notStarted, .notStarted,
      ])
    var options = RunOptions()
    options.keepGoing = true
    let summary = try fixture.runner().run(options, observer: fixture.listener)
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
    try fixture.write("", to: "mended")
    #expect(try fixture.ran() == ["b@0", "c", "d"])
  }

  @Test func theFirstFailureIsTheExitCode() throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage("a", "outs: [a.txt]", body: "exit 2")
    try fixture.stage("b", "outs: [b.txt]", body: "exit 3")
    var options = RunOptions()
    options.keepGoing = true
    let summary = try fixture.runner().run(options, observer: fixture.listener)
    #expect(summary.results.map(\.outcome) == [.failed, .failed])
    #expect(summary.exit == .badInput)
  }

  @Test func aFrozenStageHoldsTheWaveBack() throws {
    let fixture = try fixture()
    try fixture.run()
    try fixture.copy("a", from: "raw", to: "out/a", "frozen: true")
    try fixture.write("y\n", to: "raw")
    let states = try fixture.runner().status().map(\.state)
    #expect(states == [.frozen, .fresh, .fresh, .fresh, .fresh, .stale])
    #expect(try fixture.ran("a", force: true).isEmpty)
    #expect(try fixture.ran() == ["side"])
  }
}
