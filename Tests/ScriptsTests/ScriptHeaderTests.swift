// The header of a script: one way to read it, whoever asks, and what may stand around it.

import Foundation
import Scripts
import Testing

@Suite struct ScriptHeaderTests {
  private func header(_ text: String, _ language: ScriptLanguage = .swift) -> ScriptHeader? {
    try? ScriptHeader(of: text, language)
  }

  @Test func linesAndTextAreFound() throws {
    let header = try ScriptHeader(
      of: "\n// ---\n// desc: \"A: b\"  \n//   - x\n//\n//deps: []\n// ---\nimport A\n", .swift)
    #expect(header.lines == 2...7 && header.firstLine == 3)
    #expect(header.yaml == ["desc: \"A: b\"", "  - x", "", "deps: []"])
    #expect(header.description == "A: b")
  }

  @Test(arguments: [
    "", "\n", "\n \n\t\n", "#!/usr/bin/env x\n", "#!/usr/bin/env x\n\n", "\u{FEFF}", "\u{FEFF}\n",
    "\u{FEFF}#!/usr/bin/env x\n",
  ])
  func whatMayStandAboveIt(_ above: String) throws {
    for (language, mark) in [(ScriptLanguage.swift, "//"), (.python, "#")] {
      let text = above + "\(mark) ---\n\(mark) outs: [a]\n\(mark) ---\ncode\n"
      let line = above.count { $0 == "\n" } + 1
      for ends in [text, text.replacingOccurrences(of: "\n", with: "\r\n")] {
        let header = try ScriptHeader(of: ends, language)
        #expect(header.yaml == ["outs: [a]"] && header.lines == line...line + 2)
        let rest = String(
          decoding: ScriptHeader.removed(from: Array(ends.utf8), language), as: UTF8.self)
        // A byte order mark goes with its line.
        let left = (above == "\u{FEFF}" ? "" : above) + "code\n"
        #expect(rest == (ends == text ? left : left.replacing("\n", with: "\r\n")))
      }
    }
  }

  @Test(arguments: [
    ("", 2), ("\n\n", 4), ("import A\n// ---\n// ---\n", 1), (" // ---\n// ---\n", 1),
    ("\n/// ---\n// ---\n", 2), ("// ----\n// ---\n", 1), ("#!/a\n#!/b\n// ---\n// ---\n", 2),
    ("// %% [markdown]\n// ---\n// ---\n", 1), ("# ---\n# ---\n", 1),
  ])
  func anythingElseIsMissing(_ text: String, _ line: Int) {
    #expect(throws: ScriptHeader.Problem.missing(line: line)) {
      try ScriptHeader(of: text, .swift)
    }
    #expect(ScriptHeader.removed(from: Array(text.utf8), .swift) == Array(text.utf8))
  }

  @Test(arguments: [
    "\n// ---", "\n// ---\n// outs: [a]\nimport A\n// ---", "\n// ---\n\n// ---",
    "\n// ---\n // ---",
  ])
  func oneWithoutAnEndIsTold(_ text: String) {
    #expect(throws: ScriptHeader.Problem.unclosed(line: 2)) { try ScriptHeader(of: text, .swift) }
  }

  @Test(arguments: [
    ("desc: Plain text", "Plain text"), ("desc: 'quoted'", "quoted"), ("desc: \"q", "\"q"),
    ("desc:", ""), ("outs: [a]", nil), ("  desc: nested", nil),
  ])
  func theDescriptionIsRead(_ line: String, _ description: String?) {
    #expect(header("// ---\n// \(line)\n// ---\n")?.description == description)
  }

  @Test func aSecondBlockIsNoHeader() {
    // Marks below the header are text of the script.
    let text = "# ---\n# outs: [a]\n# ---\n# ---\nx = 1\n# ---\n"
    #expect(
      ScriptHeader.removed(from: Array(text.utf8), .python) == Array("# ---\nx = 1\n# ---\n".utf8))
    // Bytes that are no UTF-8 stay as they are.
    let bytes = Array("# ---\n# ---\n".utf8) + [0xFF, 0x0A, 0xC3]
    #expect(ScriptHeader.removed(from: bytes, .python) == [0xFF, 0x0A, 0xC3])
  }

  @Test func aScriptWithWindowsLineEndsIsRead() {
    let script = Script("// ---\r\n// desc: A\r\n// ---\r\n\r\nimport B\r\n")
    #expect(script.header?.lines == 1...3 && script.description == "A")
  }
}
