// Parts of pages for a page that is put together elsewhere, such as the live one: so that all look alike.

package import Notebook

/// What another page may take from here.
package enum Fragments {
  /// The style sheet of all pages.
  package static var style: String { Style.sheet }

  /// A display as a cell of a page shows it.
  ///
  /// - Throws: an error of the template library, which would be a mistake in this module.
  package static func html(_ display: Display) throws -> String {
    try DisplayHTML(templates: Templates.shared()).html(display)
  }

  /// A chart in two sizes, of which a style sheet shows one: for its column, and for a phone.
  package static func html(_ chart: Chart, width: Double, phone: Double) -> String {
    let data = ChartData(chart)
    var figure = ElementWriter()
    figure.element("figure", ["class": "plot"]) { figure in
      figure.leaf("div", ["class": "figure-title"], text: chart.title)
      figure.raw(ChartSVG.render(data, width: width, style: "wide"))
      figure.raw(ChartSVG.render(data, width: phone, style: "narrow"))
      let caption = ([chart.caption ?? ""] + data.notes).filter { !$0.isEmpty }
      if !caption.isEmpty { figure.leaf("figcaption", [:], text: caption.joined(separator: " ")) }
    }
    return figure.text
  }

  /// The graph of a book's stages; each leads to the element of its name in `anchors`.
  package static func graph(_ book: Book, anchors: [String]) -> String {
    StageGraph(book, anchors: anchors).html()
  }
}
