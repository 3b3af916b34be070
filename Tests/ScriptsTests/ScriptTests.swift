// Scripts taken apart: header, prose, cells, setup; colours that lose no character.

import Foundation
import Scripts
import TestSupport
import Testing

@Suite struct ScriptTests {
  @Test func partsAreFound() {
    let script = Script(SampleScript.source)
    #expect(script.description == "Depth and salt")
    #expect(
      script.parts == [
        .prose("# Title\n\nSome *prose*.", line: 14),
        .code(lines: [18, 19, 20, 21], isTitled: true),
        .prose("More prose.", line: 22),
        .code(lines: [24], isTitled: false),
        .code(lines: [25, 26, 27, 28], isTitled: true),
      ])
    #expect(script.setup.contains(6) && script.setup.contains(9) && script.setup.contains(13))
    #expect(script.setup.contains(29) && script.setup.contains(31))
    #expect(!script.setup.contains(2))
    #expect(script.cellTitles == [18: "One", 26: "Fold \\(fold)"])
  }

  @Test func everyLineIsInOnePlace() {
    let script = Script(SampleScript.source)
    var seen = script.setup
    for case .code(let lines, _) in script.parts { seen += lines }
    #expect(Set(seen).count == seen.count)
  }

  @Test func callsInTextAndCommentsAreNoCells() {
    let source = """
      await Stage.run { stage in
        cell("Real")
        let text = \"\"\"
        cell("in a string")
        // %% [markdown]
        \"\"\"
        /*
        cell("in a comment")
        */
        let cell = 3
        myCell("not one")
      }
      """
    #expect(Script(source).parts == [.code(lines: Array(2...11), isTitled: true)])
  }

  @Test func lineEndsOfWindowsDoNotMatter() {
    let script = Script(SampleScript.source.replacingOccurrences(of: "\n", with: "\r\n"))
    #expect(script.parts == Script(SampleScript.source).parts)
    #expect(script.description == "Depth and salt")
  }

  @Test(arguments: [
    "", "\n\n", "// ---", "// ---\n// desc: x", "// %% [markdown]", "cell(", "cell(\"", "}}}}",
    "/* open",
    "\"\"\"\nopen", "#\"raw \\(", "\"\\(\"", "let x = 1", "cell(\"top\")\nprint(1)",
    "é\u{0}\u{1F600}\"",
    "// ---\n// ---\n", "#", "@", "`", "\\", "0x", "1e+",
  ])
  func anyTextIsAccepted(_ source: String) {
    let script = Script(source)
    for case .code(let lines, _) in script.parts { #expect(!lines.isEmpty) }
    _ = script.part(at: 1)
  }

  @Test func everyPrefixIsAccepted() {
    for length in stride(from: 0, to: SampleScript.source.count, by: 3) {
      _ = Script(String(SampleScript.source.prefix(length)))
    }
  }

  @Test func proseMayChangeAndCodeMayNot() throws {
    let older = Script(SampleScript.source)
    let edited = SampleScript.source.replacingOccurrences(
      of: "  // More prose.", with: "  // Other prose,\n  // longer.\n  //\n  // By far.")
    let lines = try #require(Script(edited).lineMap(from: older))
    #expect(lines[20] == 20)
    #expect(lines[24] == 27)
    let changed = SampleScript.source.replacingOccurrences(
      of: "print(\"one\")", with: "print(\"two\")")
    #expect(Script(changed).lineMap(from: older) == nil)
  }
}
