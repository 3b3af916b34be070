// Swift source as tokens: the one stream that tells code from text, for the identity of code, for cells, and
// for colours on pages.

/// Swift source, cut into tokens.
package struct SwiftSource: Sendable {
  /// What a token is. Whether a word is a keyword, a type or a name, only a page asks.
  package enum Kind: Sendable, Equatable {
    case space, comment
    /// A string, or what of it lies around its interpolations, whose contents are code.
    case string
    case number
    /// A name or a keyword; with its backticks where it has them.
    case word
    /// `@main`, `#if`, `#line`.
    case attribute
    case `operator`
    /// A bracket, a comma and the like: one byte.
    case punctuation

    /// Not space and no comment.
    package var isCode: Bool { self != .space && self != .comment }
  }

  /// A piece of the source, and what of the space around it can mean something in Swift.
  package struct Token: Sendable, Equatable {
    package var kind: Kind
    /// Byte offsets into the source.
    package var range: Range<Int>
    /// The line, from 1, on which it begins.
    package var line: Int
    /// Whether a line break stands before it, which can end a statement; false for space and comments.
    package var newlineBefore = false
    /// Whether space stands before it; kept for operators, opening brackets and words beyond ASCII.
    package var spaceBefore = false
    /// Whether space stands behind it; kept for operators and words beyond ASCII.
    package var spaceAfter = false
  }

  /// A token, or what of it lies on one line.
  package struct Piece: Sendable, Equatable {
    package var kind: Kind
    package var range: Range<Int>
  }

  package let bytes: [UInt8]
  /// All of the source in order, nothing left out.
  package let tokens: [Token]
  /// Whether the tokens are surely those of the compiler. They aren't where a regex literal may begin, and
  /// where a string or a comment never ends: two sources with equal tokens may mean different things then.
  package let isCertain: Bool

  /// Cuts bytes into tokens. Any bytes are accepted.
  package init(_ bytes: [UInt8]) {
    let lexer = SwiftLexer(bytes)
    self.bytes = bytes
    tokens = lexer.tokens
    isCertain = lexer.isCertain
  }

  /// Cuts a text into tokens. Any text is accepted.
  package init(_ text: String) { self.init(Array(text.utf8)) }

  /// The tokens that are neither space nor comments.
  package var code: [Token] { tokens.filter(\.kind.isCode) }

  /// The text of a range of bytes.
  package func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// The tokens of each line, from the first line on, cut where they span lines. Line ends (`\n`) are left
  /// out.
  package var lines: [[Piece]] {
    var lines: [[Piece]] = [[]]
    for token in tokens {
      var first = token.range.lowerBound
      while let end = bytes[first..<token.range.upperBound].firstIndex(of: 0x0A) {
        if end > first {
          lines[lines.count - 1].append(Piece(kind: token.kind, range: first..<end))
        }
        lines.append([])
        first = end + 1
      }
      if first < token.range.upperBound {
        lines[lines.count - 1].append(
          Piece(kind: token.kind, range: first..<token.range.upperBound))
      }
    }
    return lines
  }
}
