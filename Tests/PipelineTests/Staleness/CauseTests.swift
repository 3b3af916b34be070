// Which file of a folder and which cell of a script changed, as text and taken apart.

import Foundation
import Pipeline
import Testing

@Suite struct CauseTests {
  private let makeSet = #"""
    d="$(out data/set)"; mkdir -p "$d/sub"
    for i in 1 2 3 4 5 6 7 8 9; do echo $i > "$d/sub/$i"; done
    """#

  /// raw/ → set/ (nine files) → end.
  private func fixture() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("n: {a: 1, b: x}\n")
    try fixture.write("1\n", to: "raw/one")
    try fixture.write("2\n", to: "raw/two words")
    try fixture.stage("a", "deps: [raw]", "params: [n]", "outs: [data/set]", body: makeSet)
    try fixture.stage("b", "deps: [data/set]", "outs: [end]", body: #"echo > "$(out end)""#)
    try fixture.run()
    return fixture
  }

  @Test func filesOfAFolderAreNamed() throws {
    let fixture = try fixture()
    try fixture.write("3\n", to: "raw/two words")
    #expect(try fixture.reasons("a") == ["input raw changed: two words changed"])
    try fixture.remove("raw/one")
    try fixture.write("new\n", to: "raw/line\nbreak")
    #expect(
      try fixture.reasons("a") == [
        "input raw changed: two words changed; line\nbreak added; one missing"
      ])
    #expect(try fixture.ran() == ["a"])
    try fixture.remove("raw/line\nbreak")
    #expect(try fixture.reasons("a") == ["input raw changed: line\nbreak missing"])
    #expect(try fixture.ran() == ["a"])
    for name in 1...9 { try fixture.write("x\n", to: "data/set/sub/\(name)") }
    try fixture.remove("data/set/sub/5")
    let reason = try #require(try fixture.status("a")?.reasons.first)
    #expect(
      reason.description == "output data/set was changed since it was made: "
        + "sub/1, sub/2, sub/3 and 5 more changed; sub/5 missing")
    let cause = try #require(reason.causes.first)
    #expect(cause.kind == "output" && cause.change == "changed" && cause.key == "data/set")
    #expect(cause.parts?.changed.count == 8 && cause.parts?.missing == ["sub/5"])
    // What the next stage reads is made anew before it runs, so that is no cause of its own.
    #expect(try fixture.reasons("b") == ["depends on a"])
  }

  @Test func listingsAreAMemoryAid() throws {
    let fixture = try fixture()
    let folder = fixture.url.appendingPathComponent(".work/trees")
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(kept.count == 2)
    try fixture.write("3\n", to: "raw/one")
    for name in kept { try fixture.write("damaged", to: ".work/trees/\(name)") }
    #expect(try fixture.reasons("a") == ["input raw changed"])
    try fixture.remove(".work/trees")
    #expect(try fixture.reasons("a") == ["input raw changed"])
    #expect(try fixture.ran() == ["a"])
    // What no entry of the lock knows any more goes with the next run.
    let now = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(now.count == 2 && Set(now) != Set(kept))
  }

  @Test func cellsOfAScriptAreNamed() throws {
    let fixture = try WorkspaceFixture()
    func script(_ first: String, _ second: String, _ rest: String = "") throws {
      try fixture.stage(
        "a", "outs: [end]",
        body: "\(rest)\n# %% Load it\n\(first)\n# %% Draw\n\(second)\necho > \"$(out end)\"")
    }
    try script("echo 1", "echo 2")
    try fixture.run()
    try script("echo 1", "echo 3")
    #expect(try fixture.reasons("a") == ["code of stages/a.sh changed: cell “Draw” changed"])
    try script("echo 1", "echo 2\n# %% More\necho 4", "true")
    #expect(
      try fixture.reasons("a") == [
        "code of stages/a.sh changed: what is outside of cells, cell “Draw” changed; cell “More” added"
      ])
  }

  @Test func cellsOfSwift() throws {
    func parts(_ old: String, _ new: String) throws -> PartChanges {
      func listing(_ source: String) throws -> TreeListing {
        try #require(ScriptCells.swift(Array(source.utf8)))
      }
      return try listing(new).changes(since: listing(old))
    }
    let script = """
      import Workbench
      try await Stage.run { stage in
        let a = 1
        cell("One")
        let b = [a].map { $0 + 1 }
        // %% [markdown]
        // # Prose
        cell("Two \\(a)")
        show(b)
      }
      func helper() { 1 }
      """
    #expect(try parts(script, script.replacing("// # Prose", with: "// # Other")).isEmpty)
    #expect(try parts(script, script.replacing("$0 + 1", with: "$0 + 2")).changed == ["One"])
    #expect(
      try parts(script, script.replacing("show(b)", with: "show(a)")).changed == ["Two \\(a)"])
    #expect(try parts(script, script.replacing("{ 1 }", with: "{ 2 }")).changed == [""])
    #expect(try parts(script, script.replacing("let a = 1", with: "let a = 2")).changed == [""])
    let renamed = try parts(script, script.replacing("\"One\"", with: "\"1\""))
    #expect(renamed.added == ["1"] && renamed.missing == ["One"] && renamed.changed.isEmpty)
    let twice = script.replacing("show(b)", with: "cell(\"One\")\n show(b)")
    #expect(try parts(script, twice).added == ["One (2)"])
    // Not calls of ours; and no cells at all.
    #expect(ScriptCells.swift(Array("a.cell(\"One\")\nfunc cell(\"\") {}".utf8)) == nil)
  }

  @Test func causesTakenApart() throws {
    let fixture = try fixture()
    try fixture.write("n: {a: 2, c: y}\n", to: "params.yaml")
    let causes = try #require(try fixture.status("a")).reasons.flatMap(\.causes)
    #expect(
      causes.map { [$0.kind, $0.change, $0.key, $0.old, $0.new] } == [
        ["parameter", "changed", "n.a", "1", "2"], ["parameter", "removed", "n.b", "\"x\"", nil],
        ["parameter", "added", "n.c", nil, "\"y\""],
      ])
    let upstream = try #require(try fixture.status("b")).reasons.flatMap(\.causes)
    #expect(upstream.map(\.kind) == ["upstream"] && upstream.map(\.key) == ["a"])
  }
}
