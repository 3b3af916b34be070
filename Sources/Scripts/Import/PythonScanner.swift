// Follows Python line by line: which lines begin in a string that spans lines, and which go on with a
// statement. Just enough of the language for that: strings, comments and brackets.

/// Follows a source line by line. Never fails: a string that nothing closes goes on to the end.
struct PythonScanner {
  private enum State {
    case code
    /// In a string that as many quotes close.
    case string(quote: UInt8, quotes: Int)
  }

  private var state = State.code
  private var brackets = 0
  private var endsInBackslash = false

  /// What the line begins in that comes next.
  var start: LineStart {
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
      case .string(let quote, let quotes): at = string(line, at, quote, quotes)
      }
    }
    // Strings between single quotes end with their line, unless its end is escaped.
    if case .string(_, quotes: 1) = state, !endsInBackslash { state = .code }
  }

  /// Reads code at a place, and returns the place to go on from.
  private mutating func code(_ line: [UInt8], _ at: Int) -> Int {
    switch line[at] {
    case UInt8(ascii: "#"): return line.count
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let quotes = Self.count(of: line[at], in: line, at) >= 3 ? 3 : 1
      state = .string(quote: line[at], quotes: quotes)
      return at + quotes
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): brackets += 1
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): brackets = max(0, brackets - 1)
    case UInt8(ascii: "\\"): endsInBackslash = at + 1 == line.count
    default: break
    }
    return at + 1
  }

  /// Reads a string at a place, and returns the place to go on from.
  private mutating func string(
    _ line: [UInt8], _ at: Int, _ quote: UInt8, _ quotes: Int
  ) -> Int {
    if line[at] == UInt8(ascii: "\\") {
      endsInBackslash = at + 1 == line.count
      return at + 2
    }
    if line[at] == quote, Self.count(of: quote, in: line, at) >= quotes {
      state = .code
      return at + quotes
    }
    return at + 1
  }

  /// How often a byte stands in a row from a place on.
  private static func count(of byte: UInt8, in line: [UInt8], _ at: Int) -> Int {
    line.dropFirst(at).prefix { $0 == byte }.count
  }
}
