// Notebooks from elsewhere: percent scripts and .ipynb files become stage scripts.

import Basics
import Foundation
import Scripts
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
    # neither prose nor ```code```
    #
    #   of its own

    # %% [md]
    \"\"\"
    In a long string.
    \"\"\"
    """

  /// Where any language may see the end of a line, prose stays in its comment.
  @Test(arguments: ["\\r", "\\r\\n", "\\u2028", "\\u2029", "\\u000b", "\\f", "\\u0085"])
  func proseNeverBecomesCode(_ end: String) throws {
    let folder = try TemporaryFolder()
    for (kind, language) in [("markdown", "python"), ("raw", "python"), ("markdown", "swift")] {
      try folder.write(
        #"""
        {"nbformat": 4, "metadata": {"language_info": {"name": "\#(language)"}}, "cells": [
          {"cell_type": "\#(kind)", "metadata": {}, "source": "# We look\#(end)import os\#(end)# nothing"},
          {"cell_type": "code", "metadata": {}, "source": "x = 1"}]}
        """#, to: "n.ipynb")
      let text = StageScript.text(
        try ForeignNotebook(contentsOf: folder.url.appendingPathComponent("n.ipynb")))
      let lines = text.unicodeScalars.split {
        ["\n", "\r", "\u{2028}", "\u{2029}", "\u{0B}", "\u{0C}", "\u{85}"].contains($0)
      }.map { String(Substring.UnicodeScalarView($0)).trimmingCharacters(in: [" "]) }
      #expect(lines.contains { $0.hasSuffix("import os") })
      #expect(!lines.contains { $0.hasPrefix("import os") }, "\(kind), \(language)")
    }
  }

  /// A quote with an accent behind it ends a literal like any other, though to Swift it is another character.
  @Test func aTitleStaysInItsLiteral() {
    let text = StageScript.text(
      ForeignNotebook(percent: "// %% a\"\u{301}); exit(1)\nlet a = 1\n", language: .swift))
    #expect(
      Array(text.utf8).split(separator: 10).contains {
        $0.elementsEqual("  cell(\"a\\\"\u{301}); exit(1)\")".utf8)
      }, "\(text)")
  }

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
        # ````
        # neither prose nor ```code```
        #
        #   of its own
        # ````

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
    ("", "is empty"), ("# %%", "not a Jupyter notebook: it isn't JSON, or is cut off"),
    (#"{"nbformat": 4, "cells": ["#, "not a Jupyter notebook: it isn't JSON, or is cut off"),
    ("{}", "not a Jupyter notebook (no `nbformat` in it)"),
    ("[1]", "not a Jupyter notebook (no `nbformat` in it)"),
    (
      #"{"nbformat": 3, "worksheets": []}"#,
      "a notebook of nbformat 3; bring it to 4 with `jupyter nbconvert --to notebook`, then import "
        + "that"
    ),
    (#"{"nbformat": 5, "cells": []}"#, "a notebook of nbformat 5; only 4 is known"),
    (#"{"nbformat": 4}"#, "has no cells"),
    (#"{"nbformat": 4, "cells": 1}"#, "its cells can't be read as nbformat 4"),
    (
      #"{"nbformat": 4, "cells": [{"cell_type": "raw", "source": ""}, {"cell_type": "code"}]}"#,
      "cell 2: has no source"
    ),
    (#"{"nbformat": 4, "cells": [{"source": ""}]}"#, "cell 1: has no cell_type"),
    (
      #"{"nbformat": 4, "cells": [{"cell_type": "code", "source": 1}]}"#,
      "cell 1: its source can't be read as nbformat 4"
    ),
    (
      #"{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a", null]}]}"#,
      "cell 1: its source can't be read as nbformat 4"
    ),
    (
      #"{"nbformat": 4, "cells": [{"cell_type": "heading", "source": "x"}]}"#,
      "cell 1: is “heading”, none of code, markdown and raw"
    ),
    (
      #"{"nbformat": 4, "metadata": {"language_info": {"name": "R"}}, "cells": []}"#,
      "its code is in R; notebooks in Python and Swift can be imported"
    ),
  ])
  func whatIsNoNotebookIsTold(_ text: String, _ words: String) {
    let error = #expect(throws: ImportError.self) {
      try ForeignNotebook(ipynb: Data(text.utf8), name: "a.ipynb")
    }
    #expect(error?.description == "a.ipynb: \(words)")
  }

  @Test func filesAreTakenByTheirEnding() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("print(1)\n", to: "a.py")
    #expect(try ForeignNotebook(contentsOf: file).count == 1)
    try folder.write("x", to: "a.txt")
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("folder.ipynb"), withIntermediateDirectories: true)
    try Data([0x66, 0xFF]).write(to: folder.url.appendingPathComponent("latin.py"))
    for (name, words) in [
      ("none.py", "there is no such file"), ("folder.ipynb", "is a folder"),
      ("a.txt", "can't be imported; .ipynb, and percent scripts in .py or .swift can"),
      ("latin.py", "not a text in UTF-8"),
    ] {
      let error = #expect(throws: ImportError.self) {
        try ForeignNotebook(contentsOf: folder.url.appendingPathComponent(name))
      }
      #expect(error?.description.hasSuffix("\(name): \(words)") == true, "\(error as Any)")
    }
  }

  @Test(arguments: [
    "", "\n\n", "# ---", "# ---\n# ---", "// %%\r\n//%% [markdown]", "# %% [", "\"\"\"",
  ])
  func anyTextIsAccepted(_ text: String) {
    for language in [ScriptLanguage.swift, .python] {
      let script = StageScript.text(ForeignNotebook(percent: text, language: language))
      #expect(script.contains("deps: []"))
    }
  }

  // MARK: Where cells begin

  @Test func whatLooksLikeAMarkIsLeftInStringsAndBlocks() {
    let text = #"""
      # %% One
      text = """
      # %% no cell
      \"""
      # %% [markdown]
      """  # "
      other = 'it\'s "# %%"' + r'''
      # %%
      ''' + f"{text}" + "\
      # %% neither"
      if text:
          # %% within a block
          print(text)  # don't """

      # %% Two
      print(other)
      """#
    let notebook = ForeignNotebook(percent: text, language: .python)
    #expect(notebook.cells.map(\.title) == ["One", "Two"])
    #expect(StageScript.text(notebook).hasSuffix("# ---\n\n\(text)\n"))
  }

  @Test func swiftHasStringsAndCommentsOfItsOwn() {
    let text = ##"""
      // %% One
      let text = """
        "\(1)" \"""
      // %% no cell
        """
      let raw = #""" \ """
      // %% no cell
      import Nothing
      """#
      /* /* */
      // %% no cell
      */
      let character = "'", quote = #"\"#
      // %% Two
      print(text)  // """
      """##
    let notebook = ForeignNotebook(percent: text, language: .swift)
    #expect(notebook.cells.map(\.title) == ["One", "Two"])
    let script = StageScript.text(notebook)
    #expect(script.contains("  import Nothing\n  \"\"\"#\n"))
    #expect(!script.hasPrefix("import Nothing") && !script.contains("\nimport Nothing"))
  }

  @Test func proseNeverBeginsACell() throws {
    let ipynb = #"""
      {"nbformat": 4, "cells": [
        {"cell_type": "raw", "source": "%% a comment of TeX's\n\\textbf{x}"},
        {"cell_type": "markdown", "source": "# Title\n\n%% [markdown]\n\n```\n# no heading\n```"}]}
      """#
    let notebook = try ForeignNotebook(ipynb: Data(ipynb.utf8), name: "a.ipynb")
    let script = StageScript.text(notebook)
    #expect(
      script.hasSuffix(
        #"""
        # desc: Title
        # deps: []
        # params: []
        # outs: []
        # ---

        # %% [markdown]
        # ```
        # \%% a comment of TeX's
        # \textbf{x}
        # ```

        # %% [markdown]
        # # Title
        #
        # \%% [markdown]
        #
        # ```
        # # no heading
        # ```

        """#))
    let again = ForeignNotebook(percent: script, language: .python)
    #expect(again.count == 2 && StageScript.text(again) == script)
  }

  @Test(arguments: [
    "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n", "# -*- coding: utf-8 -*-\n\n",
    "#!/usr/bin/python\n", "\u{FEFF}#!/usr/bin/python\r\n# vim: set fileencoding=utf-8 :\r\n",
  ])
  func whatStandsAboveTheHeaderIsDropped(_ above: String) {
    let script = StageScript.text(ForeignNotebook(percent: Self.percent, language: .python))
    let text = above + Self.percent
    #expect(StageScript.text(ForeignNotebook(percent: text, language: .python)) == script)
    // Without a header as well.
    let bare = ForeignNotebook(percent: above + "print(1)\n", language: .python)
    #expect(bare.cells.map(\.source) == ["print(1)"])
  }
}
