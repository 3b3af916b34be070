// Paths taken apart by bytes: an accent behind a slash makes another character of it, and no other path.

import Basics
import Testing

struct PathTextTests {
  @Test(
    arguments: [
      ("a/b.c", ["a", "b.c"], "a"), ("/a//b/", ["a", "b"], "/a//b"), ("", [], ""), ("/", [], ""),
      ("a", ["a"], ""), ("../\u{301}x", ["..", "\u{301}x"], ".."),
      ("a\r/\r\n", ["a\r", "\r\n"], "a\r"),
    ] as [(String, [String], String)])
  func slashesDivide(_ path: String, _ names: [String], _ folder: String) {
    #expect(path.pathNames == names)
    #expect(path.lastPathName == names.last ?? "")
    #expect(path.pathFolder == folder)
  }

  @Test(
    arguments: [
      ("a.png", "a"), ("a.b.png", "a.b"), ("a", "a"), (".a", ".a"), ("a.", "a"), ("", ""),
      ("a.\u{301}png", "a"),
    ])
  func endingsGo(_ name: String, _ stem: String) {
    #expect(name.withoutNameEnding == stem)
  }

  @Test(
    arguments: [
      ("a/b", "a", "b"), ("a/b/c", "a/b", "c"), ("a/\u{301}b", "a", "\u{301}b"), ("a", "a", nil),
      ("a/", "a", nil), ("ab", "a", nil), ("b/a", "a", nil), ("a", "a/b", nil),
    ] as [(String, String, String?)])
  func whatLiesInAFolder(_ path: String, _ folder: String, _ rest: String?) {
    #expect(path.path(below: folder) == rest)
    #expect(path.lies(inFolder: folder) == (rest != nil))
  }

  /// A shell's quote ends a word whatever stands behind it.
  @Test(
    arguments: [
      ("a'\u{301}b", "'", "Q", "aQ\u{301}b"), ("x", "'", "Q", "x"), ("", "a", "b", ""),
      ("abc", "", "x", "abc"), ("aaa", "aa", "b", "ba"), ("\\\u{5AD}", "\\", "\\\\", "\\\\\u{5AD}"),
      ("a\r\nb", "\n", " ", "a\r b"),
    ])
  func textIsReplacedByBytes(_ text: String, _ old: String, _ new: String, _ result: String) {
    #expect(text.replacingExactly(old, with: new).utf8.elementsEqual(result.utf8))
  }
}
