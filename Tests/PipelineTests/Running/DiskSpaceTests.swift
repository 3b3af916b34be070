// A run is refused before it begins where the disk has no room for what it wrote last.

import Foundation
import Pipeline
import Testing

@Suite struct DiskSpaceTests {
  @Test func aRunThatCannotFitIsRefused() throws {
    let fixture = try WorkspaceFixture("runtime: {check_disk: true}\n")
    try fixture.write("one\n", to: "raw.txt")
    try fixture.copy("a", from: "raw.txt", to: "data/a.txt")
    try fixture.run()
    // As if it had written an exabyte.
    let lock = try #require(fixture.read("work.lock"))
    let size = try #require(lock.firstRange(of: /data\/a.txt:.*size: 4/.dotMatchesNewlines()))
    try fixture.write(
      lock.replacingCharacters(
        in: size, with: lock[size].dropLast() + "1000000000000000000"), to: "work.lock")
    #expect(try fixture.ran() == [], "what is fresh needs no room")
    try fixture.write("two\n", to: "raw.txt")
    let refusal = message { _ = try fixture.run() } ?? ""
    #expect(refusal.contains("data/a.txt") && refusal.contains("work gc"), "\(refusal)")
    #expect(fixture.read("data/a.txt") == "one\n")
    #expect(try fixture.ran(overrides: ["runtime.check_disk=false"]) == ["a"])
    #expect(try fixture.ran() == [])
  }

  @Test func theSwitchIsTrueOrFalse() throws {
    let fixture = try WorkspaceFixture("runtime: {check_disk: true}\n")
    try fixture.write("one\n", to: "raw.txt")
    try fixture.copy("a", from: "raw.txt", to: "data/a.txt")
    let refusal = message { _ = try fixture.run(overrides: ["runtime.check_disk=maybe"]) } ?? ""
    #expect(refusal.contains("runtime.check_disk") && refusal.contains("maybe"), "\(refusal)")
  }
}
