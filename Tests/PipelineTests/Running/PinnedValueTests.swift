// Values that a stage finds out once: shared by its instances, kept by the lock, brought back by it.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct PinnedValueTests {
  /// Two instances that take the number which the first of them found: the length of `speed`.
  private func bench() throws -> Bench {
    let bench = try Bench("n: 2\nbudget: 1\n")
    try bench.write("*", to: "speed")
    try bench.stage(
      "train", "params: [budget]", "outs: [\"data/${k}.txt\"]", "foreach: {k: n}",
      body: #"""
        p="$(order pinned)/epochs.json"
        [ -e "$p" ] || { mkdir -p "$(order pinned)"; wc -c < speed > "$p"; }
        k=$(sed -n 's/.*"k" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
        [ ! -e fail-$k ] || exit 1
        cat "$p" > "$(out data/$k.txt)"
        """#)
    return bench
  }

  @Test func theFirstDecidesForAllAndTheLockKeepsIt() throws {
    let bench = try bench()
    try bench.run("train@0")
    #expect(bench.read("work.lock")?.contains("pinned:\n      epochs: 1\n") == true)
    // Nothing but the lock has to be kept for it.
    try bench.write("***", to: "speed")
    try bench.remove(".work")
    #expect(try bench.ran() == ["train@1"])
    #expect(bench.read("data/1.txt")?.first == "1")
    #expect(try bench.ran(force: true) == ["train@0", "train@1"])
    #expect(bench.read("data/0.txt") == bench.read("data/1.txt"))
    #expect(bench.read("data/0.txt")?.first == "1")
  }

  @Test func aRunThatBrokeOffGoesOnWithIt() throws {
    let bench = try bench()
    try bench.write("", to: "fail-0")
    #expect(try bench.run().exit == .failed)
    try bench.write("***", to: "speed")
    try bench.remove("fail-0")
    // Another run meanwhile takes nothing away.
    try bench.stage("other", "outs: [other.txt]", body: #"echo > "$(out other.txt)""#)
    #expect(try bench.ran("other") == ["other"])
    #expect(try bench.ran() == ["train@0", "train@1"])
    #expect(bench.read("data/0.txt")?.first == "1")
    let left = try FileManager.default.contentsOfDirectory(
      atPath: bench.url.appendingPathComponent(".work/pinned").path)
    #expect(left == [])
  }

  @Test func otherParametersFindItOutAnew() throws {
    let bench = try bench()
    try bench.run()
    try bench.write("***", to: "speed")
    try bench.write("n: 2\nbudget: 2\n", to: "params.yaml")
    #expect(try bench.ran() == ["train@0", "train@1"])
    #expect(bench.read("data/1.txt")?.first == "3")
    #expect(bench.read("work.lock")?.contains("epochs: 1") == false)
    // Where it is taken out of the lock, it is found out anew.
    try bench.write("**", to: "speed")
    let lock = try #require(bench.read("work.lock"))
    try bench.write(
      lock.split(separator: "\n").filter { !$0.contains("pinned:") && !$0.contains("epochs: 3") }
        .joined(separator: "\n") + "\n", to: "work.lock")
    #expect(try bench.ran(force: true) == ["train@0", "train@1"])
    #expect(bench.read("data/1.txt")?.first == "2")
  }
}
