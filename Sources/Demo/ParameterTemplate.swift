// A params.yaml made from another one by replacing values, with its comments kept: how the demo's
// workspaces get theirs from the real competition's. Knows just the layout that our params.yaml has
// (block mappings, one key a line), not YAML at large.

public import Basics
import Foundation

/// Replaces values in the text of a params.yaml.
public enum ParameterTemplate {
  /// The text with each dotted key's value replaced.
  ///
  /// A key that holds a section loses what was nested below it. The comment behind a replaced value
  /// is kept.
  ///
  /// - Parameters:
  ///   - values: dotted keys with their new values as YAML, as in ("train.epochs", "4").
  /// - Throws: `DemoError` naming a key that the text doesn't have.
  public static func replacing(_ values: [(key: String, value: String)], in text: String) throws
    -> String
  {
    var wanted = Dictionary(values.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    var lines: [String] = []
    var path: [(indent: Int, key: String)] = []
    /// Lines nested deeper than this belong to a section that was replaced.
    var dropsBelow: Int?
    // To Swift, \r\n is one character.
    let old = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for line in old.map(String.init) {
      let indent = line.prefix { $0 == " " }.count
      let content = line.dropFirst(indent)
      if let limit = dropsBelow {
        // A list may stand as far left as its key.
        let isItem = indent == limit && (content == "-" || content.hasPrefix("- "))
        if content.isEmpty || indent > limit || isItem { continue }
        dropsBelow = nil
        if lines.last?.isEmpty == false, indent == 0 { lines.append("") }
      }
      guard !content.isEmpty, !content.hasPrefix("#"), let colon = colon(in: content) else {
        lines.append(line)
        continue
      }
      let key = content[..<colon].trimmingQuotes()
      path.removeAll { $0.indent >= indent }
      path.append((indent, key))
      guard let value = wanted.removeValue(forKey: path.map(\.key).joined(separator: ".")) else {
        lines.append(line)
        continue
      }
      let rest = content[content.index(after: colon)...]
      let comment = rest.range(of: "  #").map { String(rest[$0.lowerBound...]) } ?? ""
      lines.append(
        String(repeating: " ", count: indent) + content[...colon] + " " + value + comment)
      if rest[..<(rest.range(of: "#")?.lowerBound ?? rest.endIndex)].allSatisfy({ $0 == " " }) {
        dropsBelow = indent
      }
    }
    if dropsBelow != nil, lines.last?.isEmpty == false { lines.append("") }
    if let missing = wanted.keys.min() {
      throw DemoError("params.yaml has no key \(missing), which the demo sets")
    }
    return lines.joined(separator: "\n")
  }

  /// Where the key of a line ends: at the first colon outside quotes that a space or the line's end
  /// follows.
  private static func colon(in content: Substring) -> Substring.Index? {
    var quoted = false
    for index in content.indices {
      if content[index] == "\"" { quoted.toggle() }
      let next = content.index(after: index)
      if content[index] == ":", !quoted, next == content.endIndex || content[next] == " " {
        return index
      }
    }
    return nil
  }
}

extension Substring {
  fileprivate func trimmingQuotes() -> String {
    hasPrefix("\"") && hasSuffix("\"") && count > 1 ? String(dropFirst().dropLast()) : String(self)
  }
}

/// What keeps the demo from being set up, and what to do.
public struct DemoError: Failing, Sendable {
  /// What happened, where, and what to do next.
  public let description: String
  /// Running again won't help.
  public var exit: ExitCode { .badInput }

  /// An error in words for people.
  public init(_ description: String) { self.description = description }
}
