// Instances: one for each item, cached by themselves, read as declared, retired when they are gone.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct ForeachTests {
  private func folds() throws -> Bench {
    let bench = try Bench("folds: {count: 3}\nepochs: 1\n")
    try bench.stage(
      "train", "params: [epochs]", "outs: ['models/fold-${fold}']", "foreach: {fold: folds.count}",
      body: #"""
        fold=$(sed -n 's/.*"fold" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
        mkdir "$(out models/fold-$fold)"; echo $fold > "$(out models/fold-$fold)/w"
        """#)
    try bench.stage(
      "mean", "deps: [models]", "outs: [mean.txt]",
      body: #"cat models/fold-*/w | tr '\n' ' ' > "$(out mean.txt)"; cat "$WORK_ORDER" > order.txt"#
    )
    return bench
  }

  @Test func eachItemIsAnInstance() throws {
    let bench = try folds()
    #expect(try bench.ran() == ["train@0", "train@1", "train@2", "mean"])
    #expect(bench.read("mean.txt") == "0 1 2 ")
    let order = try JSONDecoder().decode(
      JSONValue.self, from: Data(try #require(bench.read("order.txt")).utf8))
    #expect(
      order["expanded"]?["models"]
        == .array(["models/fold-0", "models/fold-1", "models/fold-2"].map { .string($0) }))
    #expect(order["inputs"] == .array([.string("models")]))
    try bench.remove("models/fold-1")
    #expect(try bench.ran() == ["train@1"])
    #expect(try bench.ran("train@2", force: true) == ["train@2"])
    #expect(try bench.ran("train", force: true) == ["train@0", "train@1", "train@2"])
  }

  @Test func strayFilesBesideOutputsAreNoReason() throws {
    let bench = try folds()
    try bench.run()
    try bench.write("9", to: "models/notes.txt")
    #expect(try bench.ran().isEmpty)
  }

  @Test func fewerFoldsRetireTheRest() throws {
    let bench = try folds()
    try bench.run()
    // For one command nothing is lost.
    #expect(try bench.ran(overrides: ["folds.count=2"]) == ["mean"])
    #expect(bench.exists("models/fold-2"))
    try bench.write("folds: {count: 2}\nepochs: 1\n", to: "params.yaml")
    #expect(try bench.ran().isEmpty)
    #expect(!bench.exists("models/fold-2"))
    #expect(bench.listener.notices.contains { $0.hasPrefix("train@2 no longer exists") })
    #expect(bench.read("work.lock")?.contains("train@2") == false)
    #expect(bench.read("work.lock")?.contains("train@1") == true)
  }

  @Test func editedOutputsOfRetiredInstancesStay() throws {
    let bench = try folds()
    try bench.run()
    try bench.write("mine", to: "models/fold-2/w")
    try bench.write("folds: {count: 2}\nepochs: 1\n", to: "params.yaml")
    try bench.run()
    #expect(bench.read("models/fold-2/w") == "mine")
  }

  @Test func deletedStageLosesItsEntryAndKeepsItsFiles() throws {
    let bench = try folds()
    try bench.run()
    try bench.remove("stages/mean.sh")
    try bench.run()
    #expect(bench.exists("mean.txt"))
    #expect(bench.read("work.lock")?.contains("mean") == false)
  }

  @Test func twoAxesAndInlineLists() throws {
    let bench = try Bench("folds: 2\n")
    try bench.stage(
      "t", "outs: ['m/${fold}-${kind}']", "foreach: {fold: folds, kind: [big, small]}",
      body: #"f="$(sed -n 's|.*: "\(.*/outs/0\)".*|\1|p' "$WORK_ORDER")"; order kind > "$f""#)
    #expect(try bench.ran() == ["t@0,big", "t@0,small", "t@1,big", "t@1,small"])
    #expect(bench.read("m/1-small") == "small\n")
  }

  @Test func nullDropsAnOptionalInput() throws {
    let bench = try Bench("depths: null\n")
    try bench.stage("a", "deps: ['${depths}']", "outs: [a.txt]", body: #"echo > "$(out a.txt)""#)
    #expect(try bench.runner().graph.instances[0].inputs == [])
    try bench.run()
    try bench.write("", to: "d.csv")
    try bench.write("depths: d.csv\n", to: "params.yaml")
    #expect(try bench.reasons("a") == ["input d.csv added"])
  }
}
