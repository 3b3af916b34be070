// A stage's own notebook, exported and imported again, is the same stage.

import Basics
import Foundation
import Notebook
import Rendering
import Scripts
import TestSupport
import Testing

@Suite struct ThereAndBackTests {
  /// Every key that a header can have.
  static let fullHeader = """
    // ---
    // # About this stage
    // desc: "All: of it"
    // keep: [data/kept.json]
    // foreach: {fold: folds.count}
    // deps:
    //   - data/a.csv
    //   # and a comment
    //   - data/${fold}.csv
    //
    // params: [train,
    // model]
    // outs: ["data/${fold}.bin"]
    // frozen: true
    // ---
    """

  @Test(arguments: [
    fullHeader, "// ---\n// desc: No inputs\n// outs: [a]\n// ---",
    "// ---\n// frozen: true\n// ---",
  ])
  func aHeaderComesBackAsItWas(_ header: String) throws {
    let source =
      header + "\n\nimport Notebook\nimport Workbench\n\nawait Stage.run { stage in\n"
      + "  cell(\"One\")\n  print(1)\n}\n"
    let record = Record(
      header: RecordHeader(stage: "s", instance: "s", source: source, parameters: .object([:])),
      events: [.finished(at: 1)])
    let notebook = try ForeignNotebook(
      ipynb: JupyterNotebook.data(record: record), name: "s.ipynb")
    #expect(StageScript.text(notebook) == source)
    #expect(notebook.isStage)
  }

  /// The stages of this repository, which a page, a notebook and an import must all understand.
  static let stages: [URL] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("stages")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".swift") }.sorted()
      .map { folder.appendingPathComponent($0) }
  }()

  @Test(arguments: stages)
  func aStageSurvivesItsOwnNotebook(_ file: URL) throws {
    let source = try String(contentsOf: file, encoding: .utf8)
    try expectRoundTrip(of: source)
  }

  @Test func loopsAndProseWithinThemSurviveToo() throws {
    try expectRoundTrip(of: SampleScript.source)
  }

  private func expectRoundTrip(of source: String) throws {
    let record = Record(
      header: RecordHeader(stage: "s", instance: "s", source: source, parameters: .object([:])),
      events: [.finished(at: 1)])
    let notebook = try ForeignNotebook(
      ipynb: JupyterNotebook.data(record: record), name: "s.ipynb")
    let again = StageScript.text(notebook)
    let (before, after) = (Script(source), Script(again))
    #expect(code(again) == code(source))
    #expect(prose(after) == prose(before))
    #expect(header(again) == header(source))
    #expect(after.description == before.description)
    // And from then on it stays as it is.
    let second = Record(
      header: RecordHeader(stage: "s", instance: "s", source: again, parameters: .object([:])),
      events: [.finished(at: 1)])
    let third = try ForeignNotebook(ipynb: JupyterNotebook.data(record: second), name: "s.ipynb")
    #expect(StageScript.text(third) == again)
  }

  private func prose(_ script: Script) -> [String] {
    script.parts.compactMap { if case .prose(let text, _) = $0 { text } else { nil } }
  }

  private func header(_ source: String) -> [Substring] {
    let lines = source.split(separator: "\n").drop { !$0.hasPrefix("// ---") }
    return lines.prefix(1) + lines.dropFirst().prefix { !$0.hasPrefix("// ---") }
  }

  /// The lines of code, without blank ones, indentation, comments of their own and the order of imports.
  private func code(_ source: String) -> [String] {
    let lines = source.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty && !$0.hasPrefix("//") }
    let imports = Set(lines.filter { $0.hasPrefix("import ") })
      .union(["import Notebook", "import Workbench"])
    return imports.sorted()
      + lines.filter { !$0.hasPrefix("import ") }
      .map { $0.replacingOccurrences(of: "try await Stage.run", with: "await Stage.run") }
  }
}
