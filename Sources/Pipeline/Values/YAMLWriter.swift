// Values as YAML in block style, one leaf a line, so that a change reads well in a diff.

import Basics

extension JSONValue {
  /// The value as a YAML document, members in their order; what `YAMLDocument` reads back equal.
  var yaml: String {
    var text = ""
    switch self {
    case .object(let members) where !members.isEmpty: Self.write(members, indent: "", to: &text)
    default: text = canonical + "\n"
    }
    return text
  }

  private static func write(_ members: [Member], indent: String, to text: inout String) {
    for member in members {
      text += indent + key(member.key) + ":"
      switch member.value {
      case .object(let inner) where !inner.isEmpty:
        text += "\n"
        write(inner, indent: indent + "  ", to: &text)
      case .string(let string): text += " " + scalar(string) + "\n"
      default: text += " " + member.value.canonical + "\n"
      }
    }
  }

  private static func key(_ text: String) -> String { scalar(text) }

  /// Text without quotation marks where nothing can misread it.
  private static func scalar(_ text: String) -> String {
    let plain =
      !text.isEmpty && text.utf8.count <= 120
      && text.utf8.allSatisfy {
        switch $0 {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x2D, 0x2E, 0x2F, 0x5F, 0x40, 0x2B: true  // - . / _ @ +
        default: false
        }
      }
    let first = text.utf8.first.map { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    if plain, first == true, case .string = JSONValue(scalar: text) { return text }
    return quoted(text)
  }
}
