// Successive halving: which settings go on, after how many epochs, and that a training which does comes to the end without
// an epoch trained twice, whatever ran between.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct HalvingTests {
  let fixture: WorkspaceFixture

  init() throws { fixture = try WorkspaceFixture("rate: 1\n") }

  func sweep(_ count: Int, from epochs: Int, isLess: Bool = false) throws -> Sweep {
    var request = Sweep.Request(assignments: ["rate=1..\(count)"], metric: "score")
    (request.halving, request.isLessBetter) = (epochs, isLess)
    return try Sweeps(fixture.workspace).make(
      request, keys: ["rate"], values: (1...count).map { ["\($0)"] }, basis: "b")
  }

  /// Runs a sweep in the mind alone: the score is the setting's number.
  func course(_ sweep: inout Sweep, planned: Int) throws -> [String] {
    var steps: [String] = []
    while true {
      let dropped = sweep.cut()
      if !dropped.isEmpty { steps.append("drop \(dropped.map(\.number))") }
      guard var setting = sweep.next else { return steps }
      if let stop = sweep.stop(setting) {
        steps.append("\(setting.number) to \(stop)")
        setting.rungs.append(try rung(stop, Double(setting.number)))
        setting.planned = planned
      } else {
        steps.append("\(setting.number) to the end")
        (setting.state, setting.score) = (.done, Double(setting.number))
      }
      sweep.set(setting)
    }
  }

  func rung(_ epochs: Int, _ score: Double) throws -> SweepRung {
    try JSONDecoder().decode(
      SweepRung.self,
      from: Data(#"{"epochs":\#(epochs),"score":\#(score),"parts":[\#(score)]}"#.utf8))
  }

  @Test func aThirdGoesOnForThreeTimesAsLong() throws {
    var sweep = try sweep(9, from: 2)
    #expect(
      try course(&sweep, planned: 40) == (1...9).map { "\($0) to 2" }
        + ["drop [6, 5, 4, 3, 2, 1]", "7 to 6", "8 to 6", "9 to 6", "drop [8, 7]", "9 to the end"])
    #expect(sweep.best?.number == 9 && !sweep.isOpen)
    #expect(sweep.compared.map(\.number) == Array((1...9).reversed()))
  }

  @Test func fewEpochsAreTrainedToTheEnd() throws {
    var sweep = try sweep(4, from: 5, isLess: true)
    #expect(
      try course(&sweep, planned: 15)
        == [
          "1 to 5", "2 to 5", "3 to 5", "4 to 5", "drop [3, 4]", "1 to the end", "2 to the end",
        ])
    #expect(sweep.effects.first?.groups.map(\.count) == [1, 1, 1, 1])
  }

  @Test func hugeRungsAreNoOverflow() throws {
    var sweep = try sweep(3, from: .max / 2)
    #expect(try course(&sweep, planned: 9).last == "3 to the end")
  }

  // MARK: With a training

  static let epochs = 7

  /// A training of seven epochs, which heeds requests as ours does, and tells its score by epoch.
  func train() throws {
    try fixture.stage(
      "train", "params: [rate]", "outs: [model.txt]",
      body: #"""
        rate=$(sed -n 's|^ *"rate" : \([0-9]*\),*$|\1|p' "$WORK_ORDER")
        r="$(order requests)"; s="$(order scratch)"; mkdir -p "$r"
        tell() { printf '{"metric": {"score of fold": 0.%s%s}, "step": %s}\n' "$rate" "$1" "$1" >> "$(order events)"; }
        n=0; [ ! -e "$s/n" ] || n=$(cat "$s/n")
        i=0; while [ $i -lt $n ]; do i=$((i+1)); tell $i; done
        stop=
        while [ $n -lt 7 ] && [ -z "$stop" ]; do
          sleep 0.25; n=$((n+1)); echo "$rate $n" >> epochs
          if [ $n -lt 7 ] && [ -e "$r/stop-after-epoch" ]; then stop=1; fi
          echo $n > "$s/n"; tell $n
        done
        [ -z "$stop" ] || printf '{"course": {"planned": 7, "stopped_after": %s}}\n' $n >> "$(order events)"
        echo "$rate $n" > "$(out model.txt)"
        """#)
  }

  func run(_ rate: Int, to step: Int?) throws -> RunSummary {
    var options = RunOptions(targets: ["train"])
    options.stopAfterStep = step
    return try fixture.runner("rate=\(rate)").run(options, observer: fixture.listener)
  }

  @Test func aStoppedTrainingGoesOnThoughOthersRanBetween() throws {
    try train()
    let first = try run(1, to: 1)
    #expect(fixture.read("model.txt") == "1 1\n")
    let rung = try SweepRung("score", after: 1, of: first, in: fixture.workspace)
    #expect(rung.score == 0.11 && rung.parts == [0.11])
    // Another one is trained to the end, and keeps the checkpoint of the first.
    #expect(try run(2, to: nil).exit == .ok)
    #expect(fixture.read("model.txt") == "2 7\n")
    #expect(try run(1, to: 3).exit == .ok)
    #expect(fixture.read("model.txt") == "1 3\n")
    // What is stopped where that is asked needs no run, and its score is known.
    let starts = fixture.starts("train")
    let again = try run(1, to: 3)
    #expect(fixture.starts("train") == starts)
    #expect(try SweepRung("score", after: 3, of: again, in: fixture.workspace).score == 0.13)
    // What the cache has in full needs none either.
    let cached = try run(2, to: 3)
    #expect(fixture.starts("train") == starts && fixture.read("model.txt") == "2 7\n")
    #expect(try SweepRung("score", after: 3, of: cached, in: fixture.workspace).score == 0.23)
    #expect(try run(1, to: nil).exit == .ok)
    #expect(fixture.read("model.txt") == "1 7\n")
    // No epoch was trained twice.
    let trained = (fixture.read("epochs") ?? "").split(separator: "\n")
    #expect(trained.count == 2 * Self.epochs && Set(trained).count == trained.count, "\(trained)")
  }

  @Test func checkpointsOfDroppedSettingsGo() throws {
    try train()
    let summary = try run(1, to: 1)
    _ = try run(2, to: 1)
    var sweep = try sweep(2, from: 1)
    sweep.settings[0].run = summary.folder?.lastPathComponent
    let folder = fixture.url.appendingPathComponent(".work/scratch/train")
    func count() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: folder.path).count
    }
    #expect(try count() == 2)
    try Sweeps(fixture.workspace).removeCheckpoints(of: sweep.settings[0])
    #expect(try count() == 1)
    // An order that names another place removes nothing there.
    let order = "\(fixture.url.path)/.work/runs/\(sweep.settings[0].run ?? "")/train.order.json"
    let text = try String(contentsOfFile: order, encoding: .utf8)
    try fixture.write("x", to: "a/b/c/keep")
    let scratch = try #require(
      text.split(separator: "\n").first { $0.contains("\"scratch\"") }?.split(separator: "\"")[2])
    try Data(text.replacing(scratch, with: "\(fixture.url.path)/a/b/c").utf8)
      .write(to: URL(fileURLWithPath: order))
    try Sweeps(fixture.workspace).removeCheckpoints(of: sweep.settings[0])
    #expect(fixture.exists("a/b/c/keep") && fixture.exists(".work/scratch"))
  }

  @Test func aTrainingThatTellsNoScoreIsSaid() throws {
    try fixture.stage("train", "outs: [m.txt]", body: "echo x > \"$(out m.txt)\"")
    let summary = try fixture.run("train")
    let said = message { _ = try SweepRung("score", after: 1, of: summary, in: fixture.workspace) }
    #expect(said?.contains("score of fold") == true, "\(said ?? "")")
  }
}
