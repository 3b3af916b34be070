// Commands of a notebook's kernel: which lines become comments on import, and which only look like it.

import Foundation
import Scripts
import Testing

@Suite struct KernelCommandTests {
  /// The code cells of an imported notebook with one cell.
  private func imported(_ source: String, language: String = "python") throws -> String {
    let notebook: [String: Any] = [
      "nbformat": 4, "metadata": ["language_info": ["name": language]],
      "cells": [["cell_type": "code", "source": source]],
    ]
    let data = try JSONSerialization.data(withJSONObject: notebook)
    return try ForeignNotebook(ipynb: data, name: "a.ipynb").cells.map(\.source)
      .joined(separator: "\n---\n")
  }

  @Test(arguments: [
    "%matplotlib inline", "!pip install x", "!./run 'it", "!{command}", "! ls", "%%time",
    "files = !ls", "a, b[0] = !ls \"(", "took = %timeit -o f()", "?x", "??", "x?", "x.y??",
    "x[0].y?", "*int*?", "%time?",
  ])
  func commandsBecomeComments(_ line: String) throws {
    #expect(try imported("x = 1\n\(line)\ny = 2") == "x = 1\n# \(line)\ny = 2")
    // Alone in a block they leave it a statement.
    let block = "if x:\n    \(line)\nelse:\n\t\(line)\ny = 2"
    #expect(
      try imported(block) == "if x:\n    pass  # \(line)\nelse:\n\tpass  # \(line)\ny = 2")
  }

  @Test(arguments: [
    "text = \"\"\"\n!not magic\n%also not\nx?\nfiles = !ls\n\"\"\"",
    "text = f'''\n  %no\n\\'''\n!no\n'''", "x = (7\n  % 2)", "x = [a\n%b\n]", "x = 7 \\\n%y",
    "text = 'one \\\n!two'", "a = 1  # why?", "print('a = !b', \"x?\")", "a = b != c",
    "# don't \"\"\"\nx = d['a = !b']", "x %= 3", "d['x?'] = 1",
  ])
  func whatOnlyLooksLikeACommandStays(_ source: String) throws {
    #expect(try imported(source) == source)
  }

  @Test func aCommandGoesOnAfterABackslash() throws {
    #expect(
      try imported("!pip install \\\n  a \\\n  b\nx = 1\nif x:\n  !ls \\\n    c")
        == "# !pip install \\\n#   a \\\n#   b\nx = 1\nif x:\n  pass  # !ls \\\n#     c")
  }

  @Test(arguments: [
    "%%bash\necho \"hi\"\n\nif x; then ls; fi", "%%writefile f.py\nimport os\n\"\"\"",
    "%%html\n<b>x</b>", "%%python3 -u\nprint(1)", "%%time\n%%bash\nls",
  ])
  func cellsInAnotherLanguageBecomeComments(_ source: String) throws {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      try imported(source) == lines.map { $0.isEmpty ? "" : "# \($0)" }.joined(separator: "\n"))
  }

  @Test(arguments: ["time", "timeit -n 3", "capture out", "prun"])
  func cellsThatAreOnlyWatchedKeepTheirCode(_ command: String) throws {
    #expect(try imported("\n%%\(command)\n\nx = 1\n!ls") == "# %%\(command)\n\nx = 1\n# !ls")
  }

  @Test func aCommentedLineNeverBeginsACell() throws {
    let source = "%%latex\n%% a comment\n%%% more\n%%x"
    let code = try imported(source)
    #expect(code == "# %%latex\n# # %% a comment\n# # %%% more\n# %%x")
    #expect(ForeignNotebook(percent: code, language: .python).count == 1)
  }

  @Test func swiftHasFewerOfThem() throws {
    let source = """
      %install x
      let text = \"""
        a
      %d
      \"""
      let y = !x
      if y {
        %include "a.swift"
      }
      """
    #expect(
      try imported(source, language: "swift")
        == source.replacingOccurrences(of: "%install", with: "// %install")
        .replacingOccurrences(of: "  %include", with: "//   %include"))
  }
}
