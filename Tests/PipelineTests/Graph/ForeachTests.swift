// Instances: one for each item, cached by themselves, read as declared, retired when they are gone.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct ForeachTests {
  private func folds() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("folds: {count: 3}\nepochs: 1\n")
    try fixture.stage(
      "train", "params: [epochs]", "outs: ['models/fold-${fold}']", "foreach: {fold: folds.count}",
      body: #"""
        fold=$(sed -n 's/.*"fold" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
        mkdir "$(out models/fold-$fold)"; echo $fold > "$(out models/fold-$fold)/w"
        """#)
    try fixture.stage(
      "mean", "deps: [models]", "outs: [mean.txt]",
      body: #"cat models/fold-*/w | tr '\n' ' ' > "$(out mean.txt)"; cat "$WORK_ORDER" > order.txt"#
    )
    return fixture
  }

  @Test func eachItemIsAnInstance() throws {
    let fixture = try folds()
    #expect(try fixture.ran() == ["train@0", "train@1", "train@2", "mean"])
    #expect(fixture.read("mean.txt") == "0 1 2 ")
    let order = try JSONDecoder().decode(
      JSONValue.self, from: Data(try #require(fixture.read("order.txt")).utf8))
    #expect(
      order["expanded"]?["models"]
        == .array(["models/fold-0", "models/fold-1", "models/fold-2"].map { .string($0) }))
    #expect(order["inputs"] == .array([.string("models")]))
    try fixture.remove("models/fold-1")
    #expect(try fixture.ran() == ["train@1"])
    #expect(try fixture.ran("train@2", force: true) == ["train@2"])
    #expect(try fixture.ran("train", force: true) == ["train@0", "train@1", "train@2"])
  }

  @Test func axesWhoseProductIsTooLargeAreRefused() throws {
    let fixture = try WorkspaceFixture("n: 1\n")
    try fixture.stage(
      "part", "outs: ['${a}-${b}']", "foreach: {a: 3000, b: 3000}", body: "true")
    #expect(message { try fixture.run() }?.contains("foreach makes 9000000 instances") == true)
  }

  @Test func strayFilesBesideOutputsAreNoReason() throws {
    let fixture = try folds()
    try fixture.run()
    try fixture.write("9", to: "models/notes.txt")
    #expect(try fixture.ran().isEmpty)
  }

  @Test func fewerFoldsRetireTheRest() throws {
    let fixture = try folds()
    try fixture.run()
    // For one command nothing is lost.
    #expect(try fixture.ran(overrides: ["folds.count=2"]) == ["mean"])
    #expect(fixture.exists("models/fold-2"))
    try fixture.write("folds: {count: 2}\nepochs: 1\n", to: "params.yaml")
    #expect(try fixture.ran().isEmpty)
    #expect(!fixture.exists("models/fold-2"))
    #expect(fixture.listener.notices.contains { $0.hasPrefix("train@2 no longer exists") })
    #expect(fixture.read("work.lock")?.contains("train@2") == false)
    #expect(fixture.read("work.lock")?.contains("train@1") == true)
  }

  @Test func editedOutputsOfRetiredInstancesStay() throws {
    let fixture = try folds()
    try fixture.run()
    try fixture.write("mine", to: "models/fold-2/w")
    try fixture.write("folds: {count: 2}\nepochs: 1\n", to: "params.yaml")
    try fixture.run()
    #expect(fixture.read("models/fold-2/w") == "mine")
  }

  @Test func deletedStageLosesItsEntryAndKeepsItsFiles() throws {
    let fixture = try folds()
    try fixture.run()
    try fixture.remove("stages/mean.sh")
    try fixture.run()
    #expect(fixture.exists("mean.txt"))
    #expect(fixture.read("work.lock")?.contains("mean") == false)
  }

  @Test func twoAxesAndInlineLists() throws {
    let fixture = try WorkspaceFixture("folds: 2\n")
    try fixture.stage(
      "t", "outs: ['m/${fold}-${kind}']", "foreach: {fold: folds, kind: [big, small]}",
      body: #"f="$(sed -n 's|.*: "\(.*/outs/0\)".*|\1|p' "$WORK_ORDER")"; order kind > "$f""#)
    #expect(try fixture.ran() == ["t@0,big", "t@0,small", "t@1,big", "t@1,small"])
    #expect(fixture.read("m/1-small") == "small\n")
  }

  @Test func nullDropsAnOptionalInput() throws {
    let fixture = try WorkspaceFixture("depths: null\n")
    try fixture.stage("a", "deps: ['${depths}']", "outs: [a.txt]", body: #"echo > "$(out a.txt)""#)
    #expect(try fixture.runner().graph.instances[0].inputs == [])
    try fixture.run()
    try fixture.write("", to: "d.csv")
    try fixture.write("depths: d.csv\n", to: "params.yaml")
    #expect(try fixture.reasons("a") == ["input d.csv added"])
  }
}
