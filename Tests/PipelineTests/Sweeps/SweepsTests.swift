// Sweeps as files: what is left to do after a kill at any state, what others ask meanwhile, and files that are damaged.

import Basics
import Foundation
import Notebook
import Pipeline
import Testing

@Suite struct SweepsTests {
  let fixture: WorkspaceFixture
  let sweeps: Sweeps

  init() throws {
    fixture = try WorkspaceFixture("rate: 1\nseed: 1\n")
    sweeps = Sweeps(fixture.workspace)
  }

  func make(_ count: Int = 4) throws -> Sweep {
    try sweeps.make(
      Sweep.Request(assignments: ["rate=1..\(count)"], metric: "score"), keys: ["rate"],
      values: (1...count).map { ["\($0)"] }, basis: "b")
  }

  func states(_ id: Int) throws -> [String] { try sweeps.sweep(id).settings.map(\.state.rawValue) }

  /// The file as it is where the command that ran it was killed.
  func kill(_ sweep: Sweep, at states: [Sweep.State]) throws {
    var sweep = sweep
    for (index, state) in states.enumerated() {
      sweep.settings[index].state = state
      if state == .done { (sweep.settings[index].score, sweep.settings[index].seconds) = (0.5, 2) }
      if state == .failed { sweep.settings[index].error = "it failed" }
    }
    try sweeps.save(sweep)
  }

  @Test func whatWasBrokenOffWaitsAgain() throws {
    let sweep = try make()
    try kill(sweep, at: [.done, .failed, .running, .waiting])
    // Nobody runs it, whatever the file says.
    #expect(try states(1) == ["done", "failed", "waiting", "waiting"])
    let right = try sweeps.take()
    let begun = try sweeps.begin(1)
    withExtendedLifetime(right) {}
    #expect(begun.settings.map(\.state) == [.done, .waiting, .waiting, .waiting])
    #expect(begun.settings[1].error == nil && begun.settings[0].score == 0.5)
    #expect(begun.next?.number == 2)
    #expect(try sweeps.sweep(1) == begun)
  }

  @Test func whatRunsIsSeenAsRunning() throws {
    let sweep = try make()
    try kill(sweep, at: [.running])
    let right = try sweeps.take()
    #expect(sweeps.runningProcess == getpid())
    #expect(try states(1) == ["running", "waiting", "waiting", "waiting"])
    #expect(
      message { try sweeps.remove(setting: 1, of: 1) }?.contains("work stop") == true)
    // What another one had left running when it was killed waits.
    _ = try make()
    #expect(try states(1)[0] == "waiting")
    withExtendedLifetime(right) {}
  }

  @Test func whatWaitsCanBeRemovedByAnybody() throws {
    var sweep = try make()
    try sweeps.remove(setting: 3, of: 1)
    try sweeps.remove(setting: 3, of: 1)
    #expect(try states(1) == ["waiting", "waiting", "removed", "waiting"])
    // The command that runs the sweep takes that in, and writes it down.
    sweep = try sweeps.sweep(1)
    try sweeps.save(sweep)
    #expect(try sweeps.begin(1).settings[2].state == .removed)
    #expect(message { try sweeps.remove(setting: 5, of: 1) }?.contains("no setting 5") == true)
    #expect(message { try sweeps.remove(setting: 1, of: 2) }?.contains("no sweep 2") == true)
    try kill(sweep, at: [.done])
    #expect(message { try sweeps.remove(setting: 1, of: 1) }?.contains("waits no more") == true)
    // What had begun before it was removed has run.
    var done = try sweeps.sweep(1)
    try sweeps.remove(setting: 2, of: 1)
    done.settings[1].state = .done
    try sweeps.save(done)
    #expect(try states(1)[1] == "done")
  }

  @Test func pauseIsAFile() throws {
    #expect(!sweeps.isPaused)
    try sweeps.resume()
    try sweeps.pause()
    try sweeps.pause()
    #expect(sweeps.isPaused && Sweeps(fixture.workspace).isPaused)
    try sweeps.resume()
    #expect(!sweeps.isPaused)
  }

  @Test func theSameRequestFindsItsSweep() throws {
    let first = try make()
    let second = try make()
    #expect([first.id, second.id] == [1, 2] && sweeps.ids() == [1, 2])
    #expect(try sweeps.latest(first.request, basis: "b")?.id == 2)
    #expect(try sweeps.latest(first.request, basis: "c") == nil)
    var other = first.request
    other.seed = 3
    #expect(try sweeps.latest(other, basis: "b") == nil)
  }

  @Test(arguments: ["", "{}", "{\"version\": 9}", "\u{0}\u{FF}"])
  func aDamagedFileIsSaid(_ text: String) throws {
    _ = try make()
    try fixture.write(text, to: ".work/sweeps/1/sweep.json")
    let said = message { _ = try sweeps.all() }
    #expect(said?.contains("sweeps/1/sweep.json: is damaged") == true, "\(said ?? "nothing")")
  }

  @Test func namesThatAreNoneAreNoSettings() throws {
    _ = try make()
    for name in ["remove-x", "remove--1", "remove-99", "remove-2.tmp"] {
      try fixture.write("", to: ".work/sweeps/1/\(name)")
    }
    try fixture.write("", to: ".work/sweeps/other/sweep.json")
    #expect(sweeps.ids() == [1])
    #expect(try states(1).allSatisfy { $0 == "waiting" })
  }

  @Test func budgets() throws {
    var sweep = try make()
    sweep.budget = 2
    #expect(sweep.next?.number == 1 && sweep.allowedCount == 2)
    for index in 0..<2 {
      (sweep.settings[index].state, sweep.settings[index].seconds) = (.done, 1800)
    }
    #expect(sweep.isSpent && sweep.next == nil && sweep.isOpen && sweep.allowedCount == 0)
    sweep.budget = nil
    sweep.hours = 1.4
    // An hour has gone, and the next takes half of one.
    #expect(sweep.isSpent && sweep.allowedCount == 0)
    sweep.hours = 1.5
    #expect(!sweep.isSpent && sweep.allowedCount == 1)
    sweep.hours = 9
    #expect(sweep.allowedCount == 2 && sweep.expectedSeconds == 1800)
  }

  @Test func theBestComesFirst() throws {
    var sweep = try make()
    for (index, score) in [0.5, 0.7, 0.7, 0.6].enumerated() {
      (sweep.settings[index].state, sweep.settings[index].score) = (.done, score)
    }
    #expect(sweep.ranking.map(\.number) == [2, 3, 4, 1])
    sweep.settings[1].state = .failed
    #expect(sweep.best?.number == 3)
  }

  // MARK: Scores

  func metricStage(_ name: String, _ output: String, _ more: String..., body: String) throws {
    try fixture.stage(
      name, "outs: [\(output)]", "params: [rate]", more.joined(separator: "\n# "),
      body: "echo x > \"$(out \(output))\"\n\(body)")
  }

  static let event = #"printf '{"metric": {"score": %s}}\n' "$1" >> "$(order events)""#

  @Test func theLastStageThatNamesAScoreHasIt() throws {
    try metricStage("a", "a.txt", body: "set -- 0.25; \(Self.event)")
    try fixture.stage(
      "b", "deps: [a.txt]", "outs: [b.txt]",
      body: "cp a.txt \"$(out b.txt)\"; set -- 0.75; \(Self.event)")
    try fixture.copy("c", from: "b.txt", to: "c.txt")
    let summary = try fixture.run("all")
    let score = try SweepScore("score", of: summary, in: fixture.workspace)
    #expect(score.value == 0.75 && score.parts == [])
    #expect(score.run == summary.folder?.lastPathComponent)
    // Nothing is to be done the second time, and the score is the same.
    let again = try fixture.run("all")
    #expect(again.folder == nil)
    #expect(try SweepScore("score", of: again, in: fixture.workspace) == score)
    let said = message { _ = try SweepScore("scor", of: summary, in: fixture.workspace) }
    #expect(said?.contains("did you mean “score”") == true, "\(said ?? "")")
  }

  @Test func theMeanOfInstancesIsTheScore() throws {
    try fixture.write("rate: 1\nfolds: 2\n", to: "params.yaml")
    try fixture.stage(
      "t", "outs: [\"t-${fold}.txt\"]", "foreach: {fold: folds}",
      body: """
        case "$(order instance)" in t@0) set -- 0.25;; *) set -- 0.75;; esac
        for f in 0 1; do o="$(out "t-$f.txt")"; [ -z "$o" ] || echo x > "$o"; done
        \(Self.event)
        """)
    let score = try SweepScore("score", of: fixture.run("all"), in: fixture.workspace)
    #expect(score.value == 0.5 && score.parts == [0.25, 0.75])
  }

  @Test func aScoreThatIsNoNumberIsNone() throws {
    try metricStage(
      "a", "a.txt", body: #"printf '{"metric": {"loss": 1e999}}\n' >> "$(order events)""#)
    let summary = try fixture.run("all")
    #expect(message { _ = try SweepScore("loss", of: summary, in: fixture.workspace) } != nil)
  }

  // MARK: What scores depend on

  func basis() throws -> String {
    try Sweep.basis(fixture.runner().project, target: "a", without: ["rate"])
  }

  @Test func otherParametersOrCodeMakeAnotherSweep() throws {
    try fixture.stage(
      "a", "outs: [a.txt]", "params: [rate, seed]", body: "echo > \"$(out a.txt)\"")
    let basis = try basis()
    #expect(try self.basis() == basis)
    var request = Sweep.Request(assignments: ["rate=1,2"], metric: "score")
    request.target = "a"
    let sweep = try sweeps.make(request, keys: ["rate"], values: [["1"], ["2"]], basis: basis)
    try sweep.checkBasis(fixture.runner().project)
    try fixture.write("rate: 1\nseed: 2\n", to: "params.yaml")
    let said = message { try sweep.checkBasis(fixture.runner().project) }
    #expect(said?.contains("sweep 1 began with") == true, "\(said ?? "")")
    // What settings set anyway, what changes no result, and what no stage of the sweep reads.
    try fixture.write(
      "rate: 5\nseed: 1\nother: 3\nruntime: {threads: 2}\n", to: "params.yaml")
    try fixture.stage("b", "deps: [a.txt]", "outs: [b.txt]", body: "echo > \"$(out b.txt)\"")
    try sweep.checkBasis(fixture.runner().project)
    try fixture.stage(
      "a", "outs: [a.txt]", "params: [rate, seed]", body: "echo b > \"$(out a.txt)\"")
    #expect(try self.basis() != basis)
  }
}
