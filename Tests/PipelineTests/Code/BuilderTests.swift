// When the compiler is asked, and what becomes of its errors; `swift` is a stand-in that counts.

import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct BuilderTests {
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("import B\nlet x = 1\nimport A", to: "stages/b.swift")
    try folder.write("import A\n", to: "stages/a.swift")
    try folder.writeProgram(
      """
      #!/bin/sh
      echo "$@ $WORK_STAGES $WORK_ONEDNN $WORK_PICTURES" >> calls
      [ -e broken ] && { echo "$PWD/stages/a.swift:3:5: error: no 'x'"; echo "error: fatalError"; exit 1; }
      mkdir -p .build/release; echo "$$" > .build/release/$5
      """, to: "swift")
    return folder
  }

  private func build(_ folder: TemporaryFolder, _ identity: String) throws -> (
    BuildOutcome, asked: Bool
  ) {
    let builder = SwiftPMBuilder(
      root: folder.url, swift: folder.url.appendingPathComponent("swift"),
      environment: ["PATH": "/usr/bin:/bin", "ONEDNN_ROOT": folder.url.path],
      system: folder.url)
    var asked = false
    let outcome = try builder.build(
      stage: "a", identity: identity, log: folder.url.appendingPathComponent("log"),
      interruption: Interruption()
    ) { if $0 == .starts { asked = true } }
    return (outcome, asked)
  }

  @Test func compilerIsAskedOnlyForSomethingNew() throws {
    let folder = try folder()
    #expect(try build(folder, "1").asked)
    #expect(try !build(folder, "1").asked)
    #expect(try build(folder, "2").asked)
    #expect(try build(folder, "1").asked)
    // Built by hand in between, or deleted: not what the stamp speaks of.
    try folder.write("other program", to: ".build/release/a")
    #expect(try build(folder, "1").asked)
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent(".build/release/a"))
    #expect(try build(folder, "1").asked)
    try folder.write("damaged", to: ".build/work-built.json")
    #expect(try build(folder, "1").asked)
    #expect(try !build(folder, "1").asked)
  }

  /// SwiftPM reads the manifest anew only if its text or the environment changed.
  @Test func digestsEqualTheMakefiles() throws {
    let folder = try folder()
    _ = try build(folder, "1")
    try folder.write(
      "#define DNNL_VERSION_MAJOR 2\n", to: "include/oneapi/dnnl/dnnl_version.h")
    #expect(try build(folder, "1").asked)
    #expect(try !build(folder, "1").asked)
    try folder.write("#define GIF\n", to: "include/gif_lib.h")
    try folder.write("#define JPEG\n", to: "include/x86_64-linux-gnu/jconfig.h")
    #expect(try build(folder, "1").asked)
    #expect(try !build(folder, "1").asked)
    let calls = try String(contentsOf: folder.url.appendingPathComponent("calls"), encoding: .utf8)
    // printf 'stages/a.swift:import A\nstages/b.swift:import B\nstages/b.swift:import A\n' | sha256sum
    // printf '' | sha256sum; printf '#define DNNL_VERSION_MAJOR 2\n' | sha256sum
    // printf '#define GIF\n#define JPEG\n' | sha256sum
    #expect(
      calls == """
        build -c release --product a cfceb466a7cf466a e3b0c44298fc1c14 e3b0c44298fc1c14
        build -c release --product a cfceb466a7cf466a 94ac7ca4bce03afa e3b0c44298fc1c14
        build -c release --product a cfceb466a7cf466a 94ac7ca4bce03afa 52dd8626db56fc2c

        """)
  }

  @Test func errorsKeepFileAndLine() throws {
    let folder = try folder()
    try folder.write("", to: "broken")
    guard case .failed(let errors, _) = try build(folder, "1").0 else {
      Issue.record("built")
      return
    }
    #expect(errors == "stages/a.swift:3:5: error: no 'x'")
  }
}
