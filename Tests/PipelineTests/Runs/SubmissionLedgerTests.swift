// The ledger of submissions: what it holds, finding in it, and what it keeps from being removed.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct SubmissionLedgerTests {
  private func entry(_ hash: Character, mean: Double? = nil, run: String = "r1")
    -> SubmissionLedger.Entry
  {
    var entry = SubmissionLedger.Entry(
      sha256: String(repeating: hash, count: 64), recorded: Date(timeIntervalSince1970: 0),
      run: run, rows: 3)
    entry.estimate = mean.map {
      .init(mean: $0, folds: [$0 - 0.1, $0 + 0.1], instance: "judge", run: run)
    }
    return entry
  }

  @Test func whatIsAddedIsReadAgain() throws {
    let fixture = try WorkspaceFixture()
    var ledger = try SubmissionLedger(fixture.workspace)
    #expect(ledger.entries.isEmpty)
    try ledger.add(entry("a", mean: 0.5))
    try ledger.add(entry("b", mean: 0.7, run: "r2"))
    // The same file a second time.
    #expect(try ledger.add(entry("a", mean: 0.9)).number == 1)
    try ledger.set(2, publicScore: 0.75, privateScore: nil)
    try ledger.set(2, publicScore: nil, privateScore: 0.74)
    let again = try SubmissionLedger(fixture.workspace)
    #expect(again.entries == ledger.entries && again.entries.map(\.number) == [1, 2])
    #expect(again.entries[1].publicScore == 0.75 && again.entries[1].privateScore == 0.74)
    #expect(again.entries[0].recorded == "1970-01-01T00:00:00Z")
    // Of 0.4 and 0.6: the square root of 0.02.
    #expect(abs((again.entries[0].estimate?.deviation ?? 0) - 0.02.squareRoot()) < 1e-12)
    let text = try #require(fixture.read("submissions/ledger.json"))
    #expect(text.contains("\n      \"public\" : 0.75,\n"))
    #expect(
      message { try ledger.set(3, publicScore: 1, privateScore: nil) }?.contains("no submission 3")
        == true)
  }

  /// Before Kaggle is told, when nothing is known yet, and after.
  @Test func howOneWasHandedInIsKept() throws {
    let fixture = try WorkspaceFixture()
    var ledger = try SubmissionLedger(fixture.workspace)
    try ledger.add(entry("a"))
    var other = try SubmissionLedger(fixture.workspace)
    let begun = SubmissionLedger.Handover(
      name: "s.csv", message: "m", begun: Date(timeIntervalSince1970: 0), before: [3, 7])
    #expect(begun.made(nil) == begun)
    try ledger.set(1, begun)
    #expect(try SubmissionLedger(fixture.workspace).entries[0].kaggle?.before == [3, 7])
    try ledger.set(1, begun.made(9))
    let made = try #require(try SubmissionLedger(fixture.workspace).entries[0].kaggle)
    #expect(made.ref == 9 && made.before == nil && made.begun == "1970-01-01T00:00:00Z")
    // Who read it before changes what there is now.
    #expect(other.entries[0].kaggle == nil)
    try other.set(1, publicScore: 0.5, privateScore: nil)
    #expect(other.entries[0].kaggle?.ref == 9)
    #expect(try SubmissionLedger(fixture.workspace).entries[0].kaggle?.ref == 9)
  }

  /// It is its user's, who goes on writing it.
  @Test func theFileThatIsKeptStaysAsItIs() throws {
    let fixture = try WorkspaceFixture()
    let file = fixture.url.appendingPathComponent("mine.csv")
    try Data(repeating: UInt8(ascii: "x"), count: 3 << 20).write(to: file)
    var ledger = try SubmissionLedger(fixture.workspace)
    let entry = try ledger.add(entry("a"))
    try ledger.keep(file, of: entry)
    let facts = try FileManager.default.attributesOfItem(atPath: file.path)
    #expect(facts[.referenceCount] as? Int == 1)
    #expect((facts[.posixPermissions] as? Int).map { $0 & 0o200 } == 0o200)
    try Data("y".utf8).write(to: file)
    #expect(try Data(contentsOf: ledger.file(of: entry)).count == 3 << 20)
  }

  @Test func namesOfSubmissions() throws {
    let fixture = try WorkspaceFixture()
    var ledger = try SubmissionLedger(fixture.workspace)
    #expect(
      message { _ = try ledger.entry("latest") }?.contains("no submission is recorded") == true)
    for (hash, run) in [("a", "r1"), ("b", "r2"), ("c", "r2")] as [(Character, String)] {
      try ledger.add(entry(hash, run: run))
    }
    for (name, number) in [
      ("latest", 3), ("latest~2", 1), ("2", 2), ("aaaaaa", 1), ("BBBBBBBB", 2), ("r1", 1),
    ] {
      #expect(try ledger.entry(name).number == number, "\(name)")
    }
    for (name, words) in [
      ("latest~3", "a number below 3"), ("latest~x", "a number below 3"), ("4", "no submission 4"),
      ("aaaaa", "no submission “aaaaa”"), ("r2", "may be 2, 3"), ("", "no submission “”"),
    ] {
      #expect(message { _ = try ledger.entry(name) }?.contains(words) == true, "\(name)")
    }
  }

  @Test func theBestBefore() throws {
    let fixture = try WorkspaceFixture()
    var ledger = try SubmissionLedger(fixture.workspace)
    for (hash, mean) in [("a", 0.7), ("b", 0.8), ("c", 0.75), ("d", nil)] as [(Character, Double?)]
    {
      try ledger.add(entry(hash, mean: mean))
    }
    #expect(try ledger.best(before: ledger.entry("1")) == nil)
    #expect(try ledger.best(before: ledger.entry("2"))?.number == 1)
    #expect(try ledger.best(before: ledger.entry("4"))?.number == 2)
  }

  @Test(arguments: [
    ("{", "not JSON"), (#"{"version": 2, "submissions": []}"#, "has version 2"),
    (#"{"version": 1}"#, "the whole has no “submissions”"),
    (#"{"version": 1, "submissions": [{"number": 1}]}"#, "submissions[0] has no “sha256”"),
    (#"{"version": 1, "submissions": [{"number": "1"}]}"#, "submissions[0].number: "),
  ])
  func aDamagedLedgerIsAnErrorThatNamesIt(_ text: String, _ words: String) throws {
    let fixture = try WorkspaceFixture()
    try fixture.write(text, to: "submissions/ledger.json")
    let found = message { _ = try SubmissionLedger(fixture.workspace) }
    #expect(
      found?.contains("submissions/ledger.json: ") == true && found?.contains(words) == true,
      "\(found ?? "")")
  }

  /// `train@k` scores a fold, `judge` both, `send` writes a submission.
  private func pipeline() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("lift: 0\n")
    try fixture.stage(
      "judge", "params: [lift]", "outs: [eval]", "keep: [eval/scores.csv]",
      body: #"""
        lift=$(sed -n 's/.*"lift" : \([0-9]*\).*/\1/p' "$WORK_ORDER"); d="$(out eval)"; mkdir "$d"
        { echo 'id,fold,score'; echo "a,0,0.5"; echo "b,0,0.${lift}1"; echo "c,1,0.${lift}5"; } > "$d/scores.csv"
        echo "{\"metric\": {\"score\": 0.${lift}9}}" >> "$(order events)"
        """#)
    try fixture.copy("send", from: "eval/scores.csv", to: "submissions/submission.csv")
    return fixture
  }

  @Test func whatARunSaysOfItsSubmission() throws {
    let fixture = try pipeline()
    let runner = try fixture.runner()
    let summary = try runner.run(RunOptions(targets: ["all"]), observer: fixture.listener)
    let facts = try #require(try runner.submissionFacts("submissions/submission.csv", of: summary))
    let run = try #require(summary.folder?.lastPathComponent)
    #expect(facts.run == run && facts.sha256.count == 64)
    let estimate = try #require(facts.estimate)
    #expect(estimate.mean == 0.09 && estimate.instance == "judge" && estimate.run == run)
    #expect(estimate.folds.count == 2 && abs(estimate.folds[0] - 0.255) < 1e-12)
    #expect(estimate.folds[1] == 0.05)
    #expect(try runner.submissionFacts("eval/none", of: summary) == nil)
    let again = try runner.run(RunOptions(targets: ["all"]), observer: fixture.listener)
    // The run that made it may have been killed before it could be recorded.
    let fresh = try runner.submissionFacts("submissions/submission.csv", of: again)
    #expect(facts.isNew && fresh?.isNew == false)
    #expect(fresh?.sha256 == facts.sha256 && fresh?.run == run && fresh?.estimate == estimate)
    let other = try runner.run(RunOptions(targets: ["judge"]), observer: fixture.listener)
    #expect(try runner.submissionFacts("submissions/submission.csv", of: other) == nil)
  }

  @Test func gainsArePairedWhereBothRunsKeptTheirScores() throws {
    let fixture = try pipeline()
    var ledger = try SubmissionLedger(fixture.workspace)
    for lift in [0, 3] {
      let runner = try fixture.runner("lift=\(lift)")
      let summary = try runner.run(RunOptions(targets: ["all"]), observer: fixture.listener)
      let facts = try #require(
        try runner.submissionFacts("submissions/submission.csv", of: summary))
      var entry = SubmissionLedger.Entry(
        sha256: facts.sha256, recorded: Date(), run: facts.run, rows: 3)
      entry.estimate = facts.estimate
      try ledger.keep(facts.file, of: ledger.add(entry))
    }
    let (old, new) = (try ledger.entry("1"), try ledger.entry("2"))
    let gain = try #require(try fixture.history.gain(from: old, to: new))
    #expect(abs(gain.difference - 0.3) < 1e-12 && gain.basis == .images && gain.count == 3)
    // 0, 0.3, 0.3: mean 0.2, deviation the square root of 0.03, times t(2) over the root of 3.
    #expect(abs((gain.band ?? 0) - 4.303 * 0.1) < 1e-9 && gain.isNoise == true)
    #expect(try fixture.history.gain(from: new, to: new)?.band == nil)
    // Each file is kept by its hash, whatever lies in its place since.
    for entry in [old, new] {
      let kept = try String(contentsOf: ledger.file(of: entry), encoding: .utf8)
      #expect(kept.hasPrefix("id,fold,score"))
    }
    // Without the runs, the folds' spread is what is left.
    let history = fixture.history
    _ = try history.remove([old.run], force: true)
    let wide = try #require(try history.gain(from: old, to: new))
    #expect(wide.basis == .folds && wide.count == 2)
    // Deviations: of (0.255, 0.05) and (0.405, 0.35).
    let band = 12.706 * ((0.205 * 0.205 / 2 + 0.055 * 0.055 / 2) / 2).squareRoot()
    #expect(abs((wide.band ?? 0) - band) < 1e-9)
  }

  @Test func whatKaggleScoredStays() throws {
    let fixture = try pipeline()
    let runner = try fixture.runner()
    let summary = try runner.run(RunOptions(targets: ["all"]), observer: fixture.listener)
    let facts = try #require(try runner.submissionFacts("submissions/submission.csv", of: summary))
    var ledger = try SubmissionLedger(fixture.workspace)
    try ledger.add(
      .init(sha256: facts.sha256, recorded: Date(), run: facts.run, rows: 3))
    #expect(try fixture.history.claims(on: facts.run).soft.contains("submission 1 comes from it"))
    #expect(try fixture.history.claims(on: facts.run).firm == [])
    #expect(try runner.provenance(of: facts.file).submissions == ["submission 1 (work scores)"])
    try ledger.set(1, publicScore: 0.5, privateScore: nil)
    #expect(
      message { _ = try fixture.history.remove([facts.run], force: true) }?
        .contains("submission 1, which Kaggle has scored, comes from it") == true)
  }
}
