// A build folder that was made elsewhere or by another Swift: what of it is cleared, and what is said.
// `swift` is a stand-in.

import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct BuildFolderTests {
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../Scripts/check-build-folder.sh").standardizedFileURL

  /// A folder with a checkout named `name` in it, whose `.build` looks as SwiftPM leaves it.
  private func checkout(_ name: String = "here") throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.writeProgram("#!/bin/sh\necho 'Swift version 6.3.1'\necho Target", to: "swift")
    let build = "\(name)/.build/x86_64-unknown-linux-gnu/release"
    let root = folder.url.resolvingSymlinksInPath().path + "/\(name)"
    let escaped = root.replacing(" ", with: "\\ ")
    try folder.write("module", to: "\(build)/ModuleCache/ABC/SwiftShims-1.pcm")
    try folder.write("module", to: "\(build)/Modules/Imaging.swiftmodule")
    try folder.write(
      "\(escaped)/.build/x86_64-unknown-linux-gnu/release/A.build/A.swift.o : \(escaped)/A.swift",
      to: "\(build)/A.build/A.d")
    try folder.write(
      "dependencies: \(escaped)/Sources/C/a.c", to: "\(build)/C.build/a.c.d")
    try folder.write("Swift version 6.3.1\nTarget", to: "\(build)/swift-version-1.txt")
    try folder.write("program", to: "\(build)/train")
    try folder.write("source", to: "\(name)/.build/checkouts/a/Modules/b.swift")
    return folder
  }

  /// What the script says of a checkout.
  private func check(_ folder: TemporaryFolder, _ name: String = "here") throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      Self.script.path, folder.url.appendingPathComponent(name).path,
      folder.url.appendingPathComponent("swift").path,
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let said = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: said, as: UTF8.self)
  }

  /// Files left in the build folder, by the name of their folder and their own.
  private func left(_ folder: TemporaryFolder, _ name: String = "here") throws -> Set<String> {
    let build = folder.url.appendingPathComponent("\(name)/.build")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: build.path)
    let known = ["SwiftShims-1.pcm", "Imaging.swiftmodule", "A.d", "a.c.d", "train", "b.swift"]
    return Set(paths.map { String($0.split(separator: "/").last ?? "") }).intersection(known)
  }

  private func move(_ folder: TemporaryFolder, to name: String) throws {
    try FileManager.default.moveItem(
      at: folder.url.appendingPathComponent("here"), to: folder.url.appendingPathComponent(name))
  }

  private static let all: Set = [
    "SwiftShims-1.pcm", "Imaging.swiftmodule", "A.d", "a.c.d", "train", "b.swift",
  ]

  @Test func whatIsWellStaysAndNothingIsSaid() throws {
    let folder = try checkout()
    #expect(try check(folder) == "")
    #expect(try check(folder) == "", "with its stamp, too")
    #expect(try left(folder) == Self.all)
    let fresh = try TemporaryFolder()
    try fresh.writeProgram("#!/bin/sh\nexit 1", to: "swift")
    try fresh.write("", to: "here/Package.swift")
    #expect(try check(fresh) == "", "nothing is built yet, and no Swift can be asked")
  }

  @Test(arguments: [true, false], ["moved", "moved to here"])
  func aMovedCheckoutLosesTheCompilersCacheAlone(isStamped: Bool, name: String) throws {
    let folder = try checkout()
    if isStamped { _ = try check(folder) }
    try move(folder, to: name)
    let said = try check(folder, name)
    let old = folder.url.resolvingSymlinksInPath().path + "/here"
    #expect(
      said
        == "note: .build was made in \(old); the compiler's cache in it is cleared, and all is compiled anew\n"
    )
    #expect(try left(folder, name) == Self.all.subtracting(["SwiftShims-1.pcm"]))
    #expect(try check(folder, name) == "", "once is enough")
  }

  @Test func aFolderWithBlanksKnowsItself() throws {
    let folder = try checkout("a b")
    #expect(try check(folder, "a b") == "")
    #expect(try left(folder, "a b") == Self.all)
  }

  @Test(arguments: [true, false])
  func anotherSwiftLosesWhatIsCompiledButNoProgram(isStamped: Bool) throws {
    let folder = try checkout()
    if isStamped { _ = try check(folder) }
    try folder.writeProgram("#!/bin/sh\necho 'Swift version 6.4'", to: "swift")
    #expect(
      try check(folder)
        == "note: .build was made by Swift version 6.3.1; what it had compiled is cleared, and all is compiled "
        + "anew\n")
    #expect(try left(folder) == ["train", "b.swift"])
    #expect(try check(folder) == "")
  }

  /// `work run` has the folder looked at before the compiler starts.
  @Test func aRunSaysItToo() throws {
    let folder = try checkout()
    try folder.writeProgram(
      """
      #!/bin/sh
      [ "$1" = --version ] && { echo 'Swift version 6.3.1'; exit; }
      [ -e .build/x86_64-unknown-linux-gnu/release/ModuleCache ] && exit 1
      mkdir -p .build/release; echo "$$" > .build/release/$5
      """, to: "swift")
    try folder.write("", to: "here/stages/a.swift")
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("here/Scripts"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Self.script,
      to: folder.url.appendingPathComponent("here/Scripts/check-build-folder.sh"))
    try move(folder, to: "moved")
    let root = folder.url.appendingPathComponent("moved")
    let builder = SwiftPMBuilder(
      root: root, swift: folder.url.appendingPathComponent("swift"),
      environment: ["PATH": "/usr/bin:/bin"])
    var news: [BuildNews] = []
    let outcome = try builder.build(
      stage: "a", identity: "1", log: root.appendingPathComponent("log"),
      interruption: Interruption()
    ) { news.append($0) }
    guard case .built = outcome else {
      Issue.record("\(outcome)")
      return
    }
    guard case .notice(let text)? = news.first else {
      Issue.record("nothing was said")
      return
    }
    #expect(text.hasPrefix(".build was made in ") && news.dropFirst() == [.starts])
  }
}
