// What a run's folder keeps, and what differs between two runs.

import Basics
import Foundation
import Notebook
import Pipeline
import Testing

@Suite struct RunDiffTests {
  /// `train@k` tells of two epochs, `judge` keeps a table of scores that depends on the parameter `lift`.
  private func fixture() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("lift: 0\nfolds: 2\n")
    try fixture.stage(
      "train", "params: [lift]", "outs: [\"m/${k}\"]", "foreach: {k: folds}",
      body: #"""
        k=$(sed -n 's/.*"k" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
        lift=$(sed -n 's/.*"lift" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
        { echo '{"metric": {"loss": 3}, "step": 2}'; echo '{"metric": {"loss": 4}, "step": 1}'
          echo '{"metric": {"loss": 2}, "step": 2}'; echo "{\"metric\": {\"score\": 0.$lift$k}}"
        } >> "$(order events)"
        echo $lift > "$(out m/$k)"
        """#)
    try fixture.stage(
      "judge", "deps: [m]", "outs: [eval]", "keep: [eval/scores.csv, eval/large, eval/none]",
      body: #"""
        d="$(out eval)"; mkdir "$d"; l=$(cat m/0)
        head -c 5000000 /dev/zero > "$d/large"
        { echo 'id,fold,score'; echo "\"a, or b\",0,0.5"; echo "c,0,0.1"; echo "d,1,0.${l}5"; } > "$d/scores.csv"
        """#)
    return fixture
  }

  private func run(_ fixture: WorkspaceFixture, _ overrides: [String] = []) throws -> String {
    try #require(try fixture.run("all", overrides: overrides).folder?.lastPathComponent)
  }

  @Test func aRunKeepsWhatItsHeadersName() throws {
    let fixture = try fixture()
    let id = try run(fixture)
    #expect(
      fixture.read(".work/runs/\(id)/kept/judge/eval/scores.csv")?.hasPrefix("id,fold,score\n")
        == true)
    #expect(!fixture.exists(".work/runs/\(id)/kept/judge/eval/large"))
    #expect(
      fixture.listener.notices.contains {
        $0.hasPrefix("eval/large is not kept with the run: it has")
      })
    #expect(
      fixture.listener.notices.contains(
        "eval/none is not kept with the run: judge did not write it"))
    // Keeping is no part of what a stage is.
    let text = try #require(fixture.read("stages/judge.sh"))
    try fixture.write(text.replacing(", eval/large, eval/none", with: ""), to: "stages/judge.sh")
    #expect(try fixture.ran().isEmpty)
    try fixture.write(text.replacing("eval/none", with: "other"), to: "stages/judge.sh")
    #expect(
      message { _ = try fixture.runner() }?.contains("keep: other is not a declared output") == true
    )
  }

  @Test func theRecordHoldsAllThatARunWasMadeOf() throws {
    let fixture = try fixture()
    let id = try run(fixture, ["lift=3"])
    let data = Data(try #require(fixture.read(".work/runs/\(id)/run.json")).utf8)
    let record = try JSONDecoder().decode(JSONValue.self, from: data)
    #expect(record["parameters"]?["lift"] == .int(3))
    guard case .array(let items)? = record["instances"] else {
      throw WorkspaceFixtureError(description: "none")
    }
    #expect(items.map { $0["instance"]?.plainText } == ["train@0", "train@1", "judge"])
    let train = items[0]
    #expect(
      train["history"]?.canonical
        == #"[{"metrics": {"loss": 4}, "step": 1}, {"metrics": {"loss": 2}, "step": 2}]"#)
    #expect(train["metrics"]?["loss"] == .int(2))
    #expect(train["code"]?["stages/train.sh"]?.plainText.count == 64)
    #expect(train["outputs"]?["m/0"]?["size"] == .int(2))
    #expect(train["overrides"] == .array([.string("lift")]))
    #expect(
      train["started"] != nil && train["ended"] != nil && train["status"]?.plainText == "done")
    #expect(items[2]["inputs"]?["m/1"]?["hash"]?.plainText.count == 64)
    #expect(items[2]["kept"] == .array([.string("eval/scores.csv")]))
    let metrics = try fixture.runner().currentMetrics()
    #expect(metrics.map(\.instance) == ["train@0", "train@1"] && metrics[0].history.count == 2)
  }

  @Test func twoRunsFoldByFoldAndImageByImage() throws {
    let fixture = try fixture()
    let old = try run(fixture)
    let new = try run(fixture, ["lift=4"])
    let diff = try fixture.history.diff(old, new)
    #expect(diff.parameters.map(\.name) == ["lift"])
    #expect(diff.parameters.first?.old == "0" && diff.parameters.first?.new == "4")
    #expect(diff.code.isEmpty && diff.inputs.isEmpty && diff.commits.isEmpty)
    let score = try #require(diff.metrics.first { $0.name == "train.score" })
    #expect(score.parts.map(\.name) == ["0", "1"])
    #expect(score.parts.allSatisfy { abs($0.difference - 0.4) < 1e-12 })
    #expect(score.paired?.isNoise == false)
    let scores = try #require(diff.scores.first)
    #expect(scores.path == "eval/scores.csv" && scores.unmatched == 0)
    #expect(scores.changed.map(\.name) == ["d"] && abs(scores.changed[0].difference - 0.4) < 1e-12)
    #expect(scores.folds.map(\.name) == ["0", "1"] && scores.folds[0].old == 0.3)
    #expect(abs((scores.byFold?.mean ?? 0) - 0.2) < 1e-12 && scores.byFold?.isNoise == true)
    #expect(scores.byRow.count == 3)

    // A run in which the tables' stage was fresh takes them from the run that made them.
    try fixture.stage("other", "outs: [o]", body: #"echo > "$(out o)""#)
    let third = try run(fixture, ["lift=4"])
    #expect(!fixture.exists(".work/runs/\(third)/kept"))
    #expect(try fixture.history.diff(old, third).scores == [scores])
    #expect(try fixture.runner().parameterChanges(from: old, to: new).map(\.name) == ["lift"])
    #expect(try fixture.runner().parameterChanges(since: new).map(\.new) == ["0"])
    let now = try fixture.runner().parameterChanges()
    #expect(now.map(\.instances) == [["train@0", "train@1"]] && now[0].wasOverridden)
  }

  @Test func whatARunDidNotComeToHasNoScoresInIt() throws {
    let fixture = try fixture()
    let old = try run(fixture)
    try fixture.write("lift: 3\nfolds: 2\n", to: "params.yaml")
    let new = try run(fixture)
    let train = try #require(fixture.read("stages/train.sh"))
    try fixture.write(train + "\nexit 1\n", to: "stages/train.sh")
    let broken = try run(fixture)
    #expect(try fixture.history.diff(old, new).scores.map(\.path) == ["eval/scores.csv"])
    #expect(try fixture.history.diff(old, broken).scores.isEmpty)
  }

  @Test func changedCodeAndInputsAreNamed() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write("1", to: "raw")
    try fixture.copy("a", from: "raw", to: "a.txt")
    try fixture.copy("b", from: "a.txt", to: "b.txt")
    let old = try run(fixture)
    try fixture.write("2", to: "raw")
    try fixture.copy("b", from: "a.txt", to: "b.txt", "params: []")
    try fixture.stage(
      "b", "deps: [a.txt]", "outs: [b.txt]", body: #"cat a.txt a.txt > "$(out b.txt)""#)
    let diff = try fixture.history.diff(old, try run(fixture))
    #expect(diff.code == ["stages/b.sh"] && diff.inputs == ["raw"])
  }

  /// Values of Student's t from published tables, to three decimals.
  @Test(arguments: [
    (1, 12.706), (4, 2.776), (10, 2.228), (11, 2.201), (15, 2.131), (30, 2.042), (120, 1.980),
  ])
  func quantileOfStudentsT(_ degrees: Int, _ wanted: Double) {
    #expect(abs(PairedDifference.quantile(degrees: degrees) - wanted) < 1.5e-3)
  }

  @Test func theBandOfPairedDifferences() {
    // mean 2, standard deviation 1, n 3: 4.303 / sqrt(3)
    let paired = PairedDifference([1, 2, 3])
    #expect(paired.mean == 2 && paired.deviation == 1)
    #expect(abs((paired.band ?? 0) - 2.4843) < 1e-3 && paired.isNoise == true)
    #expect(PairedDifference([1]).band == nil && PairedDifference([]).isNoise == nil)
  }
}
