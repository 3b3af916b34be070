// What the lines of a source begin in: in code, or in a text that spans lines. Just enough of Python and
// Swift for that: strings, comments and brackets.

/// Follows a source line by line. Never fails: a string that nothing closes goes on to the end.
struct LineScanner {
  /// What the next line begins in.
  enum Start {
    /// A statement may begin here.
    case statement
    /// Code that goes on: within brackets, or after a backslash at the end of a line.
    case continuation
    /// A string or a comment that spans lines.
    case text
  }

  private enum State {
    case code
    /// In a string that as many quotes and, in Swift, as many `#` close.
    case string(quote: UInt8, quotes: Int, hashes: Int)
    /// In comments between `/*` and `*/`, one in the other.
    case comment(depth: Int)
  }

  private let isPython: Bool
  private var state = State.code
  private var brackets = 0
  private var endsInBackslash = false

  init(_ language: ForeignNotebook.Language) { isPython = language == .python }

  /// What the line begins in that comes next.
  var start: Start {
    guard case .code = state else { return .text }
    return brackets > 0 || endsInBackslash ? .continuation : .statement
  }

  /// Goes on by a line, given without its end.
  mutating func read(_ line: String) {
    let line = Array(line.utf8)
    endsInBackslash = false
    var at = 0
    while at < line.count {
      switch state {
      case .code: at = code(line, at)
      case .string(let quote, let quotes, let hashes):
        at = string(line, at, quote, quotes, hashes)
      case .comment(let depth): at = comment(line, at, depth)
      }
    }
    // Strings between single quotes end with their line, unless its end is escaped.
    if case .string(_, quotes: 1, _) = state, !endsInBackslash { state = .code }
  }

  /// Reads code at a place, and returns the place to go on from.
  private mutating func code(_ line: [UInt8], _ at: Int) -> Int {
    let byte = line[at]
    let next = at + 1 < line.count ? line[at + 1] : 0
    switch byte {
    case UInt8(ascii: "#") where isPython: return line.count
    case UInt8(ascii: "/") where !isPython && next == byte: return line.count
    case UInt8(ascii: "/") where !isPython && next == UInt8(ascii: "*"):
      state = .comment(depth: 1)
      return at + 2
    case UInt8(ascii: "\""),
      UInt8(ascii: "'") where isPython:
      return open(line, at, hashes: 0)
    case UInt8(ascii: "#"):
      let hashes = Self.count(of: byte, in: line, at)
      let isString = at + hashes < line.count && line[at + hashes] == UInt8(ascii: "\"")
      return isString ? open(line, at + hashes, hashes: hashes) : at + hashes
    // Swift's braces hold statements.
    case UInt8(ascii: "{") where !isPython, UInt8(ascii: "}") where !isPython: break
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): brackets += 1
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): brackets = max(0, brackets - 1)
    case UInt8(ascii: "\\"): endsInBackslash = isPython && at + 1 == line.count
    default: break
    }
    return at + 1
  }

  private mutating func open(_ line: [UInt8], _ at: Int, hashes: Int) -> Int {
    let quotes = Self.count(of: line[at], in: line, at) >= 3 ? 3 : 1
    state = .string(quote: line[at], quotes: quotes, hashes: hashes)
    return at + quotes
  }

  private mutating func string(
    _ line: [UInt8], _ at: Int, _ quote: UInt8, _ quotes: Int, _ hashes: Int
  ) -> Int {
    let mark = UInt8(ascii: "#")
    if line[at] == UInt8(ascii: "\\"), Self.count(of: mark, in: line, at + 1) >= hashes {
      endsInBackslash = isPython && at + 1 == line.count
      return at + 2 + hashes
    }
    if line[at] == quote, Self.count(of: quote, in: line, at) >= quotes,
      Self.count(of: mark, in: line, at + quotes) >= hashes
    {
      state = .code
      return at + quotes + hashes
    }
    return at + 1
  }

  private mutating func comment(_ line: [UInt8], _ at: Int, _ depth: Int) -> Int {
    let next = at + 1 < line.count ? line[at + 1] : 0
    switch (line[at], next) {
    case (UInt8(ascii: "/"), UInt8(ascii: "*")): state = .comment(depth: depth + 1)
    case (UInt8(ascii: "*"), UInt8(ascii: "/")):
      state = depth > 1 ? .comment(depth: depth - 1) : .code
    default: return at + 1
    }
    return at + 2
  }

  /// How often a byte stands in a row from a place on.
  private static func count(of byte: UInt8, in line: [UInt8], _ at: Int) -> Int {
    line.dropFirst(at).prefix { $0 == byte }.count
  }
}
