// Swift code with its colours, as HTML; done when the page is made, so that the page needs no script.

import Scripts

/// Source as highlighted lines that cells pick from.
struct HighlightedSource {
  /// A token, or the part of it on one line, with the style of its colour.
  private struct Piece {
    var text: String
    var style: String?
    var isSpace: Bool
  }

  private let lines: [[Piece]]

  init(_ source: SwiftSource) {
    lines = source.lines.map { pieces in
      pieces.map { piece in
        Piece(
          text: source.text(piece.range), style: Self.style(piece, in: source.bytes),
          isSpace: piece.kind == .space)
      }
    }
  }

  /// The lines `numbers` (from 1), dedented together, blank lines at the ends left out.
  func html(_ numbers: [Int]) -> String {
    var picked = numbers.map { $0 >= 1 && $0 <= lines.count ? lines[$0 - 1] : [] }
    let isBlank = { (line: [Piece]) in line.allSatisfy(\.isSpace) }
    while picked.last.map(isBlank) == true { picked.removeLast() }
    picked.removeSubrange(..<(picked.firstIndex { !isBlank($0) } ?? picked.startIndex))
    let indents = picked.filter { !isBlank($0) }.map(Self.indent)
    let shared = indents.min() ?? 0
    return picked.map { isBlank($0) ? "" : Self.html($0, dropping: shared) }
      .joined(separator: "\n")
  }

  private static func indent(_ line: [Piece]) -> Int {
    guard let first = line.first else { return 0 }
    return first.text.prefix { $0 == " " || $0 == "\t" }.count
  }

  private static func html(_ line: [Piece], dropping: Int) -> String {
    var left = dropping
    return line.map { piece in
      let dropped = min(left, piece.text.count)
      left -= dropped
      let text = HTML.escape(piece.text.dropFirst(dropped))
      guard let style = piece.style, !text.isEmpty else { return text }
      return "<span class=\"\(style)\">\(text)</span>"
    }.joined()
  }

  // MARK: Colours

  private static func style(_ piece: SwiftSource.Piece, in bytes: [UInt8]) -> String? {
    switch piece.kind {
    case .comment: "hc"
    case .string: "hs"
    case .number: "hn"
    case .attribute: "ha"
    case .word: style(ofWord: piece.range, in: bytes)
    case .space, .operator, .punctuation: nil
    }
  }

  private static func style(ofWord range: Range<Int>, in bytes: [UInt8]) -> String? {
    let word = String(decoding: bytes[range], as: UTF8.self)
    if word.hasPrefix("`") { return nil }
    let isMember = range.lowerBound > 0 && bytes[range.lowerBound - 1] == UInt8(ascii: ".")
    if keywords.contains(word), !isMember || word == "self" || word == "init" { return "hk" }
    if let first = word.unicodeScalars.first(where: { $0 != "_" }), ("A"..."Z").contains(first) {
      return "ht"
    }
    let isCall = range.upperBound < bytes.count && bytes[range.upperBound] == UInt8(ascii: "(")
    return isCall ? "hf" : nil
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
