// A small lexer for Swift: enough to colour code and to know what is code and what is text.
// Never fails: what it doesn't understand is plain.

/// Cuts Swift source into tokens.
struct SwiftLexer {
  enum Kind: Equatable {
    case space, newline, comment, string, number, keyword, type, attribute, call, identifier, symbol
  }

  /// A piece of the source; a token never spans lines, since strings and comments that do are cut.
  struct Token: Equatable {
    var kind: Kind
    var text: String
    /// The line it stands on, from 1.
    var line: Int
  }

  /// All of `source` as tokens, nothing left out.
  static func tokens(_ source: String) -> [Token] {
    var lexer = SwiftLexer(bytes: Array(source.utf8))
    lexer.code(closingAt: nil)
    return lexer.tokens
  }

  private let bytes: [UInt8]
  private var at = 0
  private var line = 1
  private var tokens: [Token] = []

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func peek(_ offset: Int = 0) -> UInt8 {
    at + offset < bytes.count ? bytes[at + offset] : 0
  }

  private func starts(_ text: StaticString, at offset: Int = 0) -> Bool {
    guard at + offset + text.utf8CodeUnitCount <= bytes.count else { return false }
    return text.withUTF8Buffer { $0.elementsEqual(bytes[(at + offset)...].prefix($0.count)) }
  }

  private mutating func emit(_ kind: Kind, from start: Int) {
    var first = start
    for index in start..<at where bytes[index] == UInt8(ascii: "\n") {
      append(kind, first..<index)
      tokens.append(Token(kind: .newline, text: "\n", line: line))
      line += 1
      first = index + 1
    }
    append(kind, first..<at)
  }

  private mutating func append(_ kind: Kind, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    tokens.append(
      Token(kind: kind, text: String(decoding: bytes[range], as: UTF8.self), line: line))
  }

  /// Code up to the end, or up to the `)` that closes an interpolation.
  private mutating func code(closingAt depth: Int?) {
    var open = 0
    while at < bytes.count {
      let start = at
      let byte = peek()
      switch byte {
      case UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        while at < bytes.count, [9, 10, 13, 32].contains(peek()) { at += 1 }
        emit(.space, from: start)
      case UInt8(ascii: "/") where starts("//"):
        while at < bytes.count, peek() != UInt8(ascii: "\n") { at += 1 }
        emit(.comment, from: start)
      case UInt8(ascii: "/") where starts("/*"):
        blockComment()
      case UInt8(ascii: "\""): string(hashes: 0, from: start)
      case UInt8(ascii: "#"): hash()
      case UInt8(ascii: "@"):
        at += 1
        word()
        emit(.attribute, from: start)
      case UInt8(ascii: "`"):
        at += 1
        word()
        if peek() == UInt8(ascii: "`") { at += 1 }
        emit(.identifier, from: start)
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        number()
        emit(.number, from: start)
      case let byte where Self.isWord(byte):
        word()
        emit(kind(of: String(decoding: bytes[start..<at], as: UTF8.self), at: start), from: start)
      default:
        if byte == UInt8(ascii: "(") { open += 1 }
        if byte == UInt8(ascii: ")") {
          if depth != nil, open == 0 { return }
          open -= 1
        }
        at += 1
        emit(.symbol, from: start)
      }
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }

  private mutating func word() {
    while at < bytes.count, Self.isWord(peek()) { at += 1 }
  }

  private mutating func number() {
    while at < bytes.count {
      let byte = peek()
      let isPoint =
        byte == UInt8(ascii: ".") && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(peek(1))
      let isSign =
        (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"))
        && at > 0 && [UInt8(ascii: "e"), UInt8(ascii: "E")].contains(bytes[at - 1])
        && !bytes[..<at].suffix(24).contains(UInt8(ascii: "x"))
      guard Self.isWord(byte) || isPoint || isSign else { return }
      at += 1
    }
  }

  private mutating func blockComment() {
    let start = at
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        at += 2
      } else if starts("*/") {
        depth -= 1
        at += 2
      } else {
        at += 1
      }
    } while at < bytes.count && depth > 0
    at = min(at, bytes.count)
    emit(.comment, from: start)
  }

  /// `#"raw strings"#`, or directives and macros such as `#line`.
  private mutating func hash() {
    let start = at
    while peek() == UInt8(ascii: "#") { at += 1 }
    if peek() == UInt8(ascii: "\"") {
      string(hashes: at - start, from: start)
    } else {
      word()
      emit(.attribute, from: start)
    }
  }

  /// A string from its opening quotes on; interpolations in it are code.
  private mutating func string(hashes: Int, from begin: Int) {
    var start = begin
    let isMultiline = starts("\"\"\"")
    at += isMultiline ? 3 : 1
    while at < bytes.count {
      if peek() == UInt8(ascii: "\\"), hasHashes(hashes, at: 1) {
        if peek(1 + hashes) == UInt8(ascii: "(") {
          at += hashes + 2
          emit(.string, from: start)
          code(closingAt: 0)
          start = at
          at = min(at + 1, bytes.count)
        } else {
          at = min(at + 2 + hashes, bytes.count)
        }
      } else if isMultiline ? starts("\"\"\"") : peek() == UInt8(ascii: "\""),
        hasHashes(hashes, at: isMultiline ? 3 : 1)
      {
        at += (isMultiline ? 3 : 1) + hashes
        break
      } else if !isMultiline, peek() == UInt8(ascii: "\n") {
        break
      } else {
        at += 1
      }
    }
    emit(.string, from: start)
  }

  private func hasHashes(_ count: Int, at offset: Int) -> Bool {
    (0..<count).allSatisfy { peek(offset + $0) == UInt8(ascii: "#") }
  }

  private func kind(of word: String, at start: Int) -> Kind {
    let isMember = start > 0 && bytes[start - 1] == UInt8(ascii: ".")
    if Self.keywords.contains(word), !isMember || word == "self" || word == "init" {
      return .keyword
    }
    if let first = word.unicodeScalars.first(where: { $0 != "_" }), ("A"..."Z").contains(first) {
      return .type
    }
    return peek() == UInt8(ascii: "(") ? .call : .identifier
  }

  private static let keywords: Set<String> = [
    "actor", "any", "as", "associatedtype", "async", "await", "borrowing", "break", "case", "catch",
    "class", "consuming", "continue", "default", "defer", "deinit", "do", "else", "enum",
    "extension",
    "fallthrough", "false", "fileprivate", "final", "for", "func", "guard", "if", "import", "in",
    "init", "inout", "internal", "is", "lazy", "let", "mutating", "nil", "nonisolated", "open",
    "operator", "override", "package", "private", "protocol", "public", "repeat", "rethrows",
    "return", "self", "Self", "some", "static", "struct", "subscript", "super", "switch", "throw",
    "throws", "true", "try", "typealias", "unowned", "var", "weak", "where", "while",
  ]
}
