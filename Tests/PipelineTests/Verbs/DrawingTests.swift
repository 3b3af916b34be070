// The graph drawn with marks, cleaning, and new stages.

import Foundation
import Pipeline
import Scripts
import Testing

@Suite struct DrawingTests {
  private func fixture() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("n: 2\n")
    try fixture.write("1", to: "raw")
    try fixture.copy("a", from: "raw", to: "data/a", #"desc: says "hi" \ <b>"#)
    try fixture.stage(
      "b", "deps: [data/a]", "outs: [\"b${k}\"]", "foreach: {k: n}",
      body: #"echo > "$(out "$(sed -n 's|^ *"\(b[01]\)" : .*|\1|p' "$WORK_ORDER")")""#)
    return fixture
  }

  @Test func marksAreThoseOfStatus() throws {
    let fixture = try fixture()
    try fixture.run()
    try fixture.remove("b1")
    let marks = StageMark.marks(try fixture.runner().status())
    let graph = try fixture.runner().graph
    #expect(
      graph.text(marks) { mark, text in mark.isFresh ? text : "*\(text)" }
        == "0  a      fresh\n1  b × 2  *1 of 2 stale  ← a")
    #expect(
      graph.mermaid(marks)
        == """
        flowchart TD
          s0["a<br>fresh"]
          s1["b × 2<br>1 of 2 stale"]:::stale
          s0 --> s1
          classDef stale fill:#fff3cd,stroke:#b8860b,color:#3d2e00
        """)
    #expect(
      graph.dot(marks)
        == #"""
        digraph work {
          node [shape=box, style="rounded,filled", fillcolor=white];
          "a" [label="a\nfresh", tooltip="says \"hi\" \\ <b>"];
          "b" [label="b × 2\n1 of 2 stale", tooltip="", fillcolor="#fff3cd", color="#b8860b"];
          "a" -> "b";
        }
        """#)
  }

  @Test func cleaningLeavesWhatCantBeMadeAgain() throws {
    let fixture = try fixture()
    try fixture.run()
    try fixture.write("x", to: ".work/pages/a.html")
    try fixture.write("x", to: ".work/scratch/a/0/state/checkpoint")
    try fixture.write("x", to: ".work/work.1-1.work-new")
    let runner = try fixture.runner()
    let plain = try runner.cleaning()
    #expect(
      plain.items.map(\.path) == [
        ".work/pages", ".work/scratch", ".work/hashes", ".work/work.1-1.work-new",
      ])
    #expect(plain.items[0].bytes == 1)
    try runner.clean(plain)
    #expect(!fixture.exists(".work/pages") && !fixture.exists(".work/work.1-1.work-new"))
    #expect(fixture.exists(".work/runs") && fixture.exists("data/a") && fixture.exists("work.lock"))
    #expect(try fixture.ran().isEmpty)
    try runner.clean(runner.cleaning(outputs: ["b@1"]))
    #expect(fixture.exists("b0") && !fixture.exists("b1") && fixture.exists("data/a"))
    #expect(try fixture.ran() == ["b@1"])
    #expect(message { _ = try runner.cleaning(outputs: ["bb"]) }?.contains("no stage “bb”") == true)
    let hash = try #require(
      try runner.provenance(of: fixture.url.appendingPathComponent("data/a")).hash)
    try fixture.write(hash, to: "submissions/ledger.jsonl")
    #expect(message { _ = try runner.cleaning(outputs: ["a"]) }?.contains("as submitted") == true)
  }

  @Test func aNewStageIsOneThatCanBeRead() throws {
    let fixture = try fixture()
    let workspace = fixture.workspace
    try StageTemplate("fresh-one", .swift, in: workspace).write(in: workspace)
    let instance = try #require(try fixture.runner().graph["fresh-one"])
    #expect(
      instance.outputs == ["data/fresh-one.json"] && instance.script == "stages/fresh-one.swift")
    for (name, words) in [
      ("a", "stages/a.sh is there already"), ("Fresh-One", "is there already"),
      ("all", "no name for a stage"), ("x y", "no name"), ("../x", "no name"), ("", "no name"),
      ("1st", "no name"), ("work", "target work"),
    ] {
      let error = message { _ = try StageTemplate(name, .swift, in: workspace) }
      #expect(error?.contains(words) == true, "\(name): \(error ?? "none")")
    }
  }
}
