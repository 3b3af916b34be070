// Escaping, and a small writer for elements. The only way by which text gets into markup.

/// Text made fit for HTML and XML.
package enum HTML {
  /// `text` with the characters that mean something in markup replaced, and those that XML forbids
  /// shown as U+FFFD; safe in content and in quoted attributes.
  package static func escape(_ text: some StringProtocol) -> String {
    // Most texts need nothing, among them pictures of 100,000 characters.
    let isPlain = text.utf8.allSatisfy { byte in
      byte >= 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x26 && byte != 0x27 && byte != 0x3C
        && byte != 0x3E
    }
    guard !isPlain else { return String(text) }
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
      case "\u{0}"..<"\u{20}", "\u{7F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// Writes elements one after the other; attribute values and text are escaped.
struct ElementWriter {
  private(set) var text = ""

  typealias Attributes = KeyValuePairs<String, String>

  /// An element with nothing in it.
  mutating func leaf(_ name: String, _ attributes: Attributes) {
    start(name, attributes)
    text += "/>"
  }

  /// An element that holds text.
  mutating func leaf(_ name: String, _ attributes: Attributes, text content: String) {
    start(name, attributes)
    text += ">" + HTML.escape(content) + "</\(name)>"
  }

  /// An element around what `body` writes.
  mutating func element(
    _ name: String, _ attributes: Attributes, _ body: (inout ElementWriter) -> Void
  ) {
    start(name, attributes)
    text += ">"
    body(&self)
    text += "</\(name)>"
  }

  /// Markup that another writer made.
  mutating func raw(_ markup: String) { text += markup }

  private mutating func start(_ name: String, _ attributes: Attributes) {
    text += "<" + name
    for (key, value) in attributes { text += " \(key)=\"\(HTML.escape(value))\"" }
  }
}
