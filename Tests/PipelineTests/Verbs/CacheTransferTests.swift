// `work cache push` and `pull` by way of a folder, from one workspace to another.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct CacheTransferTests {
  private func remote(_ fixture: WorkspaceFixture) -> FolderRemote {
    FolderRemote(fixture.url.appendingPathComponent("remote"))
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

  @Test func whatIsNoFileInARemoteKeepsNothingBack() async throws {
    let first = try cacheBench()
    try first.run()
    let remote = remote(first)
    _ = try await first.runner().push(to: remote)
    let entries = first.url.appendingPathComponent("remote/entries").path
    let name = String(repeating: "0", count: 64)
    #expect(mkfifo("\(entries)/\(name).json", 0o600) == 0)
    for (link, target) in [("nowhere.json", "none"), ("circle.json", "circle.json"), ("up", "..")] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(entries)/\(link)", withDestinationPath: target)
    }
    let second = try cacheBench()
    let fetched = try await second.runner().pull(from: remote, all: true)
    #expect(fetched.results == 2 && fetched.leftOut.isEmpty)
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
    let fixture = try cacheBench()
    try fixture.run()
    let remote = remote(fixture)
    let object = try #require(
      fixture.files(".work/cache/objects").first {
        fixture.read(".work/cache/objects/\($0)")?.hasPrefix("a1\n") == true
      })
    try fixture.scribble(on: ".work/cache/objects/\(object)")
    let sent = try await fixture.runner().push(to: remote)
    #expect(sent.results == 1 && sent.leftOut.count == 1)
    #expect(sent.leftOut[0].hasPrefix("big of run "))
    #expect(!fixture.exists(".work/cache/objects/\(object)"), "the damaged object is dropped")
    try fixture.run(force: true)
    #expect(try await fixture.runner().push(to: remote).results == 1)

    try fixture.scribble(on: "remote/objects/\(object)")
    try fixture.remove(".work/cache")
    let fetched = try await fixture.runner().pull(from: remote, all: true)
    #expect(fetched.results == 1 && fetched.leftOut.count == 1)
    #expect(!fixture.exists(".work/cache/objects/\(object)"))
    try fixture.remove("data")
    #expect(fixture.outcomes(try fixture.run()) == ["big done", "sum restored"])
  }

  @Test func whatIsDamagedAtTheRemoteIsMendedByAPushThatVerifies() async throws {
    let fixture = try cacheBench()
    try fixture.run()
    let remote = remote(fixture)
    _ = try await fixture.runner().push(to: remote)
    let second = try cacheBench()
    func ruin(_ object: (String) throws -> Void) throws {
      let objects = fixture.files("remote/objects")
      #expect(objects.count >= 6)
      for name in objects { try object("remote/objects/\(name)") }
    }
    for damage in [fixture.scribble(on:), fixture.remove, { try fixture.write("", to: $0) }] {
      try ruin(damage)
      let fetched = try await second.runner().pull(from: remote, all: true)
      #expect(fetched.results == 0 && fetched.leftOut.count == 2)
      #expect(fetched.leftOut[0].hasSuffix(" there"))
      #expect(fetched.doneBytes == fetched.totalBytes)
      let hasty = try await fixture.runner().push(to: remote)
      #expect(hasty.present == 2 && hasty.objects == 0)
      let sent = try await fixture.runner().push(to: remote, verify: true)
      #expect(sent.repaired == 2 && sent.results == 0 && sent.present == 0)
      #expect(sent.leftOut.isEmpty && sent.objects >= 6 && sent.doneBytes == sent.totalBytes)
      let again = try await fixture.runner().push(to: remote, verify: true)
      #expect(again.present == 2 && again.repaired == 0 && again.objects == 0)
      #expect(again.doneBytes == again.totalBytes && again.totalBytes > 2_400_000)
    }
    // An entry that is no JSON, and a result that isn't there yet but shares objects with what is damaged.
    for file in fixture.files("remote/entries") {
      try fixture.write("{", to: "remote/entries/\(file)")
    }
    #expect(try await fixture.runner().push(to: remote, verify: true).repaired == 2)
    try fixture.remove("remote/entries")
    try ruin(fixture.scribble(on:))
    #expect(try await fixture.runner().push(to: remote, verify: true).results == 2)
    #expect(try await second.runner().pull(from: remote, all: true).results == 2)
    #expect(second.outcomes(try second.run()) == ["big restored", "sum restored"])
  }

  @Test func whatAnotherMachineMadeStaysWhileItIsWhole() async throws {
    func machine(_ name: String) throws -> WorkspaceFixture {
      let fixture = try WorkspaceFixture()
      try fixture.stage("a", "outs: [out]", body: #"cat "$(order root)/name" > "$(out out)""#)
      try fixture.write(name, to: "name")
      try fixture.run()
      return fixture
    }
    let (first, second) = (try machine("first"), try machine("second"))
    let remote = remote(first)
    #expect(try await first.runner().push(to: remote).results == 1)
    let sent = try await second.runner().push(to: remote, verify: true)
    #expect(sent.present == 1 && sent.objects == 0)
    for object in first.files("remote/objects") {
      try first.scribble(on: "remote/objects/\(object)")
    }
    #expect(try await second.runner().push(to: remote, verify: true).repaired == 1)
    try first.remove(".work/cache")
    #expect(try await first.runner().pull(from: remote).results == 1)
    try first.remove("out")
    #expect(first.outcomes(try first.run()) == ["a restored"] && first.read("out") == "second")
  }

  @Test func whatWasDamagedHereIsFetchedWhole() async throws {
    let fixture = try cacheBench()
    try fixture.run()
    let remote = remote(fixture)
    _ = try await fixture.runner().push(to: remote)
    for object in fixture.files(".work/cache/objects") {
      try fixture.scribble(on: ".work/cache/objects/\(object)")
    }
    let other = FolderRemote(fixture.url.appendingPathComponent("other"))
    // That it is damaged is found out in sending; then it is no result any longer.
    let sent = try await fixture.runner().push(to: other)
    #expect(sent.results == 0 && sent.leftOut.count == 2)
    #expect(sent.leftOut.allSatisfy { $0.hasSuffix(" is damaged here") })
    #expect(try await fixture.runner().push(to: other).leftOut.isEmpty)
    try fixture.remove("data")
    let fetched = try await fixture.runner().pull(from: remote, all: true)
    #expect(fetched.results == 2 && fetched.leftOut.isEmpty)
    #expect(fixture.outcomes(try fixture.run()) == ["big restored", "sum restored"])
  }

  @Test func figuresAgree() async throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage(
      "a", "outs: [set]",
      body: #"""
        d="$(out set)"; mkdir "$d"
        for i in 1 2 3; do echo $i$i$i > "$d/$i"; done
        echo "{}" > "$(order record)"
        """#)
    try fixture.run()
    let remote = remote(fixture)
    let sent = try await fixture.runner().push(to: remote)
    try fixture.remove(".work/cache")
    let fetched = try await fixture.runner().pull(from: remote)
    // Three files of 4 bytes, the record of 3, and the folder's listing.
    #expect(sent.bytes == 15 + 3 * 36 && sent.objects == 5)
    for transfer in [sent, fetched] {
      #expect(transfer.bytes == sent.bytes && transfer.totalBytes == sent.bytes)
      #expect(transfer.doneBytes == sent.bytes && transfer.objects == 5)
    }
  }

  @Test func remotesThatAreMistakesAreRefused() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write("x", to: "file")
    func refusal(_ path: String, mustExist: Bool) -> String? {
      do {
        _ = try FolderRemote(path: path, mustExist: mustExist)
        return nil
      } catch let error as PipelineError {
        return error.exit == .badInput ? error.description : "\(error.exit)"
      } catch { return "\(error)" }
    }
    for empty in ["", " "] {
      #expect(refusal(empty, mustExist: false)?.hasPrefix("the remote's name is empty") == true)
    }
    #expect(refusal(fixture.path("none"), mustExist: false) == nil)
    #expect(
      refusal(fixture.path("none"), mustExist: true)?.contains("there is no such folder") == true)
    #expect(refusal(fixture.path("file"), mustExist: false)?.contains("is a file") == true)
    #expect(refusal(fixture.path("stages"), mustExist: true) == nil)
  }

  @Test func entriesThatLeadOutOfTheWorkspaceAreRefused() async throws {
    let fixture = try cacheBench()
    try fixture.run()
    let remote = remote(fixture)
    _ = try await fixture.runner().push(to: remote)
    for file in fixture.files("remote/entries") {
      let text = try #require(fixture.read("remote/entries/\(file)"))
      try fixture.write(
        text.replacing(/"run" : "[^"]*"/, with: #""run" : "../../outside""#),
        to: "remote/entries/\(file)")
    }
    try fixture.remove(".work/cache")
    let fetched = try await fixture.runner().pull(from: remote)
    #expect(fetched.results == 0 && fetched.leftOut.count >= 1)
  }

  @Test func aRemoteThatIsNotThereIsEmpty() async throws {
    let fixture = try cacheBench()
    let fetched = try await fixture.runner().pull(from: remote(fixture), all: true)
    #expect(fetched.results == 0 && fetched.present == 0 && fetched.leftOut.isEmpty)
  }
}
