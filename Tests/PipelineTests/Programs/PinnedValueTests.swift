// Values that a stage finds out once: shared by its instances, kept by the lock, brought back by it.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct PinnedValueTests {
  /// Two instances that take the number which the first of them found: the length of `speed`.
  private func fixture() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("n: 2\nbudget: 1\n")
    try fixture.write("*", to: "speed")
    try fixture.stage(
      "train", "params: [budget]", "outs: [\"data/${k}.txt\"]", "foreach: {k: n}",
      body: #"""
        p="$(order pinned)/epochs.json"
        [ -e "$p" ] || { mkdir -p "$(order pinned)"; wc -c < speed > "$p"; }
        k=$(sed -n 's/.*"k" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
        [ ! -e fail-$k ] || exit 1
        cat "$p" > "$(out data/$k.txt)"
        """#)
    return fixture
  }

  @Test func theFirstDecidesForAllAndTheLockKeepsIt() throws {
    let fixture = try fixture()
    try fixture.run("train@0")
    #expect(fixture.read("work.lock")?.contains("pinned:\n      epochs: 1\n") == true)
    // Nothing but the lock has to be kept for it.
    try fixture.write("***", to: "speed")
    try fixture.remove(".work")
    #expect(try fixture.ran() == ["train@1"])
    #expect(fixture.read("data/1.txt")?.first == "1")
    #expect(try fixture.ran(force: true) == ["train@0", "train@1"])
    #expect(fixture.read("data/0.txt") == fixture.read("data/1.txt"))
    #expect(fixture.read("data/0.txt")?.first == "1")
  }

  @Test func aRunThatBrokeOffGoesOnWithIt() throws {
    let fixture = try fixture()
    try fixture.write("", to: "fail-0")
    #expect(try fixture.run().exit == .failed)
    try fixture.write("***", to: "speed")
    try fixture.remove("fail-0")
    // Another run meanwhile takes nothing away.
    try fixture.stage("other", "outs: [other.txt]", body: #"echo > "$(out other.txt)""#)
    #expect(try fixture.ran("other") == ["other"])
    #expect(try fixture.ran() == ["train@0", "train@1"])
    #expect(fixture.read("data/0.txt")?.first == "1")
    let left = try FileManager.default.contentsOfDirectory(
      atPath: fixture.url.appendingPathComponent(".work/pinned").path)
    #expect(left == [])
  }

  @Test func otherParametersFindItOutAnew() throws {
    let fixture = try fixture()
    try fixture.run()
    try fixture.write("***", to: "speed")
    try fixture.write("n: 2\nbudget: 2\n", to: "params.yaml")
    #expect(try fixture.ran() == ["train@0", "train@1"])
    #expect(fixture.read("data/1.txt")?.first == "3")
    #expect(fixture.read("work.lock")?.contains("epochs: 1") == false)
    // Where it is taken out of the lock, it is found out anew.
    try fixture.write("**", to: "speed")
    let lock = try #require(fixture.read("work.lock"))
    try fixture.write(
      lock.split(separator: "\n").filter { !$0.contains("pinned:") && !$0.contains("epochs: 3") }
        .joined(separator: "\n") + "\n", to: "work.lock")
    #expect(try fixture.ran(force: true) == ["train@0", "train@1"])
    #expect(fixture.read("data/1.txt")?.first == "2")
  }
}
