// A stage's script as a notebook: header, prose, code cells and the setup around them.

import Foundation

/// The parts of a script, by lines.
package struct Script {
  /// A part of the notebook, in the script's order.
  package enum Part: Equatable {
    /// Markdown without its comment marks, and the line at which it begins.
    case prose(String, line: Int)
    /// A code cell: its lines (from 1). `title` is nil for code that goes on after prose.
    case code(lines: [Int], isTitled: Bool)
  }

  /// The one-line description in the YAML header, if any.
  package let description: String?
  package let parts: [Part]
  /// Lines outside of every cell: imports, helper functions, `Stage.run`.
  package let setup: [Int]
  /// What `cell(…)` is called with in the source, by line: the title of a cell that was never reached.
  package let cellTitles: [Int: String]
  let highlighted: HighlightedSource
  /// The source by lines, without line ends.
  let lines: [String]
  /// The lines of the YAML header; empty where there is none.
  let header: [Int]
  /// From the line that opens `Stage.run` to the one that closes it; nil where there is no such frame.
  let frame: ClosedRange<Int>?
  private let codeTokens: [(text: String, line: Int)]

  /// Takes a script apart. Any text is accepted.
  ///
  /// - Parameter cellLines: lines at which the record says that a cell began.
  package init(_ source: String, cellLines: Set<Int> = []) {
    // "\r\n" is one character in Swift; lines must count the same for the lexer and here.
    let source = source.replacingOccurrences(of: "\r\n", with: "\n")
    let tokens = SwiftLexer.tokens(source)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    highlighted = HighlightedSource(tokens: tokens)
    codeTokens = tokens.compactMap {
      [.space, .newline, .comment].contains($0.kind) ? nil : ($0.text, $0.line)
    }
    var scan = LineScan(lineCount: lines.count)
    scan.read(tokens)
    let header = Self.header(lines)
    description = header.description
    cellTitles = scan.cellTitles
    self.lines = lines.map { String($0) }
    self.header = header.lines.filter { $0 > 0 }
    frame = scan.frame

    var parts: [Part] = []
    var setup: [Int] = []
    var open: [Int] = []
    var isTitled = false
    // The depth of braces at which the notebook's region began; nil outside of it.
    var region: Int?
    func close() {
      // Closing braces alone are no cell; those at a cell's end belong to what they close.
      if isTitled || !open.allSatisfy({ scan.hasOnlyClosing[$0 - 1] }) {
        parts.append(.code(lines: open, isTitled: isTitled))
      } else {
        setup += open
      }
      open = []
      isTitled = false
    }

    var number = 1
    while number <= lines.count {
      defer { number += 1 }
      let index = number - 1
      if header.lines.contains(number) { continue }
      if scan.isCommentLine[index], Self.isProseMark(lines[index]) {
        close()
        if scan.depthBefore[index] > 0 { region = scan.depthBefore[index] }
        let first = number
        var text: [String] = []
        while number < lines.count, scan.isCommentLine[number], !Self.isProseMark(lines[number]),
          let line = Self.uncommented(lines[number])
        {
          text.append(line)
          number += 1
        }
        parts.append(.prose(text.joined(separator: "\n"), line: first))
      } else if scan.cellTitles[number] != nil || cellLines.contains(number) {
        // The head of a loop around the cell is read with the cell, not at the end of the one before.
        let head = scan.blockHead(of: isTitled ? open.dropFirst() : open[...])
        open.removeLast(head.count)
        close()
        isTitled = true
        region = scan.depthBefore[index]
        open = head + [number]
      } else if let depth = region, depth == 0 || scan.depthAfter[index] > 0 {
        open.append(number)
      } else {
        if region != nil { close() }
        region = nil
        setup.append(number)
      }
    }
    close()
    self.parts = parts
    self.setup = setup.sorted()
  }

  /// The part that holds a line of code.
  package func part(at line: Int) -> Int? {
    parts.firstIndex {
      if case .code(let lines, _) = $0, let first = lines.first, let last = lines.last {
        return (first...last).contains(line)
      }
      return false
    }
  }

  /// For every line of `older` that holds code the line here that holds the same, where the two
  /// differ only in comments, prose and layout; nil where the code is another.
  package func lineMap(from older: Script) -> [Int: Int]? {
    guard codeTokens.map(\.text) == older.codeTokens.map(\.text) else { return nil }
    return Dictionary(
      zip(older.codeTokens.map(\.line), codeTokens.map(\.line)),
      uniquingKeysWith: { first, _ in first })
  }

  // MARK: Comments

  private static func isProseMark(_ line: Substring) -> Bool {
    let text = line.drop { $0 == " " || $0 == "\t" }
    guard text.hasPrefix("//") else { return false }
    let words = text.dropFirst(2).split { $0.isWhitespace }
    return words.first == "%%" && words.dropFirst().first == "[markdown]"
  }

  /// The text of a `//` line; nil where the line is none.
  private static func uncommented(_ line: Substring) -> String? {
    let text = line.drop { $0 == " " || $0 == "\t" }
    guard text.hasPrefix("//"), !text.hasPrefix("///") else { return nil }
    let content = text.dropFirst(2)
    let inner = content.hasPrefix(" ") ? content.dropFirst() : content
    return String(inner.last == "\r" ? inner.dropLast() : inner)
  }

  /// The lines of the YAML header, which is the file's first comment block, and its `desc`.
  private static func header(_ lines: [Substring]) -> (
    lines: ClosedRange<Int>, description: String?
  ) {
    let nothing = (0...0, String?.none)
    guard
      let first = lines.firstIndex(where: { !$0.allSatisfy(\.isWhitespace) && !$0.hasPrefix("#!") }
      ),
      uncommented(lines[first])?.trimmedEnd == "---"
    else { return nothing }
    var description: String?
    for index in (first + 1)..<max(first + 1, lines.count) {
      guard let text = uncommented(lines[index]) else { return nothing }
      if text.trimmedEnd == "---" { return (first + 1...index + 1, description) }
      if text.hasPrefix("desc:") {
        var value = text.dropFirst(5).drop { $0 == " " }
        if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'",
          value.last == quote
        {
          value = value.dropFirst().dropLast()
        }
        description = String(value)
      }
    }
    return nothing
  }
}

extension String {
  fileprivate var trimmedEnd: Substring {
    self[..<(lastIndex { !$0.isWhitespace }.map(index(after:)) ?? startIndex)]
  }
}

/// What the tokens say of each line.
private struct LineScan {
  /// Depth of braces, brackets and parentheses before and after the line.
  var depthBefore: [Int]
  var depthAfter: [Int]
  /// Nothing but a `//` comment.
  var isCommentLine: [Bool]
  /// Nothing but closing braces.
  var hasOnlyClosing: [Bool]
  /// Lines that begin by a call of `cell`, with the first argument's text.
  var cellTitles: [Int: String] = [:]
  /// The first line that calls `Stage.run` and opens a block.
  private var frameOpening: Int?

  init(lineCount: Int) {
    depthBefore = Array(repeating: 0, count: lineCount)
    depthAfter = depthBefore
    isCommentLine = Array(repeating: false, count: lineCount)
    hasOnlyClosing = Array(repeating: true, count: lineCount)
  }

  /// The block that a line with `Stage.run` opens at the top level of the file.
  var frame: ClosedRange<Int>? {
    guard let opening = frameOpening,
      let closing = depthAfter[opening...].firstIndex(where: { $0 == 0 })
    else { return nil }
    return opening...closing + 1
  }

  /// The last of `lines` that only open blocks around what follows them.
  func blockHead(of lines: ArraySlice<Int>) -> [Int] {
    var first = lines.endIndex
    for index in lines.indices.reversed() {
      let line = lines[index] - 1
      if depthAfter[line] > depthBefore[line] {
        first = index
      } else if !hasOnlyClosing[line] || depthAfter[line] < depthBefore[line] {
        break
      }
    }
    return Array(lines[first...])
  }

  mutating func read(_ tokens: [SwiftLexer.Token]) {
    var depth = 0
    var line = 1
    var significant: [SwiftLexer.Token] = []
    func endOfLine(_ scan: inout LineScan) {
      guard line <= scan.depthAfter.count else { return }
      scan.depthAfter[line - 1] = depth
      scan.isCommentLine[line - 1] =
        significant.count == 1 && significant[0].kind == .comment
        && significant[0].text.hasPrefix("//")
      scan.hasOnlyClosing[line - 1] = significant.allSatisfy { ["}", ")"].contains($0.text) }
      let words = significant.map(\.text)
      if scan.frameOpening == nil, scan.depthBefore[line - 1] == 0, depth > 0,
        words.indices.dropLast(2).contains(where: {
          words[$0...].starts(with: ["Stage", ".", "run"])
        })
      {
        scan.frameOpening = line
      }
      if significant.count >= 2, significant[0].text == "cell", significant[0].kind == .call,
        significant[1].text == "("
      {
        let argument = significant.dropFirst(2).prefix { ![")", ","].contains($0.text) }
        let text = argument.map(\.text).joined()
        scan.cellTitles[line] = text.hasPrefix("\"") ? String(text.dropFirst().dropLast()) : text
      }
    }
    for token in tokens {
      if token.kind == .newline {
        endOfLine(&self)
        line += 1
        significant = []
        if line <= depthBefore.count { depthBefore[line - 1] = depth }
        continue
      }
      if token.kind != .space { significant.append(token) }
      guard token.kind == .symbol else { continue }
      if ["{", "(", "["].contains(token.text) { depth += 1 }
      if ["}", ")", "]"].contains(token.text) { depth = max(0, depth - 1) }
    }
    endOfLine(&self)
  }
}
