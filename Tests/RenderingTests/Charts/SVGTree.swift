// Parses markup with an XML parser, as a check that it is well formed and to look into it.

import Foundation
import FoundationXML

/// Elements of a parsed document, in order.
struct SVGTree {
  struct Element {
    var name: String
    var attributes: [String: String]
    var text = ""
    /// The element within which it stands.
    var parent: Int?
  }

  private(set) var elements: [Element] = []
  /// Why the text is not well-formed XML; nil where it is.
  private(set) var problem: String?

  init(_ text: String) {
    let reader = Reader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    if !parser.parse() {
      problem = "\(parser.parserError.map { "\($0)" } ?? "?") at line \(parser.lineNumber)"
    }
    elements = reader.elements
  }

  /// Elements by name and, where given, by class.
  func all(_ name: String, class style: String? = nil) -> [Element] {
    elements.filter { element in
      element.name == name
        && (style == nil
          || element.attributes["class"]?.split(separator: " ").contains(Substring(style ?? ""))
            == true)
    }
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var elements: [Element] = []
    var open: [Int] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      elements.append(Element(name: name, attributes: attributes, parent: open.last))
      open.append(elements.count - 1)
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
      open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
      for index in open { elements[index].text += string }
    }
  }
}
