// Scripts and notebooks: the lexer, what is cut out of sources, and imports, whose scripts must be stages.

import Foundation

@testable import Pipeline
@testable import Scripts

let scriptTargets: [Target] = [
  Target(name: "lexer") {
    try Repository.files("stages", ".swift") + [
      Data("a /* /* */ b \"\\(c + \"d\")\" #\"e\"# `f` /g/".utf8)
    ]
  } body: { data in
    let bytes = [UInt8](data)
    let text = String(decoding: data, as: UTF8.self)
    let source = SwiftSource(bytes)
    var end = 0
    for token in source.tokens {
      promise(
        token.range.lowerBound >= end && token.range.upperBound <= bytes.count, "tokens in order")
      end = token.range.upperBound
    }
    _ = (SourceText.swift(bytes), SourceText.c(bytes))
    _ = (ScriptCells.swift(bytes), ScriptCells.percent(bytes))
    let script = Script(text)
    _ = script.lineMap(from: Script(String(text.prefix(text.count / 2))))
    _ = PackageManifest(text)
    for language in [ScriptLanguage.swift, .python] {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      _ = PercentCell.all(in: lines, language)
      _ = LineStart.all(of: lines, language)
      _ = ScriptHeader.removed(from: bytes, language)
    }
  },
  Target(name: "ipynb") {
    [
      """
      {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"language": "python", "name": "python3"}},
       "cells": [
        {"cell_type": "raw", "source": "---\\ndesc: x\\ndeps: []\\nouts: []\\n---", "metadata": {}},
        {"cell_type": "markdown", "source": ["# Title: \\"x\\"\\n", "```\\n", "text"], "metadata": {}},
        {"cell_type": "code", "source": "%matplotlib inline\\n!ls\\nx = '''\\n# %%\\n'''", "metadata": {}, "outputs": [],
         "execution_count": null}]}
      """,
      #"{"nbformat": 4, "metadata": {"language_info": {"name": "swift"}}, "cells": [{"cell_type": "code", "source": "import A\nlet x = 1 /* */", "metadata": {"title": "T"}}, {"cell_type": "markdown", "source": "a */ b\r# c"}]}"#,
    ].map { Data($0.utf8) }
  } body: { data in
    try check(ForeignNotebook(ipynb: data, name: "input"))
  },
  Target(name: "percent") {
    try Repository.files("stages", ".swift")
      + [
        "# %% [markdown]\n# # A\n# %% B\nx = 1\n\"\"\"\n# %%\n\"\"\"\n# %% [raw]\n",
        "// %% A\nlet x = 1\n",
      ].map {
        Data($0.utf8)
      }
  } body: { data in
    let text = String(decoding: data, as: UTF8.self)
    for language in [ScriptLanguage.swift, .python] {
      try check(ForeignNotebook(percent: text, language: language))
    }
  },
]

/// What is written of an imported notebook is a stage, or no worse than the header that it brought.
private func check(_ notebook: ForeignNotebook) throws {
  let text = StageScript.text(notebook)
  guard !notebook.isStage else { return }
  let file = notebook.language == .swift ? "stage.swift" : "stage.py"
  let declaration = outcome { try Declaration(file: file, text: text) }
  promise((try? declaration.get()) != nil, "an imported script's header is read: \(declaration)")
  if notebook.language == .python {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    _ = PercentCell.all(in: lines, .python)
  } else {
    _ = Script(text)
  }
}
