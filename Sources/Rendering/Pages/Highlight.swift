// Swift code with its colours, as HTML; done when the page is made, so that the page needs no script.

/// Source as highlighted lines that cells pick from.
struct HighlightedSource {
  private var lines: [[SwiftLexer.Token]] = []

  init(tokens: [SwiftLexer.Token]) {
    for token in tokens {
      while lines.count < token.line { lines.append([]) }
      if token.kind != .newline { lines[token.line - 1].append(token) }
    }
  }

  /// The lines `numbers` (from 1), dedented together, blank lines at the ends left out.
  func html(_ numbers: [Int]) -> String {
    var picked = numbers.map { $0 >= 1 && $0 <= lines.count ? lines[$0 - 1] : [] }
    let isBlank = { (line: [SwiftLexer.Token]) in line.allSatisfy { $0.kind == .space } }
    while picked.last.map(isBlank) == true { picked.removeLast() }
    picked.removeSubrange(..<(picked.firstIndex { !isBlank($0) } ?? picked.startIndex))
    let indents = picked.filter { !isBlank($0) }.map(Self.indent)
    let shared = indents.min() ?? 0
    return picked.map { isBlank($0) ? "" : Self.html($0, dropping: shared) }
      .joined(separator: "\n")
  }

  private static func indent(_ line: [SwiftLexer.Token]) -> Int {
    guard let first = line.first else { return 0 }
    return first.text.prefix { $0 == " " || $0 == "\t" }.count
  }

  private static func html(_ line: [SwiftLexer.Token], dropping: Int) -> String {
    var left = dropping
    return line.map { token in
      let dropped = min(left, token.text.count)
      left -= dropped
      let text = HTML.escape(token.text.dropFirst(dropped))
      guard let style = style(token.kind), !text.isEmpty else { return text }
      return "<span class=\"\(style)\">\(text)</span>"
    }.joined()
  }

  private static func style(_ kind: SwiftLexer.Kind) -> String? {
    switch kind {
    case .comment: "hc"
    case .string: "hs"
    case .number: "hn"
    case .keyword: "hk"
    case .type: "ht"
    case .attribute: "ha"
    case .call: "hf"
    case .space, .newline, .identifier, .symbol: nil
    }
  }
}
