// Swift as tokens: nothing is left out, what may mean something is told, and doubt is admitted.

import Foundation
import Scripts
import TestSupport
import Testing

@Suite struct SwiftSourceTests {
  /// The tokens of code as text.
  private func code(_ text: String) -> [String] {
    let source = SwiftSource(text)
    return source.code.map { source.text($0.range) }
  }

  /// A token with the marks of the space around it: `|` a line break before, `_` space.
  private func marked(_ text: String) -> [String] {
    let source = SwiftSource(text)
    return source.code.map { token in
      (token.newlineBefore ? "|" : "") + (token.spaceBefore ? "_" : "")
        + source.text(token.range) + (token.spaceAfter ? "_" : "")
    }
  }

  static let odd = [
    "", "\n\n", "\u{FEFF}#!/usr/bin/swift\r\nlet x = 1\r", "/* open /* */", "\"\"\"\nopen",
    "#\"raw \\(", "\"\\(\"", "}}}}", "é\u{0}\u{1F600}\"", "#", "@", "`", "`open", "\\", "0x", "1e+",
    "\"a\\", "\"a\\\nb\"", "\"\\(a) \\(\"b\\(c)\") d\"", "##\"a \"# b\"##",
    "let r = /a\"b/\nlet c = 1",
    "// a\rlet b = 1", "'", "\"\"\"\n\\(a)\n  \\(\"\"\"\n  x\n  \"\"\")\n\"\"\"", "#/a/#", "#if A",
  ]

  @Test(arguments: odd + [SampleScript.source])
  func nothingIsLeftOut(_ text: String) {
    for length in 0...text.utf8.count {
      let bytes = Array(text.utf8.prefix(length))
      let source = SwiftSource(bytes)
      #expect(source.tokens.flatMap { source.bytes[$0.range] } == bytes)
      #expect(source.tokens.allSatisfy { !$0.range.isEmpty })
      // Lines, put together again.
      let lines = source.lines.map { $0.map { source.text($0.range) }.joined() }
      #expect(lines.joined(separator: "\n") == String(decoding: bytes, as: UTF8.self))
    }
  }

  @Test func tokensOfOrdinaryCode() {
    #expect(
      code("func f(_ a: Int...) -> Double { a.x[0]!.y + 1.5e-3 * 0xFp-2 } // end")
        == [
          "func", "f", "(", "_", "a", ":", "Int", "...", ")", "->", "Double", "{", "a", ".", "x",
          "[", "0", "]", "!.", "y", "+", "1.5e-3", "*", "0xFp-2", "}",
        ])
    #expect(code("0xe-3") == ["0xe", "-", "3"])
    #expect(code("1...5") == ["1", "...", "5"] && code("t.0.1") == ["t", ".", "0.1"])
    #expect(
      code("@main #if `class` `a b`c größe") == ["@main", "#if", "`class`", "`a b`", "c", "größe"])
  }

  @Test func whatIsInterpolatedIsCode() {
    #expect(
      code(#""a \(b + "c\(d)") e" "f""#)
        == [#""a \("#, "b", "+", #""c\("#, "d", #")""#, #") e""#, #""f""#])
    #expect(code(##"#"\(no) \#(yes)"#"##) == [##"#"\(no) \#("##, "yes", ##")"#"##])
    // Comments and layout in there are no text.
    #expect(marked(#""\(a /* " */ + b)""#) == marked(#""\( a + b )""#))
    #expect(marked(#""\(a + b)""#) != marked(#""\(a+b)""#))
  }

  @Test func spaceIsToldWhereItMayMeanSomething() {
    #expect(marked("a -b") == ["|a", "_-", "b"])
    #expect(marked("a - b") == ["|a", "_-_", "b"])
    #expect(marked("a\n-b") == ["|a", "|_-", "b"])
    #expect(marked("a /* \n */ -/* */b") == ["|a", "|_-_", "b"])
    #expect(marked("f (x)[ 0 ] {}") == ["|f", "_(", "x", ")", "[", "0", "]", "{", "}"])
    #expect(marked("a × b") == ["|a", "_×_", "b"] && marked("a×b") == ["|_a×b_"])
  }

  @Test(arguments: [
    "let r = /a b/", "#/ a // b /#", "let s = \"open", "/* open", "let c = 'x'", "a /b/ c",
    "\"\"\"\nopen", "\"\\(f(\"a)\"", "\"a\nb\"", "\"\\(/x y/)\"", "`open", "\"a\\\nb\"",
  ])
  func doubtIsAdmitted(_ text: String) { #expect(!SwiftSource(text).isCertain) }

  @Test(arguments: [
    "a / b / c", "(a + b)/2", "x[1]/y", "a /= 2", "a/b", "`a`/2", "\"\"",
    "\"\"\"\na \"q\" \"\" b\n\"\"\"",
    "\"\\\\\"", "##\"a \"# b\"##", "a // b", "a /* b */", "",
  ])
  func ordinaryCodeIsCertain(_ text: String) { #expect(SwiftSource(text).isCertain) }

  @Test func afterADoubtItGoesOn() {
    #expect(code("let r = /a\"b/\nlet c = 1").suffix(4) == ["let", "c", "=", "1"])
    #expect(code("let s = \"open\nlet c = 1").suffix(4) == ["let", "c", "=", "1"])
  }

  // MARK: Cells

  @Test(arguments: [
    (#"cell("One")"#, "One"), (##"cell(#"say "hi""#)"##, #"say "hi""#),
    (#"cell("Fold \(fold)")"#, #"Fold \(fold)"#),
    (#"cell("A \(f("b", c)) d", line: 3)"#, #"A \(f("b", c)) d"#),
    (#"cell(title)"#, "title"), (#"cell("a" + b)"#, #""a" + b"#),
    (#"cell("a" + "b")"#, #""a" + "b""#),
    (#"cell("say \"hi\"")"#, #"say \"hi\""#), ("cell(\"\"\"\n  Long\n  \"\"\")", "\n  Long\n  "),
    ("cell()", ""), ("cell(\"\")", ""), ("cell(", ""), ("cell(names[1], 2)", "names[1]"),
    ("  /* a */ cell(\n  \"Far\")", "Far"),
  ])
  func aCallHasATitle(_ text: String, _ title: String) {
    let source = SwiftSource("let a = 1\n" + text)
    let calls = CellCall.all(in: source, code: source.code)
    #expect(calls.map(\.title) == [title] && calls.map(\.line) == [2] && calls.map(\.index) == [4])
  }

  @Test(arguments: [
    "a.cell(\"x\")", "a\n  .cell(\"x\")", "a.\ncell(\"x\")", "func cell(\"x\")", "func\ncell(x)",
    "cell (1)",
    "let cell = 3", "mycell(\"x\")", "// cell(\"x\")", "\"\"\"\ncell(\"x\")\n\"\"\"", "cell { 1 }",
    "f(); cell(\"x\")", "cell",
  ])
  func otherCallsAreNone(_ text: String) {
    let source = SwiftSource(text)
    #expect(CellCall.all(in: source, code: source.code).isEmpty)
  }
}
