// The table of runs: what a run leaves, reading it, choosing, sorting, naming and removing runs.

import Foundation
import Notebook
import Pipeline
import Testing

extension WorkspaceFixture {
  /// Writes the record of a run as `work` leaves it, without running anything.
  func addRun(
    _ id: String, filters: Int = 8, score: Double? = nil, folds: [Double] = [],
    backend: String = "blas", status: String = "ok", more: String = ""
  ) throws {
    var items = folds.enumerated().map { k, score in
      #"{"instance": "train@\#(k)", "stage": "train", "status": "done", "reasons": [], "seconds": 2, "#
        + #""cpuSeconds": 3, "peakMemory": \#(1000 * (k + 1)), "unchanged": false, "#
        + #""metrics": {"score of fold": \#(score)}}"#
    }
    if let score {
      items.append(
        #"{"instance": "evaluate", "stage": "evaluate", "status": "done", "reasons": [], "seconds": 1, "#
          + #""metrics": {"score": \#(score)}, "unchanged": false}"#)
    }
    try write(
      """
      {"version": 2, "started": "2026-01-02T03:04:05Z", "ended": "2026-01-02T03:05:05Z",
       "status": "\(status)", "exit": 0, "targets": ["all"], "runtime": {"threads": 2},
       "overrides": {"model.filters": \(filters)},
       "parameters": {"model": {"filters": \(filters), "kind": "unet"},
                      "engine": {"backend": "\(backend)"}, "runtime": {"threads": 2}},
       \(more) "instances": [\(items.joined(separator: ", "))]}
      """, to: ".work/runs/\(id)/run.json")
  }

  var history: RunHistory { RunHistory(workspace) }
  var table: RunTable { RunTable(history) }
}

@Suite struct RunTableTests {
  private func fixture() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture()
    try fixture.addRun("20260101T000000Z-1", filters: 8, score: 0.7, folds: [0.6, 0.8])
    try fixture.addRun("20260102T000000Z-2", filters: 16, score: 0.85, folds: [0.8, 0.9])
    try fixture.addRun("20260102T000000Z-10", filters: 16, score: 0.75, backend: "onednn")
    try fixture.addRun("20260103T000000Z-1", filters: 32, status: "failed")
    return fixture
  }

  private func ids(_ table: RunTable) -> [String] { table.rows.map { String($0.id.dropFirst(6)) } }

  @Test func newestFirstWithParametersAndMetrics() throws {
    let table = try fixture().table
    #expect(
      ids(table) == ["03T000000Z-1", "02T000000Z-10", "02T000000Z-2", "01T000000Z-1"])
    #expect(table.parameters == ["engine.backend", "model.filters", "model.kind"])
    #expect(
      table.metrics == [
        "evaluate.score", "train.score of fold", "train@0.score of fold", "train@1.score of fold",
      ])
    #expect(table.changedParameters == ["engine.backend", "model.filters"])
    let row = try #require(table.rows.last)
    #expect(abs((row.metrics["train.score of fold"] ?? 0) - 0.7) < 1e-12)
    #expect(row.seconds == 60 && row.cpuSeconds == 6 && row.peakMemory == 2000)
    #expect(row.ran == ["train@0", "train@1", "evaluate"])
  }

  @Test(arguments: [
    ("score>0.8 and filters==16", ["02T000000Z-2"]),
    ("evaluate.score >= 0.75", ["02T000000Z-10", "02T000000Z-2"]),
    ("not (score > 0.8) and model.filters = 16", ["02T000000Z-10"]),
    ("backend == 'onednn' or filters == 8", ["02T000000Z-10", "01T000000Z-1"]),
    ("\"onednn\" != backend && score < 1", ["02T000000Z-2", "01T000000Z-1"]),
    ("score_of_fold > 0.8", ["02T000000Z-2"]),
    ("`train@0.score of fold` <= 0.6", ["01T000000Z-1"]),
    ("outcome != 'ok'", ["03T000000Z-1"]), ("targets == 'all' and filters == 32", ["03T000000Z-1"]),
    ("!(filters > -1.5e1)", []), ("kind == 'unet' and not score < 99", ["03T000000Z-1"]),
    (
      "overrides == 'model.filters'",
      ["03T000000Z-1", "02T000000Z-10", "02T000000Z-2", "01T000000Z-1"]
    ),
    ("overrides == 'filters=16'", ["02T000000Z-10", "02T000000Z-2"]),
    ("overrides == 'model.filters=32'", ["03T000000Z-1"]),
    ("duration == 60 and id < '20260102'", ["01T000000Z-1"]),
  ])
  func expressions(_ text: String, _ wanted: [String]) throws {
    #expect(ids(try fixture().table.filtered(text)) == wanted)
  }

  @Test(arguments: [
    ("score >", 8, "there should be a name"), ("score > 0.8 filters", 13, "`and`, `or` or the end"),
    ("skore > 1", 1, "did you mean “score”"), ("score ~ 1", 7, "means nothing here"),
    ("(score > 1", 11, "there should be )"), ("score", 6, "there should be a comparison"),
    ("score > 'a", 9, "never closed"), ("", 1, "there should be a name"),
    ("1 < 2 or and", 10, "there should be a name"),
    (String(repeating: "(", count: 5000) + "1", 100, "too deeply"),
  ])
  func errorsPointAtTheColumn(_ text: String, _ column: Int, _ words: String) throws {
    let table = try fixture().table
    let error = try #require(message { _ = try table.filtered(text) })
    #expect(error.hasPrefix("--where: column \(column): ") && error.contains(words), "\(error)")
    #expect(error.hasSuffix("\n  " + String(repeating: " ", count: column - 1) + "^"), "\(error)")
  }

  @Test func anAmbiguousNameIsRefused() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write(
      """
      {"started": "2026-01-01T00:00:00Z", "status": "ok", "targets": [], "overrides": {},
       "runtime": {}, "parameters": {"a": {"x": 1}, "b": {"x": 2}}, "instances": []}
      """, to: ".work/runs/20260101T000000Z-1/run.json")
    // This is no record: what misses `version` was never written by `work`. It is told of, though.
    #expect(fixture.table.rows.map(\.outcome) == ["damaged"])
    #expect(fixture.table.rows.map(\.started) == ["2026-01-01T00:00:00Z"])
    try fixture.write(
      """
      {"version": 2, "started": "2026-01-01T00:00:00Z", "status": "ok", "targets": [],
       "overrides": {}, "runtime": {}, "parameters": {"a": {"x": 1}, "b": {"x": 2}},
       "instances": []}
      """, to: ".work/runs/20260101T000000Z-1/run.json")
    let error = message { _ = try fixture.table.column("x") }
    #expect(error == "“x” may be a.x, b.x: write more of the name")
    #expect(try fixture.table.column("b.x") == .parameter("b.x"))
  }

  @Test func sorting() throws {
    var table = try fixture().table
    try table.sort(by: "-score")
    #expect(
      ids(table) == ["02T000000Z-2", "02T000000Z-10", "01T000000Z-1", "03T000000Z-1"])
    try table.sort(by: "filters")
    #expect(
      ids(table) == ["01T000000Z-1", "02T000000Z-2", "02T000000Z-10", "03T000000Z-1"])
    table.limit(to: 1)
    #expect(ids(table) == ["01T000000Z-1"])
    #expect(message { try table.sort(by: "nothing") }?.contains("nothing") == true)
  }

  @Test func theIndexFollowsWhatChanges() throws {
    let fixture = try fixture()
    let first = fixture.table.rows
    #expect(fixture.exists(".work/runs.index"))
    #expect(fixture.table.rows == first)
    // Changed, added, removed, labelled, and an index that is damaged.
    try fixture.addRun("20260103T000000Z-1", filters: 64)
    #expect(fixture.table.rows[0].parameters["model.filters"] == "64")
    try fixture.addRun("20260104T000000Z-1", filters: 7)
    #expect(fixture.table.rows.count == 5)
    #expect(fixture.table.rows[0].parameters["model.filters"] == "7")
    try fixture.remove(".work/runs/20260103T000000Z-1")
    #expect(fixture.table.rows.count == 4)
    try fixture.history.note("20260104T000000Z-1", "a word")
    #expect(fixture.table.rows[0].note == "a word")
    let rows = fixture.table.rows
    try fixture.write("{", to: ".work/runs.index")
    #expect(fixture.table.rows == rows)
    try fixture.remove(".work/runs.index")
    #expect(fixture.table.rows == rows)
  }

  @Test func recordsOfBeforeAreRead() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write(
      """
      {"version": 1, "started": "2026-01-01T00:00:00Z", "ended": "2026-01-01T00:00:09Z", "exit": 0,
       "status": "ok", "targets": ["a"], "overrides": {"b": 9}, "runtime": {}, "git": "0a1b",
       "instances": [{"instance": "a", "stage": "a", "status": "done", "reasons": ["forced"],
         "seconds": 1.5, "cpuSeconds": 1, "peakMemory": 5, "exitStatus": 0,
         "metrics": {"score": 0.5}, "unchanged": false}]}
      """, to: ".work/runs/20260101T000000Z-1/run.json")
    let row = try #require(fixture.table.rows.first)
    #expect(row.seconds == 9 && row.metrics == ["a.score": 0.5] && row.parameters == ["b": "9"])
    #expect(try fixture.table.filtered("b == 9 and score == 0.5").rows.count == 1)
    try fixture.addRun("20260102T000000Z-1", score: 0.6)
    #expect(try fixture.history.diff("20260101T000000Z-1", "20260102T000000Z-1").code.isEmpty)
  }

  @Test func runsThatWereKilledAreBrokenOff() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write(
      """
      {"version": 2, "started": "2026-01-01T00:00:00Z", "status": "running", "targets": [],
       "overrides": {}, "runtime": {}, "process": 1, "instances": []}
      """, to: ".work/runs/20260101T000000Z-1/run.json")
    #expect(fixture.table.rows.map(\.outcome) == ["broken off"])
    #expect(fixture.table.rows.map(\.outcome) == ["broken off"])
  }

  // MARK: Names

  @Test func runsAreNamedByIdPrefixTagAndAge() throws {
    let fixture = try fixture()
    let history = fixture.history
    #expect(try history.id(of: "latest") == "20260103T000000Z-1")
    #expect(try history.id(of: "latest~2") == "20260102T000000Z-2")
    #expect(try history.id(of: "20260101") == "20260101T000000Z-1")
    #expect(try history.id(of: "20260102T000000Z-2") == "20260102T000000Z-2")
    #expect(
      message { _ = try history.id(of: "20260102") }
        == "“20260102” is the beginning of 2 runs' ids: 20260102T000000Z-10, 20260102T000000Z-2")
    #expect(message { _ = try history.id(of: "latest~4") }?.contains("only 4 runs") == true)
    #expect(message { _ = try history.id(of: "") }?.contains("no run “”") == true)
    try history.tag("20260101T000000Z-1", "best")
    #expect(try history.id(of: "best") == "20260101T000000Z-1")
    #expect(
      message { _ = try history.id(of: "bets") }?.contains("did you mean “best”") == true)
    #expect(
      message { try history.tag("20260103T000000Z-1", "best") }
        == "the tag best stands for the run 20260101T000000Z-1; --move takes it from there")
    #expect(
      try history.tag("20260103T000000Z-1", "best", moving: true) == "20260101T000000Z-1")
    #expect(history.label(of: "20260101T000000Z-1").tags.isEmpty)
    #expect(!fixture.exists(".work/runs/20260101T000000Z-1/label.json"))
    try history.untag("20260103T000000Z-1", "best")
    #expect(message { try history.untag("20260103T000000Z-1", "best") } != nil)
    for name in ["latest", "2best", "a b", "", "a/b"] {
      #expect(message { try history.tag("20260103T000000Z-1", name) } != nil, "\(name)")
    }
    try history.note("20260103T000000Z-1", " two\nlines ")
    #expect(history.label(of: "20260103T000000Z-1").note == "two lines")
    #expect(
      message { _ = try WorkspaceFixture().history.id(of: "latest") }?.contains("no run") == true)
  }

  @Test func removingSparesWhatIsNeeded() throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage("a", "outs: [a.txt]", body: #"date +%N > "$(out a.txt)""#)
    let old = try #require(try fixture.run("a", force: true).folder?.lastPathComponent)
    let oldHash = try #require(
      try fixture.runner().provenance(of: fixture.url.appendingPathComponent("a.txt")).hash)
    let new = try #require(try fixture.run("a", force: true).folder?.lastPathComponent)
    let history = fixture.history
    #expect(
      message { _ = try history.remove([old, new]) }?
        .contains("\(new): the outputs of a that are in place come from it (--force") == true)
    #expect(history.ids().count == 2)
    try history.tag(old, "kept")
    #expect(message { _ = try history.remove([old]) }?.contains("has the tag kept") == true)
    // A submission's record holds the file's hash; that no force overrides.
    try fixture.write(#"{"sha256": "\#(oldHash)"}"# + "\n", to: "submissions/ledger.jsonl")
    #expect(
      message { _ = try history.remove([old], force: true) }?
        .contains("\(old) stays: a submission recorded in submissions/ledger.jsonl") == true)
    try fixture.remove("submissions/ledger.jsonl")
    #expect(try history.remove([old, old], force: true) > 0)
    #expect(history.ids() == [new])
    #expect(try history.remove([new], force: true) > 0)
    #expect(try fixture.ran().isEmpty)
  }
}
