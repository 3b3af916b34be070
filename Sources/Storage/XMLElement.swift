// The part of XML that storage answers with, read from bytes that nobody vouches for: a proxy or a login page
// may have answered instead. Foundation's parser can be made to end the process by a few bytes of them.

package import Foundation

/// An element of a small document. No namespaces, and no entities of the document's own: a document type is
/// refused, attributes are passed over.
package final class XMLElement {
  package let name: String
  /// Of the element itself, not of its children.
  package fileprivate(set) var text = ""
  package fileprivate(set) var children: [XMLElement] = []

  fileprivate init(name: String) { self.name = name }

  /// The first child of that name.
  package subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

  /// Nothing that storage says is nested more than a few levels.
  fileprivate static let mostLevels = 16

  /// Whether a document may hold a character (the specification's Char).
  fileprivate static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x20 && scalar.value & 0xFFFE != 0xFFFE
      || [0x9, 0xA, 0xD].contains(scalar.value)
  }

  /// Reads a document in UTF-8 (https://www.w3.org/TR/xml/); nil where it isn't well-formed.
  package static func read(_ xml: Data) -> XMLElement? {
    guard let text = String(validating: xml, as: UTF8.self),
      text.unicodeScalars.allSatisfy(isAllowed)
    else { return nil }
    var reader = XMLReader(text)
    return reader.document()
  }
}

/// Goes through a document once, from its start to its end.
private struct XMLReader {
  private var rest: Substring.UTF8View

  init(_ text: String) {
    rest = text[...].utf8
    _ = skip("\u{FEFF}")
  }

  mutating func document() -> XMLElement? {
    var open: [XMLElement] = []
    var root: XMLElement?
    while let byte = rest.first {
      if byte != UInt8(ascii: "<") {
        guard let found = characters() else { return nil }
        if let element = open.last {
          element.text += found
        } else if !found.allSatisfy(\.isWhitespace) {
          return nil
        }
      } else if skip("<?") {
        guard pass("?>") != nil else { return nil }
      } else if skip("<!--") {
        guard pass("-->") != nil else { return nil }
      } else if skip("<![CDATA[") {
        guard let element = open.last, let found = pass("]]>") else { return nil }
        element.text += found
      } else if skip("</") {
        guard let name = name(), spaces(), skip(">"), open.popLast()?.name == name else {
          return nil
        }
      } else if skip("<") {
        guard open.count < XMLElement.mostLevels, !(open.isEmpty && root != nil),
          let name = name(), let isEmpty = restOfTag()
        else { return nil }
        let element = XMLElement(name: name)
        if let parent = open.last { parent.children.append(element) } else { root = element }
        if !isEmpty { open.append(element) }
      }
    }
    // A document that breaks off is none.
    return open.isEmpty ? root : nil
  }

  private mutating func skip(_ token: String) -> Bool {
    guard rest.starts(with: token.utf8) else { return false }
    rest = rest.dropFirst(token.utf8.count)
    return true
  }

  /// Text up to a token, which is passed; nil where it doesn't come.
  private mutating func pass(_ token: String) -> String? {
    let start = rest
    while !rest.isEmpty {
      let end = rest.startIndex
      if skip(token) { return String(Substring(start[..<end])) }
      rest = rest.dropFirst()
    }
    return nil
  }

  @discardableResult
  private mutating func spaces() -> Bool {
    rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return true
  }

  private mutating func name() -> String? {
    let name = rest.prefix { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
        true
      default: "_:.-".utf8.contains(byte)
      }
    }
    rest = rest[name.endIndex...]
    return name.isEmpty ? nil : String(Substring(name))
  }

  /// Passes attributes and the end of a tag; whether the element is empty, nil where the tag isn't well-formed.
  private mutating func restOfTag() -> Bool? {
    while true {
      spaces()
      if skip("/>") { return true }
      if skip(">") { return false }
      guard name() != nil, spaces(), skip("="), spaces() else { return nil }
      guard skip("\"") ? pass("\"") != nil : skip("'") && pass("'") != nil else { return nil }
    }
  }

  /// Text up to the next tag, with references to characters in it.
  private mutating func characters() -> String? {
    var found = ""
    while let byte = rest.first, byte != UInt8(ascii: "<") {
      if byte == UInt8(ascii: "&") {
        rest = rest.dropFirst()
        // The longest is &#x10FFFF;
        let name = rest.prefix(9).prefix { $0 != UInt8(ascii: ";") }
        rest = rest[name.endIndex...]
        guard skip(";"), let scalar = Self.scalar(String(Substring(name))) else { return nil }
        found.unicodeScalars.append(scalar)
      } else {
        let plain = rest.prefix { $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: "&") }
        rest = rest[plain.endIndex...]
        found += String(Substring(plain))
      }
    }
    return found
  }

  private static func scalar(_ name: String) -> Unicode.Scalar? {
    switch name {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default: break
    }
    let number =
      name.hasPrefix("#x")
      ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
    return number.flatMap(Unicode.Scalar.init).flatMap { XMLElement.isAllowed($0) ? $0 : nil }
  }
}
