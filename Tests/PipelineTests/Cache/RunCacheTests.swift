// The run cache: earlier results come back when code, parameters and inputs do, whole, checked, and without
// running or building anything.

import Basics
import Foundation
import Pipeline
import Synchronization
import TestSupport
import Testing

/// Writes a scaled number into a large file, a folder of two files, and a small file.
func cacheBench() throws -> WorkspaceFixture {
  let fixture = try WorkspaceFixture("n: 1\nother: 1\n")
  try fixture.stage(
    "big", "params: [n]", "outs: [data/big.bin, data/set, data/small.txt]",
    body: #"""
      n=$(sed -n 's/.*"n" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
      yes $n | head -c 1200000 > "$(out data/big.bin)"
      d="$(out data/set)"; mkdir -p "$d/sub" "$d/empty"
      yes a$n | head -c 1200000 > "$d/sub/a"; cp "$d/sub/a" "$d/b"; echo same > "$d/c"
      echo $n > "$(out data/small.txt)"
      echo "{\"metric\":{\"score\":0.$n}}" >> "$(order events)"
      echo "{}" > "$(order record)"
      """#)
  try fixture.stage(
    "sum", "deps: [data/set, data/small.txt]", "outs: [data/sum.txt]",
    body: #"cat data/set/c data/small.txt > "$(out data/sum.txt)""#)
  return fixture
}

extension WorkspaceFixture {
  func outcomes(_ summary: RunSummary) -> [String] {
    summary.results.map { "\($0.instance) \($0.outcome.rawValue)" }
  }

  func path(_ path: String) -> String { url.appendingPathComponent(path).path }

  func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: self.path(path))
    return try #require(attributes[.posixPermissions] as? Int)
  }

  func names(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: self.path(path))
    return try #require(attributes[.referenceCount] as? Int)
  }

  /// Files below a folder, relative to it.
  func files(_ path: String) -> [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: self.path(path))) ?? []).sorted()
      .filter { !url.appendingPathComponent("\(path)/\($0)").hasDirectoryPath }
  }

  /// Writes into a file in spite of its mode, keeping the inode, as a stubborn editor does.
  func scribble(on path: String) throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: self.path(path))
    let handle = try FileHandle(forWritingTo: url.appendingPathComponent(path))
    try handle.write(contentsOf: Data("scribble".utf8))
    try handle.close()
  }
}

@Suite struct RunCacheTests {
  @Test func earlierParametersBringBackTheirResults() throws {
    let fixture = try cacheBench()
    let first = try fixture.run()
    let lock = fixture.read("work.lock")
    let big = fixture.read("data/big.bin")
    try fixture.write("n: 2\nother: 1\n", to: "params.yaml")
    let second = try fixture.run()
    #expect(fixture.outcomes(second) == ["big done", "sum done"])
    #expect(fixture.read("data/sum.txt") == "same\n2\n")
    try fixture.write("n: 1\nother: 1\n", to: "params.yaml")
    let third = try fixture.run()
    #expect(fixture.outcomes(third) == ["big restored", "sum restored"])
    #expect(third.message == "2 restored from the cache, the rest is up to date")
    #expect(fixture.starts("big") == 2 && fixture.starts("sum") == 2)
    #expect(fixture.read("data/big.bin") == big)
    #expect(fixture.read("data/sum.txt") == "same\n1\n")
    #expect(fixture.exists("data/set/empty") && fixture.read("data/set/c") == "same\n")
    #expect(fixture.read("work.lock") == lock, "as a run would have written it")
    // Record, numbers and origin are those of the run that made it.
    let result = third.results[0]
    #expect(result.restored?.run == first.folder?.lastPathComponent)
    #expect(result.metrics == ["score": 0.1])
    #expect(result.record?.path == first.folder?.appendingPathComponent("big.record.jsonl").path)
    #expect(
      try fixture.runner().latestRecord(of: "big")?.path == result.record?.path)
    #expect(fixture.outcomes(try fixture.run()) == ["big fresh", "sum fresh"])
    #expect(!fixture.exists(".work/scratch/big"))
  }

  @Test func earlierCodeBringsBackItsResults() throws {
    let fixture = try cacheBench()
    try fixture.run()
    let script = try #require(fixture.read("stages/sum.sh"))
    try fixture.write(script.replacing("set/c", with: "set/c data/set/c"), to: "stages/sum.sh")
    #expect(fixture.outcomes(try fixture.run()) == ["big fresh", "sum done"])
    try fixture.write(script, to: "stages/sum.sh")
    #expect(fixture.outcomes(try fixture.run()) == ["big fresh", "sum restored"])
    #expect(fixture.read("data/sum.txt") == "same\n1\n")
  }

  @Test func aDroppedOverrideTakesTheEarlierResult() throws {
    let fixture = try cacheBench()
    try fixture.run()
    #expect(try fixture.run(overrides: ["n=5"]).results[0].outcome == .done)
    let summary = try fixture.run()
    #expect(summary.results[0].outcome == .restored)
    #expect(summary.results[0].reasons.map(\.description).contains("override dropped: n: 5 → 1"))
    #expect(try fixture.run(overrides: ["n=5"]).results[0].outcome == .restored)
    #expect(try fixture.status("big", overrides: ["n=5"])?.overrides == ["n"])
  }

  @Test func forceRuns() throws {
    let fixture = try cacheBench()
    try fixture.run()
    try fixture.run(overrides: ["n=5"])
    let summary = try fixture.run("big", force: true)
    #expect(fixture.outcomes(summary) == ["big done"])
    #expect(fixture.starts("big") == 3)
  }

  @Test func missingAndEditedOutputsComeBack() throws {
    let fixture = try cacheBench()
    try fixture.run()
    try fixture.remove("data")
    #expect(fixture.outcomes(try fixture.run()) == ["big restored", "sum restored"])
    try fixture.write("edited", to: "data/sum.txt")
    #expect(fixture.outcomes(try fixture.run()) == ["big fresh", "sum restored"])
    #expect(fixture.read("data/sum.txt") == "same\n1\n")
    #expect(fixture.starts("big") == 1 && fixture.starts("sum") == 1)
  }

  @Test func whatWasRestoredDecidesWhatComesAfter() throws {
    let fixture = try cacheBench()
    try fixture.run()
    try fixture.write("n: 2\nother: 1\n", to: "params.yaml")
    try fixture.run("big")
    try fixture.copy("sum", from: "data/small.txt", to: "data/sum.txt")
    // What has to run comes after what comes back.
    try fixture.write("n: 1\nother: 1\n", to: "params.yaml")
    #expect(fixture.outcomes(try fixture.run()) == ["big restored", "sum done"])
    #expect(fixture.read("data/sum.txt") == "1\n")
  }

  /// Counts builds, and makes a shell script of each Swift stage.
  private final class Builder: StageBuilder {
    let built = Mutex<[String]>([])
    let root: URL
    init(_ root: URL) { self.root = root }
    func build(
      stage: String, identity: String, log: URL, interruption: Interruption,
      tell: (BuildNews) -> Void
    ) throws -> BuildOutcome {
      built.withLock { $0.append(stage) }
      let program = root.appendingPathComponent("program-\(stage)")
      if !FileManager.default.fileExists(atPath: program.path) {
        let text = #"""
          #!/bin/sh
          sed -n 's|^ *"data/.*" : "\(.*\)",\{0,1\}$|\1|p' "$WORK_ORDER" | while read f; do
            sed -n 's/.*"n" : \([0-9]*\).*/\1/p' "$WORK_ORDER" > "$f"
          done
          """#
        try writeProgram(text, to: program)
      }
      return .built(program: program, seconds: nil)
    }
  }

  @Test func nothingIsBuiltForWhatComesBack() throws {
    let fixture = try WorkspaceFixture("n: 1\nm: 1\n")
    try fixture.write("", to: "Package.swift")
    func swift(_ name: String, _ header: String...) throws {
      try fixture.write(
        "// ---\n" + header.map { "// \($0)\n" }.joined() + "// ---\nimport Workbench\n",
        to: "stages/\(name).swift")
    }
    try swift("a", "params: [n]", "outs: [data/a.txt]")
    try swift("b", "deps: [data/a.txt]", "params: [n]", "outs: [data/b.txt]")
    try swift("c", "deps: [data/b.txt]", "params: [m]", "outs: [data/c.txt]")
    let builder = Builder(fixture.url)
    func run(_ overrides: String...) throws -> [String] {
      builder.built.withLock { $0 = [] }
      let runner = try Runner(workspace: fixture.workspace, overrides: overrides, builder: builder)
      return fixture.outcomes(try runner.run(RunOptions(), observer: fixture.listener))
        .map { String($0.split(separator: " ")[1]) } + builder.built.withLock { $0 }
    }
    #expect(try run() == ["done", "done", "done", "a", "b", "c"])
    #expect(try run("n=2") == ["done", "done", "done", "a", "b", "c"])
    #expect(try run() == ["restored", "restored", "restored"])
    // The chain comes back as far as the cache goes; only what is after that is built.
    #expect(try run("n=2", "m=2") == ["restored", "restored", "done", "c"])
  }

  @Test func damageIsFoundDroppedAndMadeGood() throws {
    let fixture = try cacheBench()
    try fixture.run()
    #expect(try fixture.names("data/big.bin") == 2 || fixture.mode("data/big.bin") & 0o200 != 0)
    // The edit reaches the object where it is a hard link of the output; where not, edit the object.
    let object = try #require(
      fixture.files(".work/cache/objects").first { file in
        fixture.read(".work/cache/objects/\(file)") == fixture.read("data/big.bin")
      })
    try fixture.scribble(on: ".work/cache/objects/\(object)")
    try? fixture.remove("data/big.bin")
    let summary = try fixture.run()
    #expect(fixture.outcomes(summary) == ["big done", "sum fresh"])
    #expect(
      fixture.listener.notices.contains {
        $0.hasPrefix("the cache's result of big is damaged (object ")
      })
    #expect(fixture.read("data/big.bin")?.hasPrefix("1\n1\n") == true)
    try fixture.remove("data")
    #expect(fixture.outcomes(try fixture.run()) == ["big restored", "sum restored"])
    // An object that is gone altogether, and an entry that is no JSON.
    try fixture.remove(".work/cache/objects/\(object)")
    try fixture.remove("data/big.bin")
    #expect(fixture.outcomes(try fixture.run()) == ["big done", "sum fresh"])
    #expect(fixture.listener.notices.contains { $0.contains("incomplete (no object ") })
    for file in fixture.files(".work/cache/entries") {
      try fixture.write("{", to: ".work/cache/entries/\(file)")
    }
    try fixture.remove("data/big.bin")
    #expect(fixture.outcomes(try fixture.run()) == ["big done", "sum fresh"])
  }

  /// Overwrites every object, trees among them, and removes the outputs.
  private func ruin(_ fixture: WorkspaceFixture) throws {
    let objects = fixture.files(".work/cache/objects")
    #expect(objects.count >= 6)
    for object in objects { try fixture.scribble(on: ".work/cache/objects/\(object)") }
    try fixture.remove("data")
  }

  @Test func oneRunRepairsAResultWithManyDamagedObjects() throws {
    let fixture = try cacheBench()
    try fixture.run()
    try ruin(fixture)
    #expect(fixture.outcomes(try fixture.run()) == ["big done", "sum done"])
    let notices = fixture.listener.notices.filter { $0.contains("the cache's result of ") }
    #expect(notices.count == 2, "one for each result: \(notices)")
    #expect(notices.allSatisfy { $0.contains(" is damaged (object ") })
    try fixture.remove("data")
    #expect(fixture.outcomes(try fixture.run()) == ["big restored", "sum restored"])
    #expect(fixture.read("data/set/c") == "same\n" && fixture.read("data/sum.txt") == "same\n1\n")
  }

  @Test func damageIsRememberedUntilAGoodRun() throws {
    let fixture = try cacheBench()
    let script = try #require(fixture.read("stages/big.sh"))
    try fixture.write(
      script.replacing("set -e", with: "set -e; [ ! -e hold ] || exit 1"), to: "stages/big.sh")
    try fixture.run()
    try ruin(fixture)
    try fixture.write("", to: "hold")
    #expect(try fixture.run().exit == .failed)
    // A result that is in doubt isn't foretold either.
    #expect(try fixture.runner().plan(RunOptions()).instances[0].restoredFrom == nil)
    let count = fixture.listener.notices.count
    try fixture.remove("hold")
    #expect(fixture.outcomes(try fixture.run("big")) == ["big done"])
    #expect(fixture.listener.notices.count == count, "said once")
    try fixture.remove("data")
    #expect(fixture.outcomes(try fixture.run("big")) == ["big restored"])
  }

  @Test func anEditInPlaceReachesNoResult() throws {
    let fixture = try cacheBench()
    try fixture.run()
    try fixture.scribble(on: "data/set/sub/a")
    let summary = try fixture.run()
    // A hard link took the object along, so the stage ran; a copy or reflink brought it back.
    #expect(["big done", "big restored"].contains(fixture.outcomes(summary)[0]))
    #expect(fixture.read("data/set/sub/a")?.hasPrefix("a1\na1\n") == true)
    try fixture.run(overrides: ["n=2"])
    #expect(fixture.outcomes(try fixture.run())[0] == "big restored")
    #expect(fixture.read("data/set/sub/a")?.hasPrefix("a1\na1\n") == true)
  }

  @Test func largeOutputsAreReadOnlyLinksAndSmallOnesStayWritable() throws {
    let fixture = try cacheBench()
    try fixture.run()
    #expect(try fixture.mode("data/small.txt") & 0o200 != 0)
    #expect(try fixture.names("data/small.txt") == 1)
    if try fixture.names("data/big.bin") > 1 {
      #expect(try fixture.mode("data/big.bin") == 0o444)
      // One object for both files of the same content.
      #expect(try fixture.names("data/set/sub/a") + fixture.names("data/set/b") == 3)
    }
    // The next run replaces them all the same.
    #expect(try fixture.ran(overrides: ["n=2"]) == ["big", "sum"])
    #expect(fixture.read("data/big.bin")?.hasPrefix("2\n") == true)
    let summary = try fixture.run()
    #expect(["hard links", "reflinks"].contains(summary.results[0].restored?.sharing))
    #expect(try fixture.mode("data/small.txt") & 0o200 != 0)
    // Restored links are known to the table: nothing is read again.
    usleep(30_000)
    let hashes = FileHashes(
      root: fixture.url, table: fixture.url.appendingPathComponent(".work/hashes"))
    _ = try hashes.state(of: "data/set")
    #expect(hashes.filesRead == 0)
  }

  @Test func anOutputThatIsALinkIsRefused() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write("secret\n", to: "outside")
    try fixture.stage(
      "a", "outs: [out.txt]", body: #"ln -s "$(order root)/outside" "$(out out.txt)""#)
    let result = try fixture.run().results[0]
    #expect(result.outcome == .failed)
    #expect(result.error?.contains("wrote its output out.txt as a link") == true)
    #expect(!fixture.exists("out.txt") && fixture.files(".work/cache/objects") == [])
  }

  @Test func unchangedOutputsMakeAnEntryAndNothingElse() throws {
    let fixture = try WorkspaceFixture("n: 1\n")
    try fixture.stage(
      "a", "params: [n]", "outs: [big]", body: #"yes | head -c 1200000 > "$(out big)""#)
    try fixture.run()
    let objects = fixture.files(".work/cache/objects")
    #expect(try fixture.run(overrides: ["n=2"]).results[0].unchanged)
    #expect(fixture.files(".work/cache/objects") == objects)
    #expect(fixture.files(".work/cache/entries").count == 2)
    let summary = try fixture.run()
    #expect(summary.results[0].outcome == .restored && summary.results[0].unchanged)
    #expect(summary.results[0].restored?.sharing == nil, "in place already")
  }

  @Test func linksOutOfTheWorkspaceAreLeftAlone() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write(String(repeating: "x", count: 1_200_000), to: "outside/file")
    try fixture.stage(
      "a", "outs: [set]",
      body: #"""
        d="$(out set)"; mkdir "$d"
        ln -s "$(order root)/outside/file" "$d/soft"; ln "$(order root)/outside/file" "$d/hard"
        ln -s "$(order root)/other" "$d/folder"
        """#)
    try fixture.write(String(repeating: "y", count: 1_200_000), to: "other/file")
    try fixture.run()
    #expect(try fixture.mode("other/file") & 0o200 != 0)
    #expect(try fixture.names("other/file") == 1)
    #expect(try fixture.mode("outside/file") & 0o200 != 0)
    #expect(try fixture.names("outside/file") == 2)
    try fixture.remove("set")
    #expect(try fixture.run().results[0].outcome == .restored)
    #expect(fixture.read("set/soft") == fixture.read("outside/file"))
  }

  @Test func pinnedValuesOfTheOthersCount() throws {
    let fixture = try WorkspaceFixture("n: 2\nbudget: 1\n")
    try fixture.write("*", to: "speed")
    try fixture.stage(
      "train", "params: [budget]", "outs: [\"data/${k}.txt\"]", "foreach: {k: n}",
      body: #"""
        p="$(order pinned)/epochs.json"
        [ -e "$p" ] || { mkdir -p "$(order pinned)"; wc -c < speed > "$p"; }
        k=$(sed -n 's/.*"k" : \([0-9]*\).*/\1/p' "$WORK_ORDER")
        cat "$p" > "$(out data/$k.txt)"
        """#)
    try fixture.run()
    try fixture.remove("data")
    #expect(try fixture.run().results.map(\.outcome) == [.restored, .restored])
    #expect(fixture.read("work.lock")?.contains("pinned:\n      epochs: 1\n") == true)
    // One of them found another value in a run without lock and cache; that of the cache doesn't go with it.
    let kept = ".work/cache"
    try FileManager.default.moveItem(atPath: fixture.path(kept), toPath: fixture.path("aside"))
    try fixture.write("***", to: "speed")
    try fixture.remove("work.lock")
    try fixture.run("train@0")
    try fixture.remove(kept)
    try FileManager.default.moveItem(atPath: fixture.path("aside"), toPath: fixture.path(kept))
    #expect(try fixture.run().results.map(\.outcome) == [.fresh, .done])
    #expect(fixture.read("data/0.txt") == fixture.read("data/1.txt"))
  }

  @Test func withoutACache() throws {
    let fixture = try cacheBench()
    try fixture.write("n: 1\nother: 1\nruntime: {cache: false}\n", to: "params.yaml")
    try fixture.run()
    #expect(!fixture.exists(".work/cache"))
    #expect(try fixture.mode("data/big.bin") & 0o200 != 0)
    try fixture.remove("data/small.txt")
    #expect(fixture.outcomes(try fixture.run()) == ["big done", "sum fresh"])
    try fixture.write("n: 1\nother: 1\nruntime: {cache: maybe}\n", to: "params.yaml")
    #expect(
      message { try fixture.run() } == "runtime.cache is \"maybe\", but should be true or false")
  }

  @Test func nothingToDoLeavesTheCacheAlone() throws {
    let fixture = try cacheBench()
    try fixture.run()
    try FileManager.default.setAttributes(
      [.posixPermissions: 0], ofItemAtPath: fixture.path(".work/cache"))
    defer {
      try? FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: fixture.path(".work/cache"))
    }
    let steps = Mutex(0)
    let runner = try fixture.runner()
    runner.step = { _ in steps.withLock { $0 += 1 } }
    #expect(
      try runner.run(RunOptions(), observer: fixture.listener).results.map(\.outcome) == [
        .fresh, .fresh,
      ])
    #expect(steps.withLock { $0 } == 0)
  }
}

@Suite struct FolderTreeTests {
  @Test func itsBytesAreWhatTheFoldersHashIsTakenOver() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write("1", to: "d/a")
    try fixture.write("2", to: "d/sub/b")
    try fixture.write("3", to: "d/sub/deeper/c")
    try fixture.write("4", to: "d/sub.txt")
    let hashes = FileHashes(root: fixture.url, table: fixture.url.appendingPathComponent("table"))
    let tree = try #require(try hashes.tree(of: "d"))
    #expect(try hashes.state(of: "d")?.hash == tree.hash)
    #expect(FolderTree(tree.bytes) == tree)
    for path in ["sub", "sub/deeper", "a", "sub/b", "sub.txt"] {
      #expect(try hashes.state(of: "d/\(path)")?.hash == tree.hash(of: path), "\(path)")
    }
    #expect(tree.hash(of: "su") == nil && tree.hash(of: "sub/x") == nil)
    #expect(try hashes.tree(of: "d/a") == nil)
  }

  @Test(arguments: [
    "d ../x\0", "d /x\0", "d a/../b\0", "x a\0", "d a", "f a\0short", "d  ", "da\0",
  ])
  func refusesWhatIsNoListing(_ text: String) {
    #expect(FolderTree(Array(text.utf8)) == nil)
  }
}
