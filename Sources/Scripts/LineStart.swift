// What each line of a source begins in: in code, or in a text that spans lines.

/// What a line begins in.
package enum LineStart: Sendable, Equatable {
  /// A statement may begin here.
  case statement
  /// Code that goes on: within brackets, or in Python after a backslash at the end of a line.
  case continuation
  /// A string or a comment that spans lines.
  case text

  /// What each of some lines begins in, given without their ends. Any lines are accepted.
  package static func all(of lines: [String], _ language: ScriptLanguage) -> [LineStart] {
    language == .swift ? swift(lines) : python(lines)
  }

  private static func python(_ lines: [String]) -> [LineStart] {
    var scanner = PythonScanner()
    return lines.map { line in
      defer { scanner.read(line) }
      return scanner.start
    }
  }

  private static func swift(_ lines: [String]) -> [LineStart] {
    let source = SwiftSource(lines.joined(separator: "\n"))
    var starts = [LineStart](repeating: .statement, count: lines.count)
    var brackets = 0
    // Interpolations that are open: within one, a line begins in a string all the same.
    var strings = 0
    for token in source.tokens {
      let text = token.kind == .string || token.kind == .comment
      // The lines that begin within the token, or behind the line end that it is.
      var line = token.line
      for byte in source.bytes[token.range] where byte == 0x0A {
        guard line < starts.count else { break }
        starts[line] = text || strings > 0 ? .text : brackets > 0 ? .continuation : .statement
        line += 1
      }
      switch token.kind {
      case .string:
        if source.bytes[token.range.lowerBound] == UInt8(ascii: ")") { strings -= 1 }
        if source.bytes[token.range.upperBound - 1] == UInt8(ascii: "(") { strings += 1 }
      // Braces hold statements.
      case .punctuation where strings == 0:
        switch source.bytes[token.range.lowerBound] {
        case UInt8(ascii: "("), UInt8(ascii: "["): brackets += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): brackets = max(0, brackets - 1)
        default: break
        }
      default: break
      }
    }
    return starts
  }
}
