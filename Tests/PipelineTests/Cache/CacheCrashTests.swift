// Crashes at every step that the cache takes: in a restoring run, in a collection, in a push and in a pull.
// What is left is consistent, and the same command brings it to its end.

import Basics
import Foundation
import Pipeline
import Synchronization
import Testing

private struct Crash: Error {}

@Suite struct CacheCrashTests {
  /// Lets the n-th step be the last; the name of it is in `crashed`.
  private func crashing(_ runner: Runner, at number: Int, _ crashed: @escaping (String) -> Void) {
    let count = Mutex(0)
    runner.step = { name in
      if count.withLock({
        $0 += 1; return $0
      }) == number {
        crashed(name)
        throw Crash()
      }
    }
  }

  private func run(_ fixture: WorkspaceFixture, crashAt number: Int) throws -> String? {
    let runner = try fixture.runner()
    var crashed: String?
    crashing(runner, at: number) { crashed = $0 }
    do { _ = try runner.run(RunOptions(), observer: fixture.listener) } catch is Crash {}
    return crashed
  }

  private func check(_ fixture: WorkspaceFixture, n: Int, _ step: String) throws {
    #expect(fixture.read("data/sum.txt") == "same\n\(n)\n", "\(step)")
    #expect(fixture.read("data/big.bin")?.hasPrefix("\(n)\n") == true, "\(step)")
    #expect(fixture.read("data/set/b")?.hasPrefix("a\(n)\n") == true, "\(step)")
    #expect(
      try FileManager.default.contentsOfDirectory(
        atPath: fixture.path("data")
      ).sorted() == ["big.bin", "set", "small.txt", "sum.txt"], "\(step)")
    #expect(!fixture.exists(".work/scratch/big") && !fixture.exists(".work/scratch/sum"), "\(step)")
    #expect(try fixture.ran().isEmpty, "\(step)")
  }

  @Test func everyStepOfARestoringRun() async throws {
    var steps: Set<String> = []
    for number in 1... {
      await Task.yield()
      let fixture = try cacheBench()
      try fixture.run()
      try fixture.run(overrides: ["n=2"])
      guard let step = try run(fixture, crashAt: number) else { break }
      steps.insert(step)
      let lock = try Lock(yaml: try #require(fixture.read("work.lock")))
      if lock.entries["big"]?.parameters.first?.value == .int(1) {
        // What the lock vouches for is whole.
        #expect(fixture.read("data/big.bin")?.hasPrefix("1\n") == true, "\(step)")
        #expect(fixture.read("data/small.txt") == "1\n", "\(step)")
      }
      #expect(try fixture.run().exit == .ok, "\(step)")
      #expect(fixture.starts("big") == 2 && fixture.starts("sum") == 2, "nothing runs: \(step)")
      try check(fixture, n: 1, step)
    }
    #expect(
      steps.isSuperset(of: [
        "put back a file", "put back a folder", "say which run was the latest", "write the lock",
        "remove scratch",
      ]))
  }

  @Test func everyStepOfKeeping() async throws {
    var steps: Set<String> = []
    for number in 1... {
      await Task.yield()
      let fixture = try cacheBench()
      guard let step = try run(fixture, crashAt: number) else { break }
      steps.insert(step)
      #expect(try fixture.run().exit == .ok, "\(step)")
      try check(fixture, n: 1, step)
      // Whatever was kept by halves is right as far as it goes.
      try fixture.run(overrides: ["n=2"])
      #expect(try fixture.run().exit == .ok, "\(step)")
      try check(fixture, n: 1, step)
    }
    #expect(
      steps.isSuperset(of: [
        "keep an object", "name an object", "keep a tree", "write the cache entry",
      ]))
  }

  @Test func everyStepOfACollection() async throws {
    var steps: Set<String> = []
    for number in 1... {
      await Task.yield()
      let fixture = try cacheBench()
      for n in 1...3 { try fixture.run(overrides: ["n=\(n)"]) }
      try fixture.run()
      let runner = try fixture.runner()
      var crashed: String?
      crashing(runner, at: number) { crashed = $0 }
      do { _ = try runner.collect(keep: 0) } catch is Crash {}
      guard let step = crashed else { break }
      steps.insert(step)
      // What is left of other results either comes back whole or is made anew.
      #expect(try fixture.run(overrides: ["n=3"]).exit == .ok, "\(step)")
      #expect(fixture.read("data/sum.txt") == "same\n3\n", "\(step)")
      #expect(fixture.outcomes(try fixture.run())[0] == "big restored", "needed: \(step)")
      try check(fixture, n: 1, step)
      _ = try fixture.runner().collect(keep: 0)
      #expect(try fixture.runner().collect(keep: 0).items.isEmpty, "\(step)")
    }
    #expect(steps.isSuperset(of: ["remove a cache entry", "remove an object"]))
  }

  @Test func everyStepOfPushAndPull() async throws {
    var steps: Set<String> = []
    for number in 1... {
      await Task.yield()
      let fixture = try cacheBench()
      try fixture.run()
      let remote = FolderRemote(fixture.url.appendingPathComponent("remote"))
      let pusher = try fixture.runner()
      var crashed: String?
      crashing(pusher, at: number) { crashed = $0 }
      do { _ = try await pusher.push(to: remote) } catch is Crash {}
      let pushed = crashed
      try consistent(fixture, "remote", pushed ?? "pushed")
      _ = try await fixture.runner().push(to: remote)
      try fixture.remove(".work/cache")
      let puller = try fixture.runner()
      crashed = nil
      crashing(puller, at: number) { crashed = $0 }
      do { _ = try await puller.pull(from: remote) } catch is Crash {}
      try consistent(fixture, ".work/cache", crashed ?? "pulled")
      if pushed == nil, crashed == nil { break }
      steps.formUnion([pushed, crashed].compactMap { $0 })
      #expect(try await fixture.runner().pull(from: remote).leftOut.isEmpty)
      try fixture.remove("data")
      #expect(fixture.outcomes(try fixture.run()) == ["big restored", "sum restored"])
    }
    #expect(
      steps == ["send an object", "send an entry", "fetch an object", "write the cache entry"])
  }

  /// Every entry's objects are there and are what their names say.
  private func consistent(_ fixture: WorkspaceFixture, _ folder: String, _ step: String) throws {
    func object(_ hash: String) -> String {
      "\(folder)/objects/\(hash.prefix(2))/\(hash.dropFirst(2))"
    }
    for file in fixture.files("\(folder)/entries") where file.hasSuffix(".json") {
      let entry = try JSONDecoder().decode(
        JSONValue.self,
        from: Data(try #require(fixture.read("\(folder)/entries/\(file)")).utf8))
      guard case .object(let outputs)? = entry["outputs"] else {
        Issue.record("no outputs")
        continue
      }
      for output in outputs {
        let hash = try #require(output.value["hash"]?.plainText)
        let data = try Data(contentsOf: fixture.url.appendingPathComponent(object(hash)))
        guard output.value["kind"] == .string("folder") else { continue }
        let tree = try #require(FolderTree(Array(data)), "\(step)")
        #expect(tree.hash == hash, "\(step)")
        for case .file(_, let hash) in tree.nodes {
          let hash = hash.map { String(format: "%02x", $0) }.joined()
          #expect(fixture.exists(object(hash)), "\(step)")
        }
      }
    }
  }
}
