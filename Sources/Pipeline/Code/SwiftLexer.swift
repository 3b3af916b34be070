// Swift source as tokens, for code identity: what the compiler may tell apart is kept, comments and
// layout are not. It is no parser; where it can't be sure (regex literals), it says so and the caller
// takes the raw bytes.

/// A token: its bytes, and the space around it as far as that can mean something in Swift.
struct SwiftToken: Sendable, Equatable {
  /// Byte offsets into the source.
  var range: Range<Int>
  /// Whether a line break stands before it: it can end a statement.
  var newlineBefore: Bool
  /// Whether space stands before it; kept for operators and opening brackets only.
  var spaceBefore = false
  /// Whether space stands behind it; kept for operators only.
  var spaceAfter = false
}

/// Cuts Swift source into tokens. After *The Swift Programming Language*, "Lexical Structure".
struct SwiftLexer {
  private let source: [UInt8]
  private var position = 0
  private var tokens: [SwiftToken] = []

  /// The tokens, or nil where the lexer is in doubt: a possible regex literal, a stray quotation mark,
  /// a string or comment that never ends.
  static func tokens(of source: [UInt8]) -> [SwiftToken]? {
    var lexer = SwiftLexer(source: source)
    return lexer.run() ? lexer.tokens : nil
  }

  private init(source: [UInt8]) { self.source = source }

  private func byte(_ offset: Int = 0) -> UInt8? {
    let index = position + offset
    return index < source.count ? source[index] : nil
  }

  private mutating func run() -> Bool {
    if source.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    if byte() == UInt8(ascii: "#"), byte(1) == UInt8(ascii: "!") { skipLine() }
    while true {
      guard let space = skipSpace() else { return false }
      guard let first = byte() else { return true }
      let start = position
      var isOperator = false
      switch first {
      case UInt8(ascii: "\""):
        guard skipString(hashes: 0) else { return false }
      case UInt8(ascii: "#"):
        var hashes = 0
        while byte(hashes) == UInt8(ascii: "#") { hashes += 1 }
        if byte(hashes) == UInt8(ascii: "/") { return false }
        position += hashes
        if byte() == UInt8(ascii: "\""), !skipString(hashes: hashes) { return false }
      case UInt8(ascii: "'"): return false
      case _ where Self.isWord(first):
        while let next = byte(), Self.isWord(next) { position += 1 }
      case _ where Self.isOperator(first):
        isOperator = true
        guard skipOperator(spaceBefore: space.any) else { return false }
      case _ where first >= 0x80:
        // A letter or an operator; taken as the latter, whose surroundings matter.
        isOperator = true
        while let next = byte(), next >= 0x80 { position += 1 }
      default: position += 1
      }
      let opens = first == UInt8(ascii: "(") || first == UInt8(ascii: "[")
      tokens.append(
        SwiftToken(
          range: start..<position, newlineBefore: space.newline,
          spaceBefore: (isOperator || opens) && space.any,
          spaceAfter: isOperator && spaceFollows))
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "$"),
      UInt8(ascii: "`"):
      true
    default: false
    }
  }

  private static func isOperator(_ byte: UInt8) -> Bool {
    "/=-+!*%<>&|^~?.".utf8.contains(byte)
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte) || byte == 0
  }

  private var startsComment: Bool {
    byte() == UInt8(ascii: "/") && (byte(1) == UInt8(ascii: "/") || byte(1) == UInt8(ascii: "*"))
  }

  private var spaceFollows: Bool {
    guard let next = byte() else { return true }
    return Self.isSpace(next) || startsComment
  }

  /// Skips space and comments; nil where a comment never ends. A comment is as good as a space.
  private mutating func skipSpace() -> (any: Bool, newline: Bool)? {
    let start = position
    var newline = tokens.isEmpty
    while let next = byte() {
      if next == 0x0A || next == 0x0D {
        newline = true
        position += 1
      } else if Self.isSpace(next) {
        position += 1
      } else if startsComment {
        if byte(1) == UInt8(ascii: "/") {
          skipLine()
        } else {
          guard let lines = skipBlockComment() else { return nil }
          newline = newline || lines
        }
      } else {
        break
      }
    }
    return (position > start || newline, newline)
  }

  private mutating func skipLine() {
    while let next = byte(), next != 0x0A, next != 0x0D { position += 1 }
  }

  /// Skips a comment, in which others may be nested; says whether it spans lines.
  private mutating func skipBlockComment() -> Bool? {
    var depth = 0
    var lines = false
    while let next = byte() {
      if next == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
        depth += 1
        position += 2
      } else if next == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
        depth -= 1
        position += 2
        if depth == 0 { return lines }
      } else {
        lines = lines || next == 0x0A || next == 0x0D
        position += 1
      }
    }
    return nil
  }

  /// Skips an operator; false where it may begin a regex literal.
  private mutating func skipOperator(spaceBefore: Bool) -> Bool {
    let start = position
    var slashes = false
    while let next = byte(), Self.isOperator(next), position == start || !startsComment {
      slashes = slashes || next == UInt8(ascii: "/")
      position += 1
    }
    guard slashes else { return true }
    // A slash divides where it has space on both sides or on neither, with an operand before it.
    let isDivision =
      source[start] == UInt8(ascii: "/")
      && (position - start == 1 || source[start + 1] == UInt8(ascii: "="))
    guard isDivision, position - start <= 2 else { return false }
    if spaceFollows { return true }
    guard !spaceBefore, let last = tokens.last else { return false }
    let before = source[last.range.upperBound - 1]
    return Self.isWord(before) || before == UInt8(ascii: ")") || before == UInt8(ascii: "]")
  }

  /// Skips a string from its first quotation mark on, interpolations and all.
  private mutating func skipString(hashes: Int) -> Bool {
    let quote = UInt8(ascii: "\"")
    let isBlock = byte(1) == quote && byte(2) == quote
    // Two marks that no third follows are an empty string.
    position += isBlock ? 3 : 1
    while let next = byte() {
      if next == quote {
        let marks = isBlock ? 3 : 1
        if (0..<marks).allSatisfy({ byte($0) == quote }), closes(hashes, after: marks) {
          position += marks + hashes
          return true
        }
        position += 1
      } else if next == UInt8(ascii: "\\"), closes(hashes, after: 1) {
        position += 1 + hashes
        if byte() == UInt8(ascii: "(") {
          guard skipInterpolation() else { return false }
        } else {
          position += 1
        }
      } else if !isBlock, next == 0x0A || next == 0x0D {
        return false
      } else {
        position += 1
      }
    }
    return false
  }

  private func closes(_ hashes: Int, after offset: Int) -> Bool {
    (0..<hashes).allSatisfy { byte(offset + $0) == UInt8(ascii: "#") }
  }

  /// Skips from an interpolation's opening parenthesis to behind its closing one.
  private mutating func skipInterpolation() -> Bool {
    var depth = 0
    while let next = byte() {
      switch next {
      case UInt8(ascii: "("):
        depth += 1
        position += 1
      case UInt8(ascii: ")"):
        depth -= 1
        position += 1
        if depth == 0 { return true }
      case UInt8(ascii: "\""):
        guard skipString(hashes: 0) else { return false }
      case UInt8(ascii: "#"):
        var hashes = 0
        while byte() == UInt8(ascii: "#") {
          hashes += 1
          position += 1
        }
        if byte() == UInt8(ascii: "/") { return false }
        if byte() == UInt8(ascii: "\""), !skipString(hashes: hashes) { return false }
      case UInt8(ascii: "/") where startsComment:
        if byte(1) == UInt8(ascii: "/") {
          skipLine()
        } else if skipBlockComment() == nil {
          return false
        }
      default: position += 1
      }
    }
    return false
  }
}
