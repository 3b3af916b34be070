// The header of a stage script: YAML in comments between two lines of `---`, at the top of the file. This is
// the one reader of it; what the YAML says is Pipeline's business.

/// The header's lines and its YAML.
///
/// A byte order mark, a line that begins with `#!` (as the first line alone) and blank lines may stand above
/// it. Every line of it begins at the line's very beginning with the comment mark, behind which one space is
/// no part of the YAML, and space at a line's end never is. Lines end in `\n` or `\r\n`.
package struct ScriptHeader: Sendable, Equatable {
  /// The keys that a header may have.
  package static let keys = [
    "desc", "deps", "params", "outs", "keep", "foreach", "when", "secrets", "frozen",
  ]

  /// Why a script has no header that can be read.
  package enum Problem: Error, Equatable {
    /// Something else stands on the line (from 1) on which the header should begin.
    case missing(line: Int)
    /// The header that begins on the line (from 1) is never closed.
    case unclosed(line: Int)
  }

  /// The header's lines, from 1, with those of `---`.
  package let lines: ClosedRange<Int>
  /// The YAML, line by line, without the comment marks.
  package let yaml: [String]

  /// The line, from 1, on which the YAML begins.
  package var firstLine: Int { lines.lowerBound + 1 }

  /// Finds the header of a script, given by its lines without their ends.
  ///
  /// - Throws: where there is none, or it is never closed.
  package init(_ lines: [some StringProtocol], _ language: ScriptLanguage) throws(Problem) {
    var at = Self.hasInterpreter(lines) ? 1 : 0
    while at < lines.count, Self.isBlank(lines[at]) { at += 1 }
    let first = at
    func content(_ index: Int) -> String? {
      guard index < lines.count else { return nil }
      let line = index == 0 ? Self.withoutMark(lines[0]) : lines[index][...]
      return Self.content(line, language)
    }
    guard content(first) == "---" else { throw .missing(line: first + 1) }
    var yaml: [String] = []
    at += 1
    while let text = content(at) {
      if text == "---" {
        self.lines = first + 1...at + 1
        self.yaml = yaml
        return
      }
      yaml.append(text)
      at += 1
    }
    throw .unclosed(line: first + 1)
  }

  /// Finds the header of a script.
  ///
  /// - Throws: where there is none, or it is never closed.
  package init(of text: String, _ language: ScriptLanguage) throws(Problem) {
    try self.init(Self.lines(of: text), language)
  }

  /// The lines of a text without their ends, which are `\n` or `\r\n`.
  package static func lines(of text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
  }

  /// A script's bytes without its header; all of them where it has none.
  package static func removed(from script: [UInt8], _ language: ScriptLanguage) -> [UInt8] {
    guard let header = try? ScriptHeader(of: String(decoding: script, as: UTF8.self), language)
    else { return script }
    let lines = script.split(separator: 0x0A, omittingEmptySubsequences: false)
    return Array(
      (lines[..<(header.lines.lowerBound - 1)] + lines[header.lines.upperBound...])
        .joined(separator: [0x0A]))
  }

  /// The `desc` of the header, where it stands on one line.
  package var description: String? {
    guard let line = yaml.first(where: { $0.hasPrefix("desc:") }) else { return nil }
    let value = line.dropFirst(5).drop { $0 == " " }
    if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote
    {
      return String(value.dropFirst().dropLast())
    }
    return String(value)
  }

  // MARK: Lines

  private static func hasInterpreter(_ lines: [some StringProtocol]) -> Bool {
    lines.first.map { withoutMark($0).hasPrefix("#!") } ?? false
  }

  /// The first line without a byte order mark.
  private static func withoutMark<Line: StringProtocol>(_ line: Line) -> Line.SubSequence {
    line.unicodeScalars.first == "\u{FEFF}"
      ? line[line.unicodeScalars.index(after: line.startIndex)...] : line[...]
  }

  private static func isBlank(_ line: some StringProtocol) -> Bool {
    line.allSatisfy { $0.isWhitespace || $0 == "\u{FEFF}" }
  }

  /// A comment's text; nil where the line is none.
  private static func content(_ line: some StringProtocol, _ language: ScriptLanguage) -> String? {
    guard line.hasPrefix(language.comment) else { return nil }
    var text = line.dropFirst(language.comment.count)
    if text.first == " " { text = text.dropFirst() }
    while text.last?.isWhitespace == true { text = text.dropLast() }
    return String(text)
  }
}
