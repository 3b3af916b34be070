// What S3 storage answers, taken out of its XML.

package import Foundation
import FoundationXML

/// A page of a bucket's listing.
package struct S3Listing: Equatable {
  package var keys: [String] = []
  /// What to ask the next page with; nil on the last one.
  package var next: String?

  /// Reads a listing by the answer's XML (ListObjectsV2); nil where it is something else.
  package init?(_ xml: Data) {
    guard let root = Element(xml), root.name == "ListBucketResult" else { return nil }
    let isEncoded = root["EncodingType"]?.text == "url"
    for object in root.children where object.name == "Contents" {
      guard let key = object["Key"]?.text else { return nil }
      guard isEncoded else {
        keys.append(key)
        continue
      }
      // As in a form: a plus is a blank.
      let blanks = key.replacingOccurrences(of: "+", with: " ")
      guard let plain = blanks.removingPercentEncoding else { return nil }
      keys.append(plain)
    }
    guard root["IsTruncated"]?.text == "true" else { return }
    guard let token = root["NextContinuationToken"]?.text, !token.isEmpty else { return nil }
    next = token
  }
}

/// What storage says when it refuses. (It may also hold the key's name, what was signed, and a temporary key's
/// token; nothing of that is kept.)
package struct S3Refusal: Equatable {
  package var code: String
  /// In the server's words, one line of moderate length; empty if it says nothing.
  package var message: String
  /// The bucket's region, where it is another one than the request was signed for.
  package var region: String?

  /// Reads a refusal by the answer's XML; nil where it is something else.
  package init?(_ xml: Data) {
    guard let root = Element(xml), root.name == "Error", let code = root["Code"]?.text else {
      return nil
    }
    func line(_ name: String) -> String {
      let safe = (root[name]?.text ?? "").unicodeScalars.map {
        $0.properties.generalCategory == .control ? " " : $0
      }
      return String(String.UnicodeScalarView(safe).prefix(300))
    }
    self.code = code
    message = line("Message")
    region = root["Region"] == nil ? nil : line("Region")
  }
}

/// An element of a small document. No namespaces, attributes or entities of the document's own.
private final class Element {
  let name: String
  fileprivate(set) var text = ""
  fileprivate(set) var children: [Element] = []

  init(name: String) { self.name = name }

  /// Reads a document; nil where it isn't well-formed.
  convenience init?(_ xml: Data) {
    let parser = XMLParser(data: xml)
    let reader = Reader()
    parser.delegate = reader
    // A document that breaks off is no error to the parser.
    guard parser.parse(), reader.isComplete, let root = reader.root else { return nil }
    self.init(name: root.name)
    (text, children) = (root.text, root.children)
  }

  /// The first child of that name.
  subscript(name: String) -> Element? { children.first { $0.name == name } }

  private final class Reader: NSObject, XMLParserDelegate {
    var root: Element?
    private var open: [Element] = []
    var isComplete: Bool { open.isEmpty }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      let element = Element(name: name)
      if let parent = open.last { parent.children.append(element) } else { root = element }
      open.append(element)
      // Nothing that storage says is nested more than a few levels.
      if open.count > 16 { parser.abortParsing() }
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) { open.removeLast() }

    func parser(_ parser: XMLParser, foundCharacters text: String) { open.last?.text += text }
  }
}
