// Prose: CommonMark to HTML by libcmark, raw HTML and unsafe links left out, nothing loaded from elsewhere.

private import CCMark
import Foundation

/// Prose as HTML, with its headings for the table of contents.
struct Markdown {
  struct Heading {
    var level: Int
    var text: String
    var id: String
  }

  private(set) var html = ""
  private(set) var headings: [Heading] = []
  /// The first level-one heading, where it was taken out for the page's title.
  private(set) var title: String?

  /// - Parameters:
  ///   - level: the level that a `#` heading becomes.
  ///   - takesTitle: the first `#` heading is kept apart instead of being set.
  ///   - id: gives a heading's text an id that the page has not used yet.
  init(_ text: String, level: Int = 2, takesTitle: Bool = false, id: (String) -> String) {
    guard let document = Document(text) else { return }
    document.replaceRemoteImages()
    for block in document.blocks {
      guard cmark_node_get_type(block) == CMARK_NODE_HEADING else {
        html += document.html(block)
        continue
      }
      let words = document.plainText(block)
      let own = Int(cmark_node_get_heading_level(block))
      if takesTitle, title == nil, headings.isEmpty, own == 1 {
        title = words
        continue
      }
      // "#" and "##" are both sections: the page has one title already.
      let shown = min(6, max(level, own + level - 2))
      cmark_node_set_heading_level(block, Int32(shown))
      let heading = Heading(level: shown, text: words, id: id(words))
      headings.append(heading)
      let set = document.html(block)
      html += "<h\(shown) id=\"\(HTML.escape(heading.id))\"" + set.dropFirst(3)
    }
  }
}

/// A parsed document: the owner of its nodes.
private final class Document {
  private let root: OpaquePointer

  init?(_ text: String) {
    var text = text
    let parsed = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        cmark_parse_document($0.baseAddress, $0.count, CMARK_OPT_DEFAULT)
      }
    }
    guard let parsed else { return nil }
    root = parsed
  }

  deinit { cmark_node_free(root) }

  /// The blocks of the document's first level; they live as long as the document.
  var blocks: [OpaquePointer] {
    var blocks: [OpaquePointer] = []
    var next = cmark_node_first_child(root)
    while let block = next {
      blocks.append(block)
      next = cmark_node_next(block)
    }
    return blocks
  }

  /// A block as HTML. Raw HTML and links such as `javascript:` are left out by libcmark's safe mode.
  func html(_ block: OpaquePointer) -> String {
    guard let text = cmark_render_html(block, CMARK_OPT_DEFAULT) else { return "" }
    defer { free(text) }
    return String(cString: text)
  }

  /// The text below a node without its marks.
  func plainText(_ node: OpaquePointer) -> String {
    var text = ""
    walk(node) { node in
      switch cmark_node_get_type(node) {
      case CMARK_NODE_TEXT, CMARK_NODE_CODE:
        if let literal = cmark_node_get_literal(node) { text += String(cString: literal) }
      case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK: text += " "
      default: break
      }
    }
    return text
  }

  /// Makes links of images that lie elsewhere, since a page loads nothing.
  func replaceRemoteImages() {
    var images: [OpaquePointer] = []
    walk(root) { if cmark_node_get_type($0) == CMARK_NODE_IMAGE { images.append($0) } }
    for image in images {
      let url = cmark_node_get_url(image).map { String(cString: $0) } ?? ""
      guard !url.lowercased().hasPrefix("data:image/"), let link = cmark_node_new(CMARK_NODE_LINK)
      else { continue }
      cmark_node_set_url(link, url)
      while let child = cmark_node_first_child(image) { cmark_node_append_child(link, child) }
      if cmark_node_first_child(link) == nil, let text = cmark_node_new(CMARK_NODE_TEXT) {
        cmark_node_set_literal(text, url)
        cmark_node_append_child(link, text)
      }
      cmark_node_replace(image, link)
      cmark_node_free(image)
    }
  }

  private func walk(_ node: OpaquePointer, _ visit: (OpaquePointer) -> Void) {
    guard let iterator = cmark_iter_new(node) else { return }
    defer { cmark_iter_free(iterator) }
    while true {
      let event = cmark_iter_next(iterator)
      if event == CMARK_EVENT_DONE { return }
      if event == CMARK_EVENT_ENTER, let node = cmark_iter_get_node(iterator) { visit(node) }
    }
  }
}
