// What a source file contributes to code identity: a digest that comments and layout don't change, and
// the modules that the file imports.

import Hashing
import Scripts

/// One source file, read for its identity.
package struct SourceText: Sendable, Equatable {
  /// Digest of what the compiler can tell apart.
  package var digest: String
  /// Modules imported (Swift), or names of headers included (C).
  package var imports: Set<String>

  /// Reads Swift source.
  package static func swift(_ bytes: [UInt8]) -> SourceText {
    let source = SwiftSource(bytes)
    guard source.isCertain else {
      return SourceText(digest: "raw " + Digest.hex(of: bytes), imports: importLines(bytes))
    }
    let tokens = source.code
    let digest = Digest()
    for token in tokens { add(token, of: bytes, to: digest) }
    return SourceText(digest: digest.hex(), imports: imports(tokens, bytes))
  }

  /// Adds what counts of a token.
  static func add(_ token: SwiftSource.Token, of bytes: [UInt8], to digest: Digest) {
    var flags: [UInt8] = [
      1, (token.newlineBefore ? 1 : 0) | (token.spaceBefore ? 2 : 0) | (token.spaceAfter ? 4 : 0),
    ]
    withUnsafeBytes(of: UInt32(token.range.count).littleEndian) { flags += $0 }
    flags.withUnsafeBytes { digest.update($0) }
    bytes.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[token.range])) }
  }

  /// Reads C source or a module map: comments go, runs of space become one, empty lines vanish.
  package static func c(_ bytes: [UInt8]) -> SourceText {
    let text = CText.withoutComments(bytes)
    return SourceText(
      digest: text.map { Digest.hex(of: $0) } ?? "raw " + Digest.hex(of: bytes),
      imports: CText.headers(text ?? bytes))
  }

  private static let kinds: Set<String> = [
    "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor", "macro",
  ]

  /// `import` is a reserved word, so every such token imports, whatever attributes, access level or
  /// `#if` stand around it; but not behind a dot, where it is a member.
  private static func imports(_ tokens: [SwiftSource.Token], _ bytes: [UInt8]) -> Set<String> {
    func text(_ index: Int) -> String {
      index >= 0 && index < tokens.count
        ? String(decoding: bytes[tokens[index].range], as: UTF8.self) : ""
    }
    var found: Set<String> = []
    for index in tokens.indices
    where tokens[index].range.count == 6 && text(index) == "import" && text(index - 1) != "." {
      let next = text(index + 1)
      let isKind =
        kinds.contains(next) && index + 2 < tokens.count && !tokens[index + 2].newlineBefore
      found.insert((isKind ? text(index + 2) : next).filter { $0 != "`" })
    }
    return found
  }

  /// The same from lines, for a file that can't be cut into tokens; it may find too much, never too little.
  private static func importLines(_ bytes: [UInt8]) -> Set<String> {
    var found: Set<String> = []
    for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D || $0 == UInt8(ascii: ";") })
    {
      let words = String(decoding: line, as: UTF8.self)
        .split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") })
      guard let index = words.firstIndex(of: "import") else { continue }
      found.formUnion(words[(index + 1)...].prefix(2).map(String.init))
    }
    return found
  }
}

/// C source as far as code identity needs it.
private enum CText {
  /// The text without comments and needless space; nil where a literal or comment never ends.
  static func withoutComments(_ bytes: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var index = 0
    func byte(_ offset: Int) -> UInt8? {
      index + offset < bytes.count ? bytes[index + offset] : nil
    }
    func space() {
      if let last = result.last, last != 0x20, last != 0x0A { result.append(0x20) }
    }
    while let next = byte(0) {
      switch next {
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
        while let next = byte(0), next != 0x0A {
          // A backslash at its end would carry the comment over to the next line.
          if next == UInt8(ascii: "\\"), isLastOfLine(bytes, index) { return nil }
          index += 1
        }
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
        index += 2
        while byte(0) != UInt8(ascii: "*") || byte(1) != UInt8(ascii: "/") {
          guard byte(0) != nil else { return nil }
          index += 1
        }
        index += 2
        space()
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        let start = index
        index += 1
        while let inner = byte(0), inner != next {
          guard inner != 0x0A else { return nil }
          index += inner == UInt8(ascii: "\\") ? 2 : 1
        }
        guard byte(0) != nil else { return nil }
        index += 1
        result += bytes[start..<index]
      case 0x0A:
        if result.last == 0x20 { result.removeLast() }
        if let last = result.last, last != 0x0A { result.append(0x0A) }
        index += 1
      case 0x20, 0x09, 0x0B, 0x0C, 0x0D:
        space()
        index += 1
      default:
        result.append(next)
        index += 1
      }
    }
    while let last = result.last, last == 0x20 || last == 0x0A { result.removeLast() }
    return result
  }

  /// Whether only space follows in the line.
  private static func isLastOfLine(_ bytes: [UInt8], _ index: Int) -> Bool {
    let next = bytes[(index + 1)...].first { ![0x20, 0x09, 0x0B, 0x0C, 0x0D].contains($0) }
    return next == nil || next == 0x0A
  }

  /// Names of the headers included, or named by a module map, without folders.
  static func headers(_ bytes: [UInt8]) -> Set<String> {
    var found: Set<String> = []
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    where line.contains("include") || line.contains("import") || line.contains("header") {
      let parts = line.split(omittingEmptySubsequences: false) {
        $0 == "\"" || $0 == "<" || $0 == ">"
      }
      if parts.count > 1, let name = parts[1].split(separator: "/").last {
        found.insert(String(name))
      }
    }
    return found
  }
}
