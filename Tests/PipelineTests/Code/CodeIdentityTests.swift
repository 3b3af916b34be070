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
  private func fixture() throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture()
    try fixture.write("public import Base\nfunc engine() {}\n", to: "Sources/Engine/Engine.swift")
    try fixture.write("public func base() {}\n", to: "Sources/Base/Base.swift")
    try fixture.write("import CKern\nfunc pages() {}\n", to: "Sources/Pages/Pages.swift")
    try fixture.write("#include \"CLow.h\"\nint k(void) { return 1; }\n", to: "Sources/CKern/k.c")
    try fixture.write("int low(void);\n", to: "Sources/CLow/include/CLow.h")
    try fixture.write(
      """
      let yams = Target.Dependency.product(name: "Yams", package: "Yams")
      dependencies: [ .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2") ]
      """, to: "Package.swift")
    let header = { (out: String) in "// ---\n// outs: [\(out)]\n// ---\n\n" }
    try fixture.write(
      header("a.txt") + "import Engine\nimport Foundation\nprint(1)\n", to: "stages/a.swift")
    try fixture.write(
      header("b.txt") + "import Pages\nimport Yams\nprint(2)\n", to: "stages/b.swift")
    return fixture
  }

  private func run(_ fixture: WorkspaceFixture, broken: Set<String> = []) throws -> (
    RunSummary, built: [String]
  ) {
    let builder = StandIn(fixture.url, broken: broken)
    let summary = try Runner(workspace: fixture.workspace, builder: builder)
      .run(RunOptions(), observer: fixture.listener)
    return (summary, builder.built.withLock { $0 })
  }

  @Test func modulesStaleTheirImportersOnly() throws {
    let fixture = try fixture()
    #expect(try run(fixture).built == ["a", "b"])
    #expect(try run(fixture).built == [])
    try fixture.write("public func base() { base() }\n", to: "Sources/Base/Base.swift")
    #expect(try fixture.reasons("a") == ["module Base changed: Base.swift changed"])
    #expect(try fixture.status("b")?.state == .fresh)
    #expect(try run(fixture).built == ["a"])
    try fixture.write("int low(void), high(void);\n", to: "Sources/CLow/include/CLow.h")
    #expect(try fixture.reasons("b") == ["module CLow changed: include/CLow.h changed"])
    #expect(try fixture.status("a")?.state == .fresh)
    try run(fixture).0.check()
    let manifest = try #require(fixture.read("Package.swift"))
    try fixture.write(manifest.replacing("6.2.2", with: "6.3.0"), to: "Package.swift")
    #expect(try fixture.reasons("b") == ["package yams changed"])
  }

  @Test func modulesInCAreFoundInTheirFolder() throws {
    let fixture = try fixture()
    try fixture.remove("Sources/CKern")
    try fixture.remove("Sources/CLow")
    try fixture.write("#include \"CLow.h\"\nint k(void) { return 1; }\n", to: "Sources/C/CKern/k.c")
    try fixture.write("int low(void);\n", to: "Sources/C/CLow/include/CLow.h")
    _ = try run(fixture)
    try fixture.write("int k(void) { return 2; }\n", to: "Sources/C/CKern/extra/k2.c")
    #expect(try fixture.reasons("b") == ["module CKern changed: extra/k2.c added"])
    try fixture.write("int low(void), high(void);\n", to: "Sources/C/CLow/include/CLow.h")
    #expect(
      try fixture.reasons("b") == [
        "module CKern changed: extra/k2.c added", "module CLow changed: include/CLow.h changed",
      ])
    for name in ["ckern", "CLow", "engine"] {
      #expect(throws: PipelineError.self) {
        _ = try StageTemplate(name, .swift, in: fixture.workspace)
      }
    }
    _ = try StageTemplate("c", .swift, in: fixture.workspace)
  }

  @Test func commentsInModulesAndScriptsAreNoReason() throws {
    let fixture = try fixture()
    _ = try run(fixture)
    try fixture.write("// why\npublic func base() {\n}\n", to: "Sources/Base/Base.swift")
    // A new line before a brace may mean something.
    #expect(try fixture.status("a")?.state == .stale)
    try fixture.write("// why\npublic   func base() {  }\n\n", to: "Sources/Base/Base.swift")
    try fixture.write("/* low */ int low(void);\n", to: "Sources/CLow/include/CLow.h")
    let script = try #require(fixture.read("stages/a.swift"))
    try fixture.write(
      script.replacing("print", with: "// %% [markdown]\n// # Prose\nprint"), to: "stages/a.swift")
    #expect(try fixture.runner().status().allSatisfy { $0.state == .fresh })
  }

  @Test(arguments: ["k.c", "tile.h", "tile.inc", "module.modulemap"])
  func commentsInCAreNoReason(file: String) throws {
    let fixture = try fixture()
    try fixture.write("int tile;\n", to: "Sources/CKern/\(file)")
    _ = try run(fixture)
    try fixture.write("// Why\n\nint  tile;  /* what */\n", to: "Sources/CKern/\(file)")
    #expect(try fixture.runner().status().allSatisfy { $0.state == .fresh })
    try fixture.write("long tile;\n", to: "Sources/CKern/\(file)")
    #expect(try fixture.reasons("b") == ["module CKern changed: \(file) changed"])
  }

  @Test func filesMovedWithinTheirModuleAreNoReason() throws {
    let fixture = try fixture()
    try fixture.write("func more() {}\n", to: "Sources/Base/More.swift")
    try fixture.write("int tile;\n", to: "Sources/CKern/tile.h")
    _ = try run(fixture)
    func move(_ path: String, to new: String) throws {
      let text = try #require(fixture.read(path))
      try fixture.remove(path)
      try fixture.write(text, to: new)
    }
    try move("Sources/Base/Base.swift", to: "Sources/Base/Low/Base.swift")
    try move("Sources/Base/More.swift", to: "Sources/Base/Low/Others.swift")
    try move("Sources/CKern/k.c", to: "Sources/CKern/tables/k.c")
    try move("Sources/CKern/tile.h", to: "Sources/CKern/kernels/tile.h")
    #expect(try fixture.runner().status().allSatisfy { $0.state == .fresh })

    // Edits, additions and removals count, and are told without the moves.
    try fixture.write("func others() {}\n", to: "Sources/Base/Low/Others.swift")
    #expect(
      try fixture.reasons("a") == [
        "module Base changed: Low/Others.swift added; More.swift missing"
      ])
    try fixture.write("func more() {}\n", to: "Sources/Base/Low/Others.swift")
    #expect(try fixture.status("a")?.state == .fresh)
    try fixture.write("func third() {}\n", to: "Sources/Base/Third.swift")
    #expect(try fixture.reasons("a") == ["module Base changed: Third.swift added"])
    try fixture.remove("Sources/Base/Third.swift")
    try fixture.remove("Sources/Base/Low/Others.swift")
    #expect(try fixture.reasons("a") == ["module Base changed: More.swift missing"])
    // The same content twice is not the same as once.
    try fixture.write("func more() {}\n", to: "Sources/Base/More.swift")
    try fixture.write("func more() {}\n", to: "Sources/Base/Again.swift")
    #expect(try fixture.status("a")?.state == .stale)
  }

  @Test func headersThatSwapTheirNamesAreAReason() throws {
    let fixture = try fixture()
    try fixture.write("int four;\n", to: "Sources/CKern/four.h")
    try fixture.write("int eight;\n", to: "Sources/CKern/eight.h")
    try fixture.write("int a;\n", to: "Sources/CKern/a/same.h")
    try fixture.write("int b;\n", to: "Sources/CKern/b/same.h")
    _ = try run(fixture)
    try fixture.write("int eight;\n", to: "Sources/CKern/four.h")
    try fixture.write("int four;\n", to: "Sources/CKern/eight.h")
    #expect(try fixture.reasons("b") == ["module CKern changed: eight.h, four.h changed"])
    try fixture.write("int four;\n", to: "Sources/CKern/four.h")
    try fixture.write("int eight;\n", to: "Sources/CKern/eight.h")
    #expect(try fixture.status("b")?.state == .fresh)
    try fixture.write("int b;\n", to: "Sources/CKern/a/same.h")
    try fixture.write("int a;\n", to: "Sources/CKern/b/same.h")
    #expect(try fixture.reasons("b") == ["module CKern changed: a/same.h, b/same.h changed"])
  }

  @Test func newAndDroppedImportsAreNamed() throws {
    let fixture = try fixture()
    _ = try run(fixture)
    let script = try #require(fixture.read("stages/a.swift"))
    try fixture.write(script.replacing("import Engine", with: "import Base"), to: "stages/a.swift")
    #expect(
      try fixture.reasons("a") == [
        "module Engine no longer imported", "code of stages/a.swift changed",
      ])
  }

  @Test func brokenStageStopsOnlyItselfAndItsDependents() throws {
    let fixture = try fixture()
    try fixture.copy("c", from: "a.txt", to: "c.txt")
    let (summary, _) = try run(fixture, broken: ["a"])
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
