// The text of a params.yaml in which some values are replaced, while all other lines keep their text and
// comments. It knows the layout that our params.yaml has (block mappings, a key a line), not YAML at large.

import Basics
import Foundation

/// The lines of a params.yaml.
public struct ParameterText: Sendable {
  /// What the comment of a reason begins with, so that the next one replaces it.
  private static let mark = "init: "

  private var lines: [String]

  /// Takes a text apart.
  public init(_ text: String) {
    // To Swift, \r\n is one character.
    lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(
      String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
  }

  /// The whole text.
  public var text: String { lines.joined(separator: "\n") + "\n" }

  /// Puts a section in the place of the one of the same name, comments above it kept; at the end where there is
  /// none.
  public mutating func replaceSection(_ name: String, by new: [String]) {
    guard let range = range(of: name, in: 0..<lines.count, indent: 0) else {
      lines += [""] + new
      return
    }
    lines.replaceSubrange(range, with: new)
  }

  /// Sets a key of a section, both at the left edge of their levels, with a reason above it. What is behind the
  /// old value as a comment stays there.
  ///
  /// - Parameter nested: lines of a section that is the value, indented; nil where the value is in one line.
  /// - Throws: `InputError` where the section is written in a line, which isn't understood.
  public mutating func set(
    _ section: String, _ key: String, to value: String, nested: [String] = [], reason: String?
  ) throws {
    if range(of: section, in: 0..<lines.count, indent: 0) == nil {
      lines += ["", "\(section):"]
    }
    guard let whole = range(of: section, in: 0..<lines.count, indent: 0) else { return }
    let head = lines[whole.lowerBound].dropFirst(section.count + 1).prefix { $0 != "#" }
    guard head.allSatisfy({ $0 == " " }) else {
      throw InputError(
        "params.yaml:\(whole.lowerBound + 1): the section \(section) is written in one line, in which no key can "
          + "be set; write its keys a line each")
    }
    let body = (whole.lowerBound + 1)..<whole.upperBound
    var comments: [String] = []
    if let reason {
      comments = YAMLLines.wrapped(Self.mark + YAMLLines.comment(reason), to: YAMLLines.width - 4)
        .map { "  # \($0)" }
    }
    guard let old = range(of: key, in: body, indent: 2) else {
      lines.insert(contentsOf: comments + ["  \(key): \(value)"] + nested, at: whole.upperBound)
      return
    }
    var first = old.lowerBound
    // A reason of before, which may have several lines.
    var above = first - 1
    while above > whole.lowerBound, lines[above].hasPrefix("  # ") {
      if lines[above].hasPrefix("  # \(Self.mark)") {
        first = above
        break
      }
      above -= 1
    }
    let behind = Self.comment(behind: lines[old.lowerBound])
    let line =
      "  \(key):" + (value.isEmpty ? "" : " \(value)") + (behind.isEmpty ? "" : "  \(behind)")
    lines.replaceSubrange(first..<old.upperBound, with: comments + [line] + nested)
  }

  /// Sets a key that stands at the left edge and has its value behind it; what is behind that as a comment stays.
  public mutating func set(_ key: String, to value: String) {
    guard let old = range(of: key, in: 0..<lines.count, indent: 0) else {
      lines.append("\(key): \(value)")
      return
    }
    let behind = Self.comment(behind: lines[old.lowerBound])
    lines.replaceSubrange(
      old, with: ["\(key): \(value)" + (behind.isEmpty ? "" : "  \(behind)")])
  }

  /// Whether a section has a key.
  public func has(_ section: String, _ key: String) -> Bool {
    guard let whole = range(of: section, in: 0..<lines.count, indent: 0) else { return false }
    return range(of: key, in: (whole.lowerBound + 1)..<whole.upperBound, indent: 2) != nil
  }

  /// The lines of a key and what is nested below it, without blank lines and comments behind that.
  private func range(of key: String, in range: Range<Int>, indent: Int) -> Range<Int>? {
    let space = String(repeating: " ", count: indent)
    guard
      let first = range.first(where: { index in
        let line = lines[index]
        return line.hasPrefix(space + key + ":") || line.hasPrefix(space + "\"\(key)\":")
      })
    else { return nil }
    var end = first + 1
    var last = first + 1
    while end < range.upperBound {
      let line = lines[end]
      let depth = line.prefix { $0 == " " }.count
      let isBlank = line.allSatisfy { $0 == " " }
      // A list may stand as far left as its key.
      guard isBlank || depth > indent || depth == indent && line.dropFirst(depth).hasPrefix("- ")
      else {
        break
      }
      end += 1
      if !isBlank { last = end }
    }
    return first..<last
  }

  /// The comment behind a value, with its sign; empty where there is none.
  private static func comment(behind line: String) -> String {
    var quote: Character?
    var before: Character = " "
    for index in line.indices {
      let character = line[index]
      if let open = quote {
        if character == open, before != "\\" { quote = nil }
      } else if character == "\"" || character == "'" && " [{,:".contains(before) {
        quote = character
      } else if character == "#", before == " " {
        return String(line[index...])
      }
      before = character
    }
    return ""
  }
}
