// Which edits of which modules stale which stages; the compiler is a stand-in.

import Basics
import Foundation
import Pipeline
import Scripts
import Synchronization
import TestSupport
import Testing

/// "Compiles" by writing a shell script that makes the output.
private final class StandIn: StageBuilder {
  let folder: URL
  let broken: Set<String>
  let built = Mutex<[String]>([])

  init(_ folder: URL, broken: Set<String> = []) {
    self.folder = folder
    self.broken = broken
  }

  func build(
    stage: String, identity: String, log: URL, interruption: Interruption,
    tell: (BuildNews) -> Void
  ) throws -> BuildOutcome {
    built.withLock { $0.append(stage) }
    if broken.contains(stage) {
      return .failed(errors: "stages/\(stage).swift:7:3: error: cannot find 'x' in scope", log: log)
    }
    let program = folder.appendingPathComponent("\(stage).program")
    let script = #"""
      #!/bin/sh
      for target in $(sed -n 's|.*: "\(/.*/outs/[0-9]*\)".*|\1|p' "$WORK_ORDER"); do echo > "$target"; done
      """#
    try writeProgram(script, to: program)
    return .built(program: program, seconds: 0.1)
  }
}

@Suite struct CodeIdentityTests {
  private func bench() throws -> Bench {
    let bench = try Bench()
    try bench.write("public import Base\nfunc engine() {}\n", to: "Sources/Engine/Engine.swift")
    try bench.write("public func base() {}\n", to: "Sources/Base/Base.swift")
    try bench.write("import CKern\nfunc pages() {}\n", to: "Sources/Pages/Pages.swift")
    try bench.write("#include \"CLow.h\"\nint k(void) { return 1; }\n", to: "Sources/CKern/k.c")
    try bench.write("int low(void);\n", to: "Sources/CLow/include/CLow.h")
    try bench.write(
      """
      let yams = Target.Dependency.product(name: "Yams", package: "Yams")
      dependencies: [ .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2") ]
      """, to: "Package.swift")
    let header = { (out: String) in "// ---\n// outs: [\(out)]\n// ---\n\n" }
    try bench.write(
      header("a.txt") + "import Engine\nimport Foundation\nprint(1)\n", to: "stages/a.swift")
    try bench.write(header("b.txt") + "import Pages\nimport Yams\nprint(2)\n", to: "stages/b.swift")
    return bench
  }

  private func run(_ bench: Bench, broken: Set<String> = []) throws -> (RunSummary, built: [String])
  {
    let builder = StandIn(bench.url, broken: broken)
    let summary = try Runner(workspace: bench.workspace, builder: builder)
      .run(RunOptions(), observer: bench.listener)
    return (summary, builder.built.withLock { $0 })
  }

  @Test func modulesStaleTheirImportersOnly() throws {
    let bench = try bench()
    #expect(try run(bench).built == ["a", "b"])
    #expect(try run(bench).built == [])
    try bench.write("public func base() { base() }\n", to: "Sources/Base/Base.swift")
    #expect(try bench.reasons("a") == ["module Base changed: Base.swift changed"])
    #expect(try bench.status("b")?.state == .fresh)
    #expect(try run(bench).built == ["a"])
    try bench.write("int low(void), high(void);\n", to: "Sources/CLow/include/CLow.h")
    #expect(try bench.reasons("b") == ["module CLow changed: include/CLow.h changed"])
    #expect(try bench.status("a")?.state == .fresh)
    try run(bench).0.check()
    let manifest = try #require(bench.read("Package.swift"))
    try bench.write(manifest.replacing("6.2.2", with: "6.3.0"), to: "Package.swift")
    #expect(try bench.reasons("b") == ["package yams changed"])
  }

  @Test func modulesInCAreFoundInTheirFolder() throws {
    let bench = try bench()
    try bench.remove("Sources/CKern")
    try bench.remove("Sources/CLow")
    try bench.write("#include \"CLow.h\"\nint k(void) { return 1; }\n", to: "Sources/C/CKern/k.c")
    try bench.write("int low(void);\n", to: "Sources/C/CLow/include/CLow.h")
    _ = try run(bench)
    try bench.write("int k(void) { return 2; }\n", to: "Sources/C/CKern/extra/k2.c")
    #expect(try bench.reasons("b") == ["module CKern changed: extra/k2.c added"])
    try bench.write("int low(void), high(void);\n", to: "Sources/C/CLow/include/CLow.h")
    #expect(
      try bench.reasons("b") == [
        "module CKern changed: extra/k2.c added", "module CLow changed: include/CLow.h changed",
      ])
    for name in ["ckern", "CLow", "engine"] {
      #expect(throws: PipelineError.self) {
        _ = try StageTemplate(name, .swift, in: bench.workspace)
      }
    }
    _ = try StageTemplate("c", .swift, in: bench.workspace)
  }

  @Test func commentsInModulesAndScriptsAreNoReason() throws {
    let bench = try bench()
    _ = try run(bench)
    try bench.write("// why\npublic func base() {\n}\n", to: "Sources/Base/Base.swift")
    #expect(try bench.status("a")?.state == .stale)  // a new line before a brace may mean something
    try bench.write("// why\npublic   func base() {  }\n\n", to: "Sources/Base/Base.swift")
    try bench.write("/* low */ int low(void);\n", to: "Sources/CLow/include/CLow.h")
    let script = try #require(bench.read("stages/a.swift"))
    try bench.write(
      script.replacing("print", with: "// %% [markdown]\n// # Prose\nprint"), to: "stages/a.swift")
    #expect(try bench.runner().status().allSatisfy { $0.state == .fresh })
  }

  @Test(arguments: ["k.c", "tile.h", "tile.inc", "module.modulemap"])
  func commentsInCAreNoReason(file: String) throws {
    let bench = try bench()
    try bench.write("int tile;\n", to: "Sources/CKern/\(file)")
    _ = try run(bench)
    try bench.write("// Why\n\nint  tile;  /* what */\n", to: "Sources/CKern/\(file)")
    #expect(try bench.runner().status().allSatisfy { $0.state == .fresh })
    try bench.write("long tile;\n", to: "Sources/CKern/\(file)")
    #expect(try bench.reasons("b") == ["module CKern changed: \(file) changed"])
  }

  @Test func filesMovedWithinTheirModuleAreNoReason() throws {
    let bench = try bench()
    try bench.write("func more() {}\n", to: "Sources/Base/More.swift")
    try bench.write("int tile;\n", to: "Sources/CKern/tile.h")
    _ = try run(bench)
    func move(_ path: String, to new: String) throws {
      let text = try #require(bench.read(path))
      try bench.remove(path)
      try bench.write(text, to: new)
    }
    try move("Sources/Base/Base.swift", to: "Sources/Base/Low/Base.swift")
    try move("Sources/Base/More.swift", to: "Sources/Base/Low/Others.swift")
    try move("Sources/CKern/k.c", to: "Sources/CKern/tables/k.c")
    try move("Sources/CKern/tile.h", to: "Sources/CKern/kernels/tile.h")
    #expect(try bench.runner().status().allSatisfy { $0.state == .fresh })

    // Edits, additions and removals count, and are told without the moves.
    try bench.write("func others() {}\n", to: "Sources/Base/Low/Others.swift")
    #expect(
      try bench.reasons("a") == [
        "module Base changed: Low/Others.swift added; More.swift missing"
      ])
    try bench.write("func more() {}\n", to: "Sources/Base/Low/Others.swift")
    #expect(try bench.status("a")?.state == .fresh)
    try bench.write("func third() {}\n", to: "Sources/Base/Third.swift")
    #expect(try bench.reasons("a") == ["module Base changed: Third.swift added"])
    try bench.remove("Sources/Base/Third.swift")
    try bench.remove("Sources/Base/Low/Others.swift")
    #expect(try bench.reasons("a") == ["module Base changed: More.swift missing"])
    // The same content twice is not the same as once.
    try bench.write("func more() {}\n", to: "Sources/Base/More.swift")
    try bench.write("func more() {}\n", to: "Sources/Base/Again.swift")
    #expect(try bench.status("a")?.state == .stale)
  }

  @Test func headersThatSwapTheirNamesAreAReason() throws {
    let bench = try bench()
    try bench.write("int four;\n", to: "Sources/CKern/four.h")
    try bench.write("int eight;\n", to: "Sources/CKern/eight.h")
    try bench.write("int a;\n", to: "Sources/CKern/a/same.h")
    try bench.write("int b;\n", to: "Sources/CKern/b/same.h")
    _ = try run(bench)
    try bench.write("int eight;\n", to: "Sources/CKern/four.h")
    try bench.write("int four;\n", to: "Sources/CKern/eight.h")
    #expect(try bench.reasons("b") == ["module CKern changed: eight.h, four.h changed"])
    try bench.write("int four;\n", to: "Sources/CKern/four.h")
    try bench.write("int eight;\n", to: "Sources/CKern/eight.h")
    #expect(try bench.status("b")?.state == .fresh)
    try bench.write("int b;\n", to: "Sources/CKern/a/same.h")
    try bench.write("int a;\n", to: "Sources/CKern/b/same.h")
    #expect(try bench.reasons("b") == ["module CKern changed: a/same.h, b/same.h changed"])
  }

  @Test func newAndDroppedImportsAreNamed() throws {
    let bench = try bench()
    _ = try run(bench)
    let script = try #require(bench.read("stages/a.swift"))
    try bench.write(script.replacing("import Engine", with: "import Base"), to: "stages/a.swift")
    #expect(
      try bench.reasons("a") == [
        "module Engine no longer imported", "code of stages/a.swift changed",
      ])
  }

  @Test func brokenStageStopsOnlyItselfAndItsDependents() throws {
    let bench = try bench()
    try bench.copy("c", from: "a.txt", to: "c.txt")
    let (summary, _) = try run(bench, broken: ["a"])
    #expect(summary.exit == .failed)
    let outcomes = Dictionary(
      uniqueKeysWithValues: summary.results.map { ($0.instance, $0.outcome) })
    #expect(outcomes == ["a": .failed, "b": .done, "c": .notStarted])
    #expect(
      summary.results.first { $0.instance == "a" }?.error?.contains("stages/a.swift:7:3") == true)
  }
}

extension RunSummary {
  fileprivate func check() throws { #expect(exit == .ok) }
}
