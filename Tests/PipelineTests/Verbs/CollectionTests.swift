// `work gc`: frees what nothing needs, and nothing else.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct CollectionTests {
  private func bytes(_ items: [GarbageCollection.Item], _ kind: GarbageCollection.Kind) -> Int64 {
    items.filter { $0.kind == kind }.reduce(0) { $0 + $1.bytes }
  }

  @Test func theNewestAndThePresentStay() throws {
    let fixture = try cacheBench()
    for n in 1...4 { try fixture.run(overrides: ["n=\(n)"]) }
    try fixture.run()
    // n=1 is the present one; of the others, one stays.
    let trial = try fixture.runner().collect(keep: 1, isTrial: true)
    #expect(trial.items.count { $0.kind == .result } == 4)
    #expect(fixture.files(".work/cache/entries").count == 8, "a trial changes nothing")
    let freed = try fixture.runner().collect(keep: 1)
    #expect(freed == trial)
    #expect(
      freed.items.filter { $0.kind == .result }.map(\.instance) == ["big", "big", "sum", "sum"])
    // Two results of two megabytes and a half each; their copies in data/ were replaced.
    #expect((4_700_000...4_900_000).contains(bytes(freed.items, .result)), "\(freed.bytes)")
    #expect(freed.keptResults == 4)
    #expect(
      fixture.outcomes(try fixture.run(overrides: ["n=4"])) == ["big restored", "sum restored"])
    #expect(fixture.outcomes(try fixture.run(overrides: ["n=2"])) == ["big done", "sum done"])
    #expect(fixture.outcomes(try fixture.run()) == ["big restored", "sum restored"])
    #expect(
      message { _ = try fixture.runner().collect(keep: -1) } == "--keep -1: should be 0 or more")
  }

  @Test func whatTheLockAndTheNextRunNeedStays() throws {
    let fixture = try cacheBench()
    try fixture.run()
    try fixture.run(overrides: ["n=2"])
    // The lock has n=2; params.yaml says 1. Both stay.
    #expect(try fixture.runner().collect(keep: 0).items.isEmpty)
    #expect(fixture.outcomes(try fixture.run()) == ["big restored", "sum restored"])
    let freed = try fixture.runner().collect(keep: 0)
    #expect(freed.items.count { $0.kind == .result } == 2)
    try fixture.remove("data")
    #expect(fixture.outcomes(try fixture.run()) == ["big restored", "sum restored"])
  }

  @Test func whatARecordedSubmissionNeedsStays() throws {
    let fixture = try cacheBench()
    try fixture.run(overrides: ["n=2"])
    try fixture.write(try #require(fixture.read("work.lock")), to: "submissions/ledger/1.lock")
    try fixture.run(overrides: ["n=3"])
    try fixture.run()
    let freed = try fixture.runner().collect(keep: 0)
    #expect(freed.items.count { $0.kind == .result } == 2)
    #expect(
      fixture.outcomes(try fixture.run(overrides: ["n=2"])) == ["big restored", "sum restored"])
    try fixture.write("<<<<<<< HEAD\n", to: "submissions/ledger/1.lock")
    #expect(
      message { _ = try fixture.runner().collect(keep: 0) }?.contains("merge conflict") == true,
      "in doubt, nothing goes")
  }

  @Test func hardLinksFreeNothing() throws {
    let fixture = try cacheBench()
    try fixture.run()
    try FileManager.default.copyItem(atPath: fixture.path("work.lock"), toPath: fixture.path("old"))
    // The outputs lie in data/, but nothing speaks of the results any more.
    try fixture.remove("work.lock")
    try fixture.write("n: 7\nother: 1\n", to: "params.yaml")
    let freed = try fixture.runner().collect(keep: 0)
    if try fixture.mode("data/big.bin") & 0o200 == 0 {
      #expect(bytes(freed.items, .result) < 10_000)
    }
    #expect(fixture.read("data/big.bin")?.hasPrefix("1\n") == true)
    #expect(fixture.files(".work/cache/objects").isEmpty)
  }

  @Test func runsKeepTheirSummaryAndWhatIsShownOrLabelledStays() throws {
    let fixture = try cacheBench()
    var runs: [String] = []
    for n in 1...4 {
      let summary = try fixture.run(overrides: ["n=\(n)"])
      runs.append(".work/runs/" + (try #require(summary.folder?.lastPathComponent)))
    }
    try fixture.run()
    try fixture.write("{}", to: runs[1] + "/label.json")
    let freed = try fixture.runner().collect(keep: 0)
    // The first is shown again, the second has a label; n=4 is in the lock no more.
    #expect(fixture.exists(runs[0] + "/big.record.jsonl"))
    #expect(fixture.exists(runs[1] + "/big.log"))
    for run in [runs[2], runs[3]] {
      #expect(fixture.files(run) == ["run.json"])
      #expect(freed.items.contains { $0.kind == .run && run.hasSuffix($0.run ?? "?") })
    }
    #expect(try fixture.runner().collect(keep: 0).items.isEmpty)
    // A result whose run lost its record has it in the cache.
    #expect(fixture.outcomes(try fixture.run(overrides: ["n=2"])) == ["big done", "sum done"])
  }

  @Test func theRecordComesBackWithoutItsRun() throws {
    let fixture = try cacheBench()
    try fixture.run()
    try fixture.run(overrides: ["n=2"])
    try fixture.remove(".work/runs")
    let summary = try fixture.run()
    #expect(fixture.outcomes(summary)[0] == "big restored")
    let record = try #require(try fixture.runner().latestRecord(of: "big"))
    #expect(record.deletingLastPathComponent().path == summary.folder?.path)
    #expect(try String(contentsOf: record, encoding: .utf8) == "{}\n")
    #expect(try fixture.run().results[0].metrics == ["score": 0.1])
  }

  /// As of an override, or of a setting of a sweep, whose training goes on another evening.
  @Test func checkpointsOfOtherParametersStayForAWeek() throws {
    let fixture = try WorkspaceFixture("x: 1\n")
    try fixture.stage(
      "train", "params: [x]", "outs: [m]",
      body:
        #"[ ! -e stop ] || { echo > "$(order scratch)/checkpoint"; exit 130; }; echo > "$(out m)""#)
    try fixture.write("", to: "stop")
    #expect(try fixture.run(overrides: ["x=2"]).exit == .interrupted)
    try fixture.remove("stop")
    // Neither another setting nor one that is fresh takes it away.
    try fixture.run()
    try fixture.run()
    _ = try fixture.runner().collect(keep: 0)
    let checkpoint = try #require(
      fixture.files(".work/scratch/train").first { $0.hasSuffix("state/checkpoint") })
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -8 * 86400)],
      ofItemAtPath: fixture.path(".work/scratch/train/\(checkpoint)"))
    let freed = try fixture.runner().collect(keep: 0)
    #expect(freed.items.filter { $0.kind == .scratch }.map(\.instance) == ["train"])
    #expect(!fixture.exists(".work/scratch/train/\(checkpoint)"))
  }

  @Test func whatASubmissionCameFromStays() throws {
    let fixture = try WorkspaceFixture("x: 1\n")
    try fixture.stage(
      "a", "params: [x]", "outs: [m]",
      body: #"sed -n 's/.*"x" : \([0-9]*\).*/\1/p' "$WORK_ORDER" > "$(out m)""#)
    let submitted = try fixture.run(overrides: ["x=2"])
    try fixture.run(overrides: ["x=3"])
    try fixture.run()
    var ledger = try SubmissionLedger(fixture.workspace)
    let run = try #require(submitted.folder?.lastPathComponent)
    let number = try ledger.add(
      .init(sha256: String(repeating: "a", count: 64), recorded: Date(), run: run, rows: 1)
    ).number
    try ledger.set(number, publicScore: 0.9, privateScore: nil)
    _ = try fixture.runner().collect(keep: 0)
    #expect(try fixture.run(overrides: ["x=2"]).results[0].outcome == .restored)
    #expect(try fixture.run(overrides: ["x=3"]).results[0].outcome == .done)
  }

  @Test func scratchAndPagesOfWhatIsGone() throws {
    let fixture = try WorkspaceFixture("folds: 3\nx: 1\n")
    try fixture.stage(
      "train", "params: [x]", "outs: ['m/${f}']", "foreach: {f: folds}",
      body:
        #"[ ! -e fail ] || exit 1; for f in $(sed -n 's|^ *"m/.*" : "\(.*\)".*|\1|p' "$WORK_ORDER"); do echo > "$f"; done"#
    )
    try fixture.run()
    for fold in 0...2 { try fixture.write("page", to: ".work/pages/train@\(fold).html") }
    try fixture.write("page", to: ".work/pages/index.html")
    // Unfinished: the present parameters of train@1, and others of train@0.
    try fixture.write("", to: "fail")
    try fixture.run("train@0", overrides: ["x=2"])
    try fixture.write("folds: 2\nx: 3\n", to: "params.yaml")
    try fixture.run("train@1")
    let freed = try fixture.runner().collect(keep: 9)
    #expect(freed.items.filter { $0.kind == .scratch }.map(\.instance) == ["train@0"])
    #expect(freed.items.filter { $0.kind == .page }.map(\.instance) == ["train@2"])
    #expect(fixture.files(".work/pages") == ["index.html", "train@0.html", "train@1.html"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fixture.path(".work/scratch/train@1"))
        .count
        == 1)
    #expect(try fixture.runner().collect(keep: 9).items.isEmpty)
  }
}
