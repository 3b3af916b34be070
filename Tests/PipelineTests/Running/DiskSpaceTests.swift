// A run is refused before it begins where the disk has no room for what it wrote last.

import Foundation
import Pipeline
import Testing

@Suite struct DiskSpaceTests {
  @Test func aRunThatCannotFitIsRefused() throws {
    let bench = try Bench("runtime: {check_disk: true}\n")
    try bench.write("one\n", to: "raw.txt")
    try bench.copy("a", from: "raw.txt", to: "data/a.txt")
    try bench.run()
    // As if it had written an exabyte.
    let lock = try #require(bench.read("work.lock"))
    let size = try #require(lock.firstRange(of: /data\/a.txt:.*size: 4/.dotMatchesNewlines()))
    try bench.write(
      lock.replacingCharacters(
        in: size, with: lock[size].dropLast() + "1000000000000000000"), to: "work.lock")
    #expect(try bench.ran() == [], "what is fresh needs no room")
    try bench.write("two\n", to: "raw.txt")
    let refusal = message { _ = try bench.run() } ?? ""
    #expect(refusal.contains("data/a.txt") && refusal.contains("work gc"), "\(refusal)")
    #expect(bench.read("data/a.txt") == "one\n")
    #expect(try bench.ran(overrides: ["runtime.check_disk=false"]) == ["a"])
    #expect(try bench.ran() == [])
  }

  @Test func theSwitchIsTrueOrFalse() throws {
    let bench = try Bench("runtime: {check_disk: true}\n")
    try bench.write("one\n", to: "raw.txt")
    try bench.copy("a", from: "raw.txt", to: "data/a.txt")
    let refusal = message { _ = try bench.run(overrides: ["runtime.check_disk=maybe"]) } ?? ""
    #expect(refusal.contains("runtime.check_disk") && refusal.contains("maybe"), "\(refusal)")
  }
}
