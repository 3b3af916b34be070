// Notebooks from elsewhere: percent scripts and .ipynb files become stage scripts, and a stage's own
// notebook becomes the same stage again.

import Foundation
import Notebook
import Rendering
import TestSupport
import Testing

@Suite struct ForeignNotebookTests {
  /// As jupytext 1.16 writes it from a notebook of four cells.
  static let percent = """
    # ---
    # jupyter:
    #   jupytext:
    #     text_representation:
    #       extension: .py
    #       format_name: percent
    #   kernelspec:
    #     display_name: Python 3
    #     language: python
    #     name: python3
    # ---

    # %% [markdown]
    # # Salt: a "first" look
    #
    # Some prose.

    # %%
    import math
    # %matplotlib inline

    # %% The sum {"a": 1} tags=["keep"]
    total = sum(range(10))

    print(total)

    # %% [raw]
    # dropped

    # %% [md]
    \"\"\"
    In a long string.
    \"\"\"
    """

  @Test func percentScriptBecomesAPythonStage() throws {
    let notebook = ForeignNotebook(percent: Self.percent, language: .python)
    #expect(
      StageScript.text(notebook) == """
        #!/usr/bin/env python3
        # ---
        # desc: "Salt: a \\"first\\" look"
        # deps: []
        # params: []
        # outs: []
        # ---

        # %% [markdown]
        # # Salt: a "first" look
        #
        # Some prose.

        # %%
        import math
        # %matplotlib inline

        # %% The sum {"a": 1}
        total = sum(range(10))

        print(total)

        # %% [markdown]
        # In a long string.

        """)
  }

  @Test func importingAnImportChangesNothing() {
    let once = StageScript.text(ForeignNotebook(percent: Self.percent, language: .python))
    #expect(StageScript.text(ForeignNotebook(percent: once, language: .python)) == once)
  }

  @Test func percentScriptInSwiftGetsItsFrame() {
    let text = """
      // ---
      // desc: Kept
      // deps: [data/a.csv]
      // jupyter:
      //   kernelspec: x
      // ---
      import Foundation
      // %% [markdown]
      // ## First "steps"
      // %%
      import Imaging
      let a = 1
      // %% Second
      print(a)
      // %% tags=["setup"]
      func helper() {}
      """
    #expect(
      StageScript.text(ForeignNotebook(percent: text, language: .swift)) == """
        // ---
        // desc: Kept
        // deps: [data/a.csv]
        // params: []
        // outs: []
        // ---

        import Foundation
        import Imaging
        import Notebook
        import Workbench

        await Stage.run { stage in
          // %% [markdown]
          // ## First "steps"

          cell("First \\"steps\\"")
          let a = 1

          cell("Second")
          print(a)
        }

        func helper() {}

        """)
  }

  @Test func notebookBecomesAPythonStage() throws {
    let ipynb = """
      {"nbformat": 4, "nbformat_minor": 4, "metadata": {"kernelspec": {"language": "python"}},
       "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# On\\n", "it"]},
        {"cell_type": "code", "metadata": {}, "execution_count": 3, "source": "%matplotlib inline\\n!ls\\nx = (7\\n  % 2)",
         "outputs": [{"output_type": "stream", "name": "stdout", "text": "gone"}]},
        {"cell_type": "code", "metadata": {}, "execution_count": null, "source": [], "outputs": []}
       ]}
      """
    let notebook = try ForeignNotebook(ipynb: Data(ipynb.utf8), name: "a.ipynb")
    #expect(notebook.count == 2)
    let script = StageScript.text(notebook)
    #expect(script.contains("# %matplotlib inline\n# !ls\nx = (7\n  % 2)\n"))
    #expect(script.contains("# desc: \"On\"\n") && !script.contains("gone"))
  }

  @Test(arguments: [
    ("", "not a Jupyter notebook"), ("{}", "not a Jupyter notebook"),
    (#"{"nbformat": 3, "worksheets": []}"#, "nbformat 3"),
    (#"{"nbformat": 4}"#, "a damaged notebook"),
    (#"{"nbformat": 4, "cells": [{"cell_type": "code"}]}"#, "a damaged notebook"),
    (
      #"{"nbformat": 4, "metadata": {"language_info": {"name": "R"}}, "cells": []}"#,
      "its code is in R"
    ),
  ])
  func whatIsNoNotebookIsTold(_ text: String, _ words: String) {
    let error = #expect(throws: RenderingError.self) {
      try ForeignNotebook(ipynb: Data(text.utf8), name: "a.ipynb")
    }
    #expect(error?.description.contains("a.ipynb: ") == true)
    #expect(error?.description.contains(words) == true)
  }

  @Test func filesAreTakenByTheirEnding() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("print(1)\n", to: "a.py")
    #expect(try ForeignNotebook(contentsOf: file).count == 1)
    for name in ["none.py", "a.txt", "a.ipynb"] {
      if name.hasPrefix("a.") { try folder.write("x", to: name) }
      let error = #expect(throws: RenderingError.self) {
        try ForeignNotebook(contentsOf: folder.url.appendingPathComponent(name))
      }
      #expect(error?.description.contains(name) == true)
    }
  }

  @Test(arguments: [
    "", "\n\n", "# ---", "# ---\n# ---", "// %%\r\n//%% [markdown]", "# %% [", "\"\"\"",
  ])
  func anyTextIsAccepted(_ text: String) {
    for language in [ForeignNotebook.Language.swift, .python] {
      let script = StageScript.text(ForeignNotebook(percent: text, language: language))
      #expect(script.contains("deps: []"))
    }
  }

  /// The stages of this repository, which a page, a notebook and an import must all understand.
  static let stages: [URL] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("stages")
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
    try expectRoundTrip(of: ScriptTests.source)
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
