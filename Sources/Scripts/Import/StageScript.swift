// A notebook from elsewhere as the script of a stage: in Swift with `Stage.run` around its cells, in Python
// as a percent script below an interpreter's line and the header.

import Basics
import Foundation

/// Writes stage scripts.
public enum StageScript {
  /// The script of a stage with a notebook's text and code. Its header is the notebook's own, where that
  /// came from a stage; else one in which inputs, parameters and outputs are still to be filled in.
  public static func text(_ notebook: ForeignNotebook) -> String {
    switch notebook.language {
    case .swift: swift(notebook)
    case .python: python(notebook)
    }
  }

  private static func header(_ notebook: ForeignNotebook) -> [String] {
    var lines = notebook.header
    if lines.isEmpty {
      lines = ["desc: \(quoted(description(notebook)))", "deps: []", "params: []", "outs: []"]
    }
    let mark = notebook.language.comment
    return (["---"] + lines + ["---"]).map { $0.isEmpty ? mark : "\(mark) \($0)" }
  }

  /// The first heading, which says best what a notebook is about.
  private static func description(_ notebook: ForeignNotebook) -> String {
    notebook.cells.lazy.filter { $0.kind == .prose }.flatMap(headings).first
      ?? "An imported notebook"
  }

  private static func headings(_ cell: ForeignNotebook.Cell) -> [String] {
    var isFenced = false
    return lines(of: cell).filter { line in
      if line.hasPrefix("```") || line.hasPrefix("~~~") { isFenced.toggle() }
      return !isFenced && line.hasPrefix("#")
    }
    .map { $0.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  /// A text as YAML: as it is where that is plainly a text.
  private static func quoted(_ text: String) -> String {
    let words = ["true", "false", "null", "yes", "no", "on", "off"]
    let isPlain =
      text.first?.isLetter == true
      && text.allSatisfy { $0.isLetter || $0.isNumber || " ,.()?/–'-".contains($0) }
      && !words.contains(text.lowercased())
    guard !isPlain else { return text }
    let escaped = text.replacingExactly("\\", with: "\\\\")
      .replacingExactly("\"", with: "\\\"").replacingExactly("\t", with: " ")
    return "\"\(escaped)\""
  }

  /// The lines of prose, by everything that any language takes for the end of one: what stands behind a form
  /// feed or a Unicode separator must not leave the comment.
  private static func lines(of cell: ForeignNotebook.Cell) -> [String] {
    cell.source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(
      String.init)
  }

  /// Prose as comments below its mark.
  private static func prose(
    _ cell: ForeignNotebook.Cell, _ language: ScriptLanguage
  ) -> String {
    let mark = language.comment
    let lines = lines(of: cell).map { line in
      if line.isEmpty { return mark }
      // A line that would begin a cell is escaped, as Markdown has it.
      return PercentMark("\(mark) \(line)", language) == nil
        ? "\(mark) \(line)" : "\(mark) \\\(line.drop { $0 == " " })"
    }
    return (["\(mark) %% [markdown]"] + lines).joined(separator: "\n")
  }

  // MARK: Swift

  private static func swift(_ notebook: ForeignNotebook) -> String {
    let last = notebook.cells.lastIndex { !$0.isSetup } ?? -1
    var imports: Set<String> = ["import Notebook", "import Workbench"]
    var above: [String] = []
    var body: [String] = []
    var below: [String] = []
    var heading: String?
    var number = 0
    for (index, cell) in notebook.cells.enumerated() {
      if cell.kind == .prose {
        heading = headings(cell).last
        body.append(prose(cell, .swift))
        continue
      }
      let code = takeImports(cell.source, &imports)
      if cell.isSetup {
        if index > last { below.append(code) } else { above.append(code) }
        continue
      }
      number += 1
      let hasCell = cell.isContinued || callsCell(code)
      guard hasCell || !code.isEmpty else { continue }
      let title = cell.title ?? heading ?? "Cell \(number)"
      body.append(hasCell ? code : "cell(\(literal(title)))\n\(code)")
      heading = nil
    }
    let course = body.filter { !$0.isEmpty }.map(indented).joined(separator: "\n\n")
    let parts =
      [header(notebook).joined(separator: "\n"), imports.sorted().joined(separator: "\n")] + above
      + ["await Stage.run { stage in\n\(course)\n}"] + below
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  /// Imports stand at the top of a script, whichever cell they came from.
  private static func takeImports(_ code: String, _ imports: inout Set<String>) -> String {
    var kept: [String] = []
    let lines = code.components(separatedBy: "\n")
    for (line, start) in zip(lines, LineStart.all(of: lines, .swift)) {
      if start == .statement, line.hasPrefix("import ") {
        imports.insert(line.trimmingCharacters(in: .whitespaces))
      } else {
        kept.append(line)
      }
    }
    while kept.first?.allSatisfy(\.isWhitespace) == true { kept.removeFirst() }
    return kept.joined(separator: "\n")
  }

  private static func callsCell(_ code: String) -> Bool { !Script(code).cellTitles.isEmpty }

  private static func indented(_ code: String) -> String {
    code.components(separatedBy: "\n").map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
  }

  private static func literal(_ text: String) -> String {
    "\""
      + text.replacingExactly("\\", with: "\\\\")
      .replacingExactly("\"", with: "\\\"") + "\""
  }

  // MARK: Python

  private static func python(_ notebook: ForeignNotebook) -> String {
    let cells = notebook.cells.map { cell in
      switch cell.kind {
      case .prose: prose(cell, .python)
      case .code:
        (["# %%", cell.title, cell.isSetup ? "tags=[\"setup\"]" : nil].compactMap { $0 }
          .joined(separator: " ")) + "\n" + cell.source
      }
    }
    return
      (["#!/usr/bin/env python3\n" + header(notebook).joined(separator: "\n")] + cells)
      .joined(separator: "\n\n") + "\n"
  }
}
