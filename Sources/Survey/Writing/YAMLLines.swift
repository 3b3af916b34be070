// Lines of YAML with a reason behind or above each value.

import Basics
import Foundation

/// Lines of a section, as they are written one after the other.
struct YAMLLines {
  /// Columns of a line, at most, where a comment stands behind the value.
  static let width = 120

  private(set) var lines: [String] = []

  /// A key with its value, which is YAML already, and a reason.
  mutating func add(_ key: String, _ value: String, _ reason: String? = nil, indent: Int = 1) {
    let space = String(repeating: "  ", count: indent)
    let line = space + Self.key(key) + ":" + (value.isEmpty ? "" : " " + value)
    guard let reason, !reason.isEmpty else { return lines.append(line) }
    let comment = Self.comment(reason)
    if line.count + comment.count + 4 <= Self.width {
      lines.append("\(line)  # \(comment)")
    } else {
      lines += Self.wrapped(comment, to: Self.width - space.count - 2).map { "\(space)# \($0)" }
      lines.append(line)
    }
  }

  /// Text that fits into a comment: one line, whatever a file's name holds.
  static func comment(_ text: String) -> String {
    String(
      text.unicodeScalars.map {
        $0.value < 0x20 || (0x7f...0x9f).contains($0.value) || $0.value == 0x2028
          || $0.value == 0x2029 ? " " : Character($0)
      })
  }

  static func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + word.count + 1 <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  /// A text as a YAML scalar, in quotes where it could be read as something else.
  static func text(_ text: String) -> String {
    let isPlain =
      text.first?.isLetter == true
      && text.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
            || " _-./{}*".unicodeScalars.contains($0))
      }
      && !["true", "false", "null", "yes", "no", "on", "off"].contains(text.lowercased())
      && text.last != " "
    return isPlain ? text : JSONValue.quoted(text)
  }

  /// A text within a list or section in one line, where braces and commas mean something.
  static func inline(_ text: String) -> String {
    text.contains { "{}*".contains($0) } ? JSONValue.quoted(text) : Self.text(text)
  }

  /// A text in quotes.
  static func quoted(_ text: String) -> String { JSONValue.quoted(text) }

  static func key(_ key: String) -> String {
    key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
      && key.first?.isLetter == true ? key : JSONValue.quoted(key)
  }
}
