// What a person keeps in the places of outputs: it is moved out of their way, told of, and freed by `work gc` alone.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct DisplacedTests {
  private func fixture() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("n: 1\n")
    try fixture.stage(
      "a", "params: [n]", "outs: [data/set, data/one.csv]",
      body: #"""
        n=$(sed -n 's/.*"n" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
        mkdir -p "$(out data/set)/sub"; echo $n > "$(out data/set)/sub/n"; echo same > "$(out data/set)/same"
        echo $n > "$(out data/one.csv)"
        """#)
    return fixture
  }

  /// The files below `.work/displaced`, without the run.
  private func displaced(_ fixture: WorkspaceFixture) throws -> [String: String] {
    let folder = fixture.url.appendingPathComponent(".work/displaced")
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
    var found: [String: String] = [:]
    for path in paths {
      guard let text = fixture.read(".work/displaced/\(path)") else { continue }
      found[path.split(separator: "/").dropFirst().joined(separator: "/")] = text
    }
    return found
  }

  @Test func whatWasThereBeforeTheFirstRunIsMovedAway() throws {
    let fixture = try fixture()
    try fixture.write("mine", to: "data/set/mine.txt")
    try fixture.write("by hand", to: "data/one.csv")
    #expect(try fixture.run().exit == .ok)
    #expect(
      try displaced(fixture) == ["data/set/mine.txt": "mine", "data/one.csv": "by hand"])
    #expect(!fixture.exists("data/set/mine.txt") && fixture.read("data/one.csv") != "by hand")
    #expect(
      fixture.listener.notices.contains {
        $0.hasPrefix("data/set/mine.txt was there, and no run's: moved to .work/displaced/")
      }, "\(fixture.listener.notices)")
    #expect(try fixture.ran() == [])
    let freed = try fixture.runner().collect()
    #expect(freed.items.filter { $0.kind == .displaced }.count == 1)
    #expect(try displaced(fixture) == [:])
  }

  @Test func whatRunsMadeIsReplacedAndWhatWasChangedByHandIsMovedAway() throws {
    let fixture = try fixture()
    try fixture.run()
    try fixture.run(overrides: ["n=2"])
    #expect(fixture.read("data/one.csv") == "2\n" && fixture.read("data/set/sub/n") == "2\n")
    #expect(try displaced(fixture) == [:], "a run made it")
    try fixture.write("mended", to: "data/one.csv")
    try fixture.write("mended too", to: "data/set/sub/n")
    try fixture.run(overrides: ["n=3"])
    #expect(
      try displaced(fixture) == ["data/one.csv": "mended", "data/set/sub/n": "mended too"])
    // What comes back from the cache takes its place in the same way.
    try fixture.write("again", to: "data/one.csv")
    #expect(try fixture.run(overrides: ["n=2"]).results[0].outcome == .restored)
    #expect(try displaced(fixture)["data/one.csv"] != nil)
    let all = try FileManager.default.subpathsOfDirectory(
      atPath: fixture.path(".work/displaced"))
    #expect(all.count { $0.hasSuffix("one.csv") } == 2)
  }

  @Test func aLinkInAnOutputsPlaceIsMovedAndWhatItLeadsToStays() throws {
    let fixture = try fixture()
    try fixture.write("mine", to: "elsewhere/mine.txt")
    try FileManager.default.createDirectory(
      atPath: fixture.path("data"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: fixture.path("data/set"), withDestinationPath: fixture.path("elsewhere"))
    #expect(try fixture.run().exit == .ok)
    #expect(fixture.read("elsewhere/mine.txt") == "mine")
    #expect(fixture.exists("data/set/same") && !fixture.exists("elsewhere/same"))
    #expect(fixture.listener.notices.contains { $0.hasPrefix("data/set was a link") })
  }

  @Test func whatACrashedRunHadPutInPlaceIsNobodys() throws {
    let fixture = try fixture()
    try fixture.run()
    try fixture.remove("work.lock")
    try fixture.run(force: true)
    #expect(try displaced(fixture) == [:], "the same comes again")
  }
}
