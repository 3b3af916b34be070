// What changes the identity of a source file, and what doesn't.

import Pipeline
import Testing

@Suite struct SourceTextTests {
  private func digest(_ text: String) -> String { SourceText.swift(Array(text.utf8)).digest }
  private func imports(_ text: String) -> Set<String> { SourceText.swift(Array(text.utf8)).imports }

  private static let code = """
    import Foundation

    /// A doc.
    func f(_ a: Int, b: [String]) -> Int {
      let s = "x \\(a + 1) y"
      return a * 2 - b.count / 3
    }
    """

  @Test func headersAreFoundWhateverEndsTheLines() {
    let text = "#include <stdio.h>\r\n#include \"a/own.h\"\r\nint x;\r\n"
    #expect(SourceText.c(Array(text.utf8)).imports == ["stdio.h", "own.h"])
  }

  @Test(arguments: [
    "// first\n\nimport Foundation\n\nfunc f(_ a: Int, b: [String]) -> Int {\n\n"
      + "  let s = \"x \\(a + 1) y\"  // why\n\t\treturn a  *  2 - b.count /* three */ / 3\n}\n\n",
    "#!/usr/bin/swift\r\nimport Foundation\r\nfunc f( _ a : Int, b: [ String]) -> Int {\r\n"
      + "let s = \"x \\(a + 1) y\"\r\nreturn a * 2 - b.count / 3\r\n}",
    "import Foundation /* a /* nested */ one */\nfunc f(_ a: Int,b: [String]) -> Int {\n"
      + "let s = \"x \\(a + 1) y\"\nreturn a * 2 - b.count / 3\n}",
  ])
  func commentsAndLayoutKeepIt(_ variant: String) {
    #expect(digest(variant) == digest(Self.code))
    #expect(!digest(variant).hasPrefix("raw"))
  }

  @Test(arguments: [
    ("a - b", "a -b"), ("a\n-b", "a -b"), ("f(x)", "f (x)"), ("a ? b : c", "a? b : c"),
    ("x\n(y)", "x(y)"), ("return\nx", "return x"), ("\"a b\"", "\"a  b\""),
    ("\"a // b\"", "\"a // c\""), ("\"\"\"\n a\n\"\"\"", "\"\"\"\n b\n\"\"\""),
    ("#\"\\(x)\"#", "#\"\\#(x)\"#"), ("\"\\(x)\"", "\"\\(y)\""), ("ab", "a b"), ("1.5", "1 .5"),
    ("a&b", "a & b"), ("x = 1", "x = 2"), ("`class`", "class"), ("a×b", "a × b"), ("a/b", "b/a"),
    ("let a = 1; let b = 2", "let a = 1\nlet b = 2"), ("a /* \n */ b", "a /* */ b"),
    ("#if A\nx\n#endif", "#if B\nx\n#endif"),
  ])
  func whatMayMeanSomethingChangesIt(_ a: String, _ b: String) {
    #expect(digest(a) != digest(b))
  }

  @Test(arguments: [
    "let r = /a b/", "x.replacing(/[\"]/, with: \"\")", "let r = #/ a // b /#", "let s = \"open",
    "/* open", "let c = 'x'", "a /b/ c", "\"\"\"\nopen", "let x = \"\\(f(\"a)\"",
  ])
  func doubtTakesTheRawBytes(_ text: String) {
    #expect(digest(text).hasPrefix("raw "))
    #expect(digest(text) != digest(text + " "))
  }

  @Test(arguments: [
    "a / b / c", "(a + b)/2", "x[1]/y", "a /= 2", "\"a\\(b(\")\"))\"", "\"\"", "\"\" + x",
    "\"\"\"\na \"quoted\" \"\" b\n\"\"\"", "##\"a \"# b\"##", "\"\\\\\"", "\"\\\"\"", "\\.key",
    "$0 / $1",
    "\"\\(a /* \" */ + b)\"", "#\"\"\"\n\\(no) \\#(yes) \"\"\" still\n\"\"\"#",
  ])
  func ordinaryCodeIsLexed(_ text: String) {
    #expect(!digest(text).hasPrefix("raw"))
    #expect(digest(text + " // note") == digest("/* note */ " + text))
    #expect(digest(text + " + 1") != digest(text))
  }

  @Test func importsInEveryForm() {
    let text = """
      import A
      @preconcurrency public import B
      @testable import struct C.Thing
      internal import D.Sub; import E
      #if canImport(F)
      import F
      #endif
      // import G
      let s = "import H"
      x.import = 1
      import
        I
      import `J`
      """
    #expect(imports(text) == ["A", "B", "C", "D", "E", "F", "I", "J"])
    #expect(imports(text + "\nlet r = /x/").isSuperset(of: ["A", "B", "C", "D", "E", "F"]))
  }

  @Test func cCommentsAndSpace() {
    func digest(_ text: String) -> String { SourceText.c(Array(text.utf8)).digest }
    let text = "#include \"CKernels.h\"\n#define A(x) ((x) + 1)\nchar *s = \"/* no */ // no\";\n"
    #expect(
      digest(text)
        == digest(
          "// top\n\n#include   \"CKernels.h\"\n#define A(x) ((x) + 1) /* why */\n\n  "
            + "char *s = \"/* no */ // no\";\n"))
    #expect(digest(text) != digest(text.replacing("// no", with: "// yes")))
    #expect(digest("#define A (x)") != digest("#define A(x)"))
    #expect(digest("a\nb") != digest("a b"))
    #expect(digest("x // a \\\ny").hasPrefix("raw"))
    #expect(digest("x // a \\  \ny").hasPrefix("raw"))
    #expect(digest("x // a \\ b\ny") == digest("x\ny"))
    #expect(SourceText.c(Array(text.utf8)).imports == ["CKernels.h"])
  }
}
