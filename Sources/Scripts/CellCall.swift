// Where the cells of a Swift script begin: at the calls of `cell`.

/// A call `cell("…")` that begins a cell. It stands first on its line.
package struct CellCall: Sendable, Equatable {
  /// The title as it stands in the source, without its quotation marks; the argument where it is no literal.
  package var title: String
  /// The line, from 1.
  package var line: Int
  /// Which token of the source's code the word `cell` is.
  package var index: Int

  /// The calls in a source, given its tokens of code.
  package static func all(in source: SwiftSource, code: [SwiftSource.Token]) -> [CellCall] {
    code.indices.compactMap { index in
      guard isCall(index, source, code) else { return nil }
      return CellCall(
        title: title(from: index + 2, source, code), line: code[index].line, index: index)
    }
  }

  private static func isCall(
    _ index: Int, _ source: SwiftSource, _ code: [SwiftSource.Token]
  ) -> Bool {
    let word = code[index]
    guard word.newlineBefore, word.kind == .word, word.range.count == 4, index + 1 < code.count,
      // The bracket stands right behind the word, as it does in every call.
      code[index + 1].range.lowerBound == word.range.upperBound,
      source.text(code[index + 1].range) == "(", source.text(word.range) == "cell"
    else { return false }
    let before = index > 0 ? source.text(code[index - 1].range) : ""
    return before != "." && before != "func"
  }

  /// The first argument's text; empty where the call never ends.
  private static func title(
    from first: Int, _ source: SwiftSource, _ code: [SwiftSource.Token]
  ) -> String {
    var brackets = 0
    var literals = 0
    for index in first..<max(first, code.count) {
      let text = source.text(code[index].range)
      switch code[index].kind {
      case .string:
        // Between the pieces of a string lies an interpolation.
        if text.hasPrefix(")") {
          brackets -= 1
        } else if brackets == 0 {
          literals += 1
        }
        if text.hasSuffix("(") { brackets += 1 }
      case .punctuation where ["(", "[", "{"].contains(text): brackets += 1
      case .punctuation where brackets == 0 && [")", ","].contains(text):
        guard index > first else { return "" }
        let range = code[first].range.lowerBound..<code[index - 1].range.upperBound
        let ends = code[first].kind == .string && code[index - 1].kind == .string
        return ends && literals == 1 ? unquoted(source.text(range)) : source.text(range)
      case .punctuation where [")", "]", "}"].contains(text): brackets -= 1
      default: break
      }
    }
    return ""
  }

  /// A literal's text between its quotation marks.
  private static func unquoted(_ literal: String) -> String {
    let hashes = literal.prefix { $0 == "#" }.count
    let marks = hashes + (literal.dropFirst(hashes).hasPrefix("\"\"\"") ? 3 : 1)
    return String(literal.dropFirst(marks).dropLast(marks))
  }
}
