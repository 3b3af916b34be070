// The lexer for Swift: the tokens of `SwiftSource`. After *The Swift Programming Language*, "Lexical
// Structure". It is no parser and never fails; where it can't be sure, it says so and goes on.

/// Cuts Swift source into tokens.
struct SwiftLexer {
  let bytes: [UInt8]
  private(set) var tokens: [SwiftSource.Token] = []
  /// Nothing was met of which the end is in doubt.
  private(set) var isCertain = true

  private var at = 0
  private var line = 1
  /// What stood between the latest token of code and here. A file begins as after a line break.
  private var sawNewline = true
  private var sawSpace = true
  /// The last byte of the latest token of code.
  private var lastOfCode: UInt8?

  /// Cuts all of `bytes` into tokens.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    tokens.reserveCapacity(bytes.count / 4)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      at = 3
      emit(.space, from: 0)
    }
    if peek() == UInt8(ascii: "#"), peek(1) == UInt8(ascii: "!") {
      let start = at
      skipLine()
      emit(.comment, from: start)
    }
    code(inInterpolation: false)
  }

  /// The byte at an offset from here; 0 behind the end, which the callers that care tell apart.
  private func peek(_ offset: Int = 0) -> UInt8 {
    at + offset < bytes.count ? bytes[at + offset] : 0
  }

  private var isAtEnd: Bool { at >= bytes.count }

  // MARK: Tokens

  private mutating func emit(_ kind: SwiftSource.Kind, from start: Int, marksSpace: Bool = false) {
    guard at > start else { return }
    var token = SwiftSource.Token(kind: kind, range: start..<at, line: line)
    if kind.isCode {
      token.newlineBefore = sawNewline
      token.spaceBefore = marksSpace && (sawSpace || sawNewline)
      (sawNewline, sawSpace) = (false, false)
      lastOfCode = bytes[at - 1]
    } else {
      sawSpace = true
    }
    // Only these may span lines.
    if !kind.isCode || kind == .string {
      for index in start..<at where Self.endsLine(bytes[index]) {
        if bytes[index] == Self.newline { line += 1 }
        if !kind.isCode { sawNewline = true }
      }
    }
    tokens.append(token)
  }

  /// A token to whose meaning the space on both sides belongs.
  private mutating func emitBetweenSpace(_ kind: SwiftSource.Kind, from start: Int) {
    let spaceAfter = isAtEnd || Self.isSpace(peek()) || startsComment
    emit(kind, from: start, marksSpace: true)
    tokens[tokens.count - 1].spaceAfter = spaceAfter
  }

  /// Code up to the end, or up to the `)` that closes an interpolation.
  private mutating func code(inInterpolation: Bool) {
    var open = 0
    while !isAtEnd {
      let start = at
      switch peek() {
      case let byte where Self.isSpace(byte):
        while !isAtEnd, Self.isSpace(peek()) { at += 1 }
        emit(.space, from: start)
      case UInt8(ascii: "/") where startsComment: comment()
      case UInt8(ascii: "\""): string(hashes: 0, from: start)
      case UInt8(ascii: "#"): hash()
      case UInt8(ascii: "@"):
        at += 1
        skipWord()
        emit(.attribute, from: start)
      case UInt8(ascii: "`"): quotedWord()
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        skipNumber()
        emit(.number, from: start)
      case let byte where Self.isWord(byte): word()
      case let byte where Self.isOperator(byte): operators()
      case UInt8(ascii: ")") where inInterpolation && open == 0: return
      case let byte:
        // Nothing in Swift begins with a single quotation mark, so it belongs to a regex literal, say.
        if byte == UInt8(ascii: "'") { isCertain = false }
        if byte == UInt8(ascii: "(") { open += 1 }
        if byte == UInt8(ascii: ")") { open -= 1 }
        at += 1
        emit(
          .punctuation, from: start,
          marksSpace: byte == UInt8(ascii: "(") || byte == UInt8(ascii: "["))
      }
    }
    if inInterpolation { isCertain = false }
  }

  private mutating func word() {
    let start = at
    skipWord()
    // Beyond ASCII there are letters and operators; the space around the latter matters.
    if bytes[start..<at].contains(where: { $0 >= 0x80 }) {
      emitBetweenSpace(.word, from: start)
    } else {
      emit(.word, from: start)
    }
  }

  /// A name between backticks, which may hold anything but a line's end.
  private mutating func quotedWord() {
    let start = at
    at += 1
    let first = at
    while !isAtEnd, peek() != UInt8(ascii: "`"), !Self.endsLine(peek()) { at += 1 }
    if peek() == UInt8(ascii: "`") {
      at += 1
    } else {
      isCertain = false
      at = first
      skipWord()
    }
    emit(.word, from: start)
  }

  /// `#"raw strings"#`, or directives and macros such as `#line`.
  private mutating func hash() {
    let start = at
    while peek() == UInt8(ascii: "#") { at += 1 }
    if peek() == UInt8(ascii: "\"") {
      string(hashes: at - start, from: start)
      return
    }
    // `#/…/#` is a regex literal.
    if peek() == UInt8(ascii: "/") { isCertain = false }
    skipWord()
    emit(.attribute, from: start)
  }

  private mutating func operators() {
    let start = at
    var hasSlash = false
    while !isAtEnd, Self.isOperator(peek()), at == start || !startsComment {
      hasSlash = hasSlash || peek() == UInt8(ascii: "/")
      at += 1
    }
    if hasSlash, !isDivision(from: start) { isCertain = false }
    emitBetweenSpace(.operator, from: start)
  }

  /// Whether an operator with a slash surely begins no regex literal: a slash divides where it has space on
  /// both sides or on neither, with an operand before it.
  private func isDivision(from start: Int) -> Bool {
    let length = at - start
    guard bytes[start] == UInt8(ascii: "/"),
      length == 1 || length == 2 && bytes[start + 1] == UInt8(ascii: "=")
    else { return false }
    if isAtEnd || Self.isSpace(peek()) || startsComment { return true }
    guard !sawSpace, !sawNewline, let before = lastOfCode else { return false }
    return before == UInt8(ascii: ")") || before == UInt8(ascii: "]")
      || before == UInt8(ascii: "`") || before < 0x80 && Self.isWord(before)
  }

  // MARK: Comments

  private var startsComment: Bool {
    peek() == UInt8(ascii: "/") && (peek(1) == UInt8(ascii: "/") || peek(1) == UInt8(ascii: "*"))
  }

  /// A comment to the line's end, or one between `/*` and `*/`, in which others may be nested.
  private mutating func comment() {
    let start = at
    if peek(1) == UInt8(ascii: "/") {
      skipLine()
    } else {
      var depth = 0
      repeat {
        if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
          depth += 1
          at += 2
        } else if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
          depth -= 1
          at += 2
        } else {
          at += 1
        }
      } while depth > 0 && !isAtEnd
      if depth > 0 { isCertain = false }
    }
    emit(.comment, from: start)
  }

  // MARK: Strings

  /// A string from its opening quotation marks on. Interpolations in it are code, so it may come to several
  /// tokens: from the marks to `\(`, from `)` to the next `\(`, from `)` to the closing marks.
  private mutating func string(hashes: Int, from begin: Int) {
    let quote = UInt8(ascii: "\"")
    let isBlock = peek(1) == quote && peek(2) == quote
    let marks = isBlock ? 3 : 1
    var start = begin
    var isClosed = false
    at += marks
    while !isAtEnd, !isClosed, isBlock || !Self.endsLine(peek()) {
      if peek() == quote, (1..<marks).allSatisfy({ peek($0) == quote }),
        hasHashes(hashes, at: marks)
      {
        at += marks + hashes
        isClosed = true
      } else if peek() == UInt8(ascii: "\\"), hasHashes(hashes, at: 1) {
        at += 1 + hashes
        if peek() == UInt8(ascii: "(") {
          at += 1
          emit(.string, from: start)
          code(inInterpolation: true)
          // The next piece begins with the `)`.
          start = at
          at = min(at + 1, bytes.count)
        } else if !isAtEnd, isBlock || !Self.endsLine(peek()) {
          at += 1
        }
      } else {
        at += 1
      }
    }
    if !isClosed { isCertain = false }
    emit(.string, from: start)
  }

  private func hasHashes(_ count: Int, at offset: Int) -> Bool {
    (0..<count).allSatisfy { peek(offset + $0) == UInt8(ascii: "#") }
  }

  // MARK: Bytes

  private mutating func skipLine() {
    while !isAtEnd, !Self.endsLine(peek()) { at += 1 }
  }

  private mutating func skipWord() {
    while !isAtEnd, Self.isWord(peek()) { at += 1 }
  }

  /// Digits, letters in them, a point with a digit behind it, and the sign of an exponent.
  private mutating func skipNumber() {
    let isHex = peek() == UInt8(ascii: "0") && peek(1) | 0x20 == UInt8(ascii: "x")
    let exponent = UInt8(ascii: isHex ? "p" : "e")
    while !isAtEnd {
      let byte = peek()
      let isPoint =
        byte == UInt8(ascii: ".") && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(peek(1))
      let isSign =
        (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"))
        && bytes[at - 1] | 0x20 == exponent
      guard isPoint || isSign || byte < 0x80 && Self.isWord(byte) else { return }
      at += 1
    }
  }

  private static let newline = UInt8(ascii: "\n")

  private static func endsLine(_ byte: UInt8) -> Bool { byte == newline || byte == 0x0D }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte) || byte == 0
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }

  private static func isOperator(_ byte: UInt8) -> Bool { "/=-+!*%<>&|^~?.".utf8.contains(byte) }
}
