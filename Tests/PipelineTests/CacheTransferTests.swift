// `work cache push` and `pull` by way of a folder, from one workspace to another.

import Foundation
import Pipeline
import Testing

@Suite struct CacheTransferTests {
  private func remote(_ bench: Bench) -> FolderRemote {
    FolderRemote(bench.url.appendingPathComponent("remote"))
  }

  @Test func aSecondWorkspaceTakesWhatTheFirstMade() async throws {
    let first = try cacheBench()
    try first.run()
    let lock = first.read("work.lock")
    try first.run(overrides: ["n=2"])
    let remote = remote(first)
    let sent = try await first.runner().push(to: remote)
    #expect(sent.results == 4 && sent.present == 0 && sent.leftOut.isEmpty)
    #expect(sent.doneBytes >= sent.totalBytes && sent.objects > 8)
    let again = try await first.runner().push(to: remote)
    #expect(again.results == 0 && again.present == 4 && again.objects == 0)

    let second = try cacheBench()
    let fetched = try await second.runner().pull(from: remote)
    // Of the present parameters, `sum` found by means of what `big` would be.
    #expect(fetched.results == 2 && fetched.leftOut.isEmpty)
    let summary = try second.run()
    #expect(second.outcomes(summary) == ["big restored", "sum restored"])
    #expect(second.starts("big") == 0)
    #expect(second.read("work.lock") == lock)
    #expect(second.read("data/sum.txt") == "same\n1\n")
    #expect(summary.results[0].record != nil, "the record travels with the result")
    #expect(summary.results[0].metrics == ["score": 0.1])

    let rest = try await second.runner().pull(from: remote, all: true)
    #expect(rest.results == 2 && rest.present == 2)
    #expect(
      second.outcomes(try second.run(overrides: ["n=2"])) == ["big restored", "sum restored"])
    let state = try second.runner().cacheState()
    #expect(state.stages.map(\.stage) == ["big", "sum"])
    #expect(state.stages.map(\.results) == [2, 2] && state.stages.map(\.current) == [1, 1])
  }

  @Test func aFileInsideAnOutputIsFoundToo() async throws {
    let first = try cacheBench()
    try first.copy("sum", from: "data/set/sub/a", to: "data/sum.txt")
    try first.run()
    let remote = remote(first)
    _ = try await first.runner().push(to: remote)
    try first.remove("data")
    try first.remove(".work")
    #expect(try await first.runner().pull(from: remote).results == 2)
    #expect(first.outcomes(try first.run()) == ["big restored", "sum restored"])
  }

  @Test func damageTravelsNeitherWay() async throws {
    let bench = try cacheBench()
    try bench.run()
    let remote = remote(bench)
    let object = try #require(
      bench.files(".work/cache/objects").first {
        bench.read(".work/cache/objects/\($0)")?.hasPrefix("a1\n") == true
      })
    try bench.scribble(on: ".work/cache/objects/\(object)")
    let sent = try await bench.runner().push(to: remote)
    #expect(sent.results == 1 && sent.leftOut.count == 1)
    #expect(sent.leftOut[0].hasPrefix("big of run "))
    #expect(!bench.exists(".work/cache/objects/\(object)"), "the damaged object is dropped")
    try bench.run(force: true)
    #expect(try await bench.runner().push(to: remote).results == 1)

    try bench.scribble(on: "remote/objects/\(object)")
    try bench.remove(".work/cache")
    let fetched = try await bench.runner().pull(from: remote, all: true)
    #expect(fetched.results == 1 && fetched.leftOut.count == 1)
    #expect(!bench.exists(".work/cache/objects/\(object)"))
    try bench.remove("data")
    #expect(bench.outcomes(try bench.run()) == ["big done", "sum restored"])
  }

  @Test func entriesThatLeadOutOfTheWorkspaceAreRefused() async throws {
    let bench = try cacheBench()
    try bench.run()
    let remote = remote(bench)
    _ = try await bench.runner().push(to: remote)
    for file in bench.files("remote/entries") {
      let text = try #require(bench.read("remote/entries/\(file)"))
      try bench.write(
        text.replacing(/"run" : "[^"]*"/, with: #""run" : "../../outside""#),
        to: "remote/entries/\(file)")
    }
    try bench.remove(".work/cache")
    let fetched = try await bench.runner().pull(from: remote)
    #expect(fetched.results == 0 && fetched.leftOut.count >= 1)
  }

  @Test func aRemoteThatIsNotThereIsEmpty() async throws {
    let bench = try cacheBench()
    let fetched = try await bench.runner().pull(from: remote(bench), all: true)
    #expect(fetched.results == 0 && fetched.present == 0 && fetched.leftOut.isEmpty)
  }
}
